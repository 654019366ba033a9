#include "vm/run/callee_number.h"

#include <cstddef>

namespace relux::run {

std::int64_t callee_number(const exec::LinkedModule& caller, std::uint32_t reference) {
    return std::int64_t{caller.number + 1} << 32 | reference;
}

std::vector<std::string_view> callee_parameters(const exec::Program& program, std::int64_t number) {
    std::vector<std::string_view> names;
    if (number == 0) return names;
    const auto& caller = *program.modules()[static_cast<std::size_t>((number >> 32) - 1)];
    const auto& target = caller.functions[static_cast<std::size_t>(number & 0xffffffff)];
    for (const auto name : target.function->parameters)
        names.push_back(target.module->string(name));
    return names;
}

}  // namespace relux::run
