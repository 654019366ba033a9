// The table of built-ins, expanded from stdlib/natives.def, and the look-up by name and arity.
#include "vm/exec/natives.h"

#include "stdlib/natives_pure.h"

namespace relux::exec {

namespace {

// A row of kind Shell has no function: the two macros pick one or none by the row's kind.
#define RELUX_NATIVE_FUNCTION_Pure(function) &native_##function
#define RELUX_NATIVE_FUNCTION_Constant(function) &native_##function
#define RELUX_NATIVE_FUNCTION_Shell(function) nullptr
#define RELUX_NATIVE_KIND_Pure NativeKind::Pure, false
#define RELUX_NATIVE_KIND_Constant NativeKind::Pure, true
#define RELUX_NATIVE_KIND_Shell NativeKind::Shell, false

constexpr Native kNatives[] = {
#define NATIVE(function, name, minimum_arity, maximum_arity, kind, doc) \
    {NativeId::function,                                                \
     name,                                                              \
     minimum_arity,                                                     \
     maximum_arity,                                                     \
     RELUX_NATIVE_KIND_##kind,                                          \
     doc,                                                               \
     RELUX_NATIVE_FUNCTION_##kind(function)},
#include "stdlib/natives.def"
#undef NATIVE
};

#undef RELUX_NATIVE_FUNCTION_Pure
#undef RELUX_NATIVE_FUNCTION_Constant
#undef RELUX_NATIVE_FUNCTION_Shell
#undef RELUX_NATIVE_KIND_Pure
#undef RELUX_NATIVE_KIND_Constant
#undef RELUX_NATIVE_KIND_Shell

}  // namespace

std::span<const Native> natives() {
    return kNatives;
}

const Native* find_native(std::string_view name, int arity) {
    for (const auto& native : kNatives) {
        if (native.name == name && native.minimum_arity <= arity && arity <= native.maximum_arity)
            return &native;
    }
    return nullptr;
}

}  // namespace relux::exec
