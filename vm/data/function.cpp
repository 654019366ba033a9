#include "vm/data/function.h"

#include <string>

#include "vm/data/call.h"

namespace relux::data {

namespace {

constexpr Function kFunctions[] = {
#define FUNCTION(identifier, ...) {FunctionId::identifier, &function_##identifier},
#include "vm/value/functions.def"
#undef FUNCTION
};

}  // namespace

const Function* find_function(std::string_view name) {
    const auto* row = value::find_function(name);
    return row == nullptr ? nullptr : &kFunctions[static_cast<std::size_t>(row->id)];
}

Result<Json> call_function(FunctionId id, std::span<const Json> arguments, Context& context) {
    const auto& called = value::function(id);
    Call call(called, arguments, context);
    if (!called.takes(arguments.size())) {
        return call.failure("takes " + called.arity_text() + ", got " + std::to_string(arguments.size()));
    }
    return call.finish(kFunctions[static_cast<std::size_t>(id)].implementation(call));
}

}  // namespace relux::data
