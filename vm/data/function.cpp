#include "vm/data/function.h"

#include <algorithm>
#include <array>
#include <string>

#include "vm/base/text.h"
#include "vm/data/call.h"

namespace relux::data {

namespace {

constexpr std::array kFunctions{
#define FUNCTION(identifier, name, minimum, maximum, doc) \
    Function{FunctionId::identifier, name, minimum, maximum, doc, &function_##identifier},
#include "vm/data/functions.def"
#undef FUNCTION
};

std::string arguments_text(int count) {
    return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

std::string expected_count(const Function& called) {
    if (called.maximum_arity == Function::kAnyNumber)
        return "at least " + arguments_text(called.minimum_arity);
    if (called.minimum_arity == called.maximum_arity) return arguments_text(called.minimum_arity);
    return std::to_string(called.minimum_arity) + " to " + arguments_text(called.maximum_arity);
}

}  // namespace

bool Function::takes(std::size_t count) const {
    return count >= static_cast<std::size_t>(minimum_arity) &&
           (maximum_arity == kAnyNumber || count <= static_cast<std::size_t>(maximum_arity));
}

std::span<const Function> functions() {
    return kFunctions;
}

const Function& function(FunctionId id) {
    return kFunctions[static_cast<std::size_t>(id)];
}

const Function* find_function(std::string_view name) {
    auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                              [name](const Function& candidate) { return candidate.name == name; });
    return found == kFunctions.end() ? nullptr : &*found;
}

std::string_view nearest_function(std::string_view name) {
    std::array<std::string_view, kFunctions.size()> names;
    std::transform(kFunctions.begin(), kFunctions.end(), names.begin(),
                   [](const Function& candidate) { return candidate.name; });
    return nearest_name(name, names);
}

Result<Json> call_function(FunctionId id, std::span<const Json> arguments, Context& context) {
    const auto& called = function(id);
    Call call(called, arguments, context);
    if (!called.takes(arguments.size())) {
        return call.failure("takes " + expected_count(called) + ", got " + std::to_string(arguments.size()));
    }
    return call.finish(called.implementation(call));
}

}  // namespace relux::data
