#include "vm/value/function.h"

#include <algorithm>
#include <array>

namespace relux::value {

namespace {

constexpr std::array kFunctions{
#define FUNCTION(identifier, name, minimum, maximum, doc) \
    Function{FunctionId::identifier, name, minimum, maximum, doc},
#include "vm/value/functions.def"
#undef FUNCTION
};

constexpr std::array kNames{
#define FUNCTION(identifier, name, minimum, maximum, doc) std::string_view(name),
#include "vm/value/functions.def"
#undef FUNCTION
};

std::string arguments_text(int count) {
    return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

}  // namespace

bool Function::takes(std::size_t count) const {
    return count >= static_cast<std::size_t>(minimum_arity) &&
           (maximum_arity == kAnyNumber || count <= static_cast<std::size_t>(maximum_arity));
}

std::string Function::arity_text() const {
    if (maximum_arity == kAnyNumber) return "at least " + arguments_text(minimum_arity);
    if (maximum_arity == 0) return "no arguments";
    if (minimum_arity == maximum_arity) return arguments_text(minimum_arity);
    return std::to_string(minimum_arity) + " to " + arguments_text(maximum_arity);
}

std::span<const Function> functions() {
    return kFunctions;
}

const Function& function(FunctionId id) {
    return kFunctions[static_cast<std::size_t>(id)];
}

const Function* find_function(std::string_view name) {
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    return found == kNames.end() ? nullptr : &kFunctions[static_cast<std::size_t>(found - kNames.begin())];
}

std::span<const std::string_view> function_names() {
    return kNames;
}

}  // namespace relux::value
