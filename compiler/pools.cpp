#include "compiler/pools.h"

#include <utility>

namespace relux::compiler {
namespace {

template <class Table>
std::uint32_t next_index(const Table& table) {
    return static_cast<std::uint32_t>(table.size());
}

}  // namespace

std::uint32_t Pools::string(std::string_view text) {
    const auto [index, added] = strings_.try_emplace(text, next_index(module_.strings));
    if (added) module_.strings.emplace_back(text);
    return *index;
}

std::uint32_t Pools::pattern(std::string_view text) {
    const auto [index, added] = patterns_.try_emplace(text, next_index(module_.patterns));
    if (added) module_.patterns.emplace_back(text);
    return *index;
}

std::uint32_t Pools::duration(std::int64_t nanoseconds) {
    auto [it, added] = durations_.emplace(nanoseconds, next_index(module_.durations));
    if (added) module_.durations.push_back(nanoseconds);
    return it->second;
}

std::uint32_t Pools::module_name(const frontend::LoadedModule* module) {
    return module == &source_ ? bytecode::kNone : string(module->name);
}

std::uint32_t Pools::function_ref(const frontend::FunctionSymbol& function) {
    const frontend::FunctionSyntax& syntax = function.syntax();
    const auto [index, added] = functions_.try_emplace(&syntax, next_index(module_.function_refs));
    if (added) {
        module_.function_refs.push_back({module_name(function.module), string(syntax.name.text),
                                         static_cast<std::uint16_t>(syntax.parameters.size())});
    }
    return *index;
}

std::uint32_t Pools::effect_ref(const frontend::EffectSymbol& effect) {
    const frontend::EffectSyntax& syntax = effect.syntax();
    const auto [index, added] = effects_.try_emplace(&syntax, next_index(module_.effect_refs));
    if (added) module_.effect_refs.push_back({module_name(effect.module), string(syntax.name.text)});
    return *index;
}

std::uint32_t Pools::native_ref(std::string_view name, std::size_t arity) {
    auto [it, added] = natives_.emplace(std::pair(name, arity), next_index(module_.native_refs));
    if (added) module_.native_refs.push_back({string(name), static_cast<std::uint16_t>(arity)});
    return it->second;
}

}  // namespace relux::compiler
