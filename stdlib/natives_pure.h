// The functions behind the Pure rows of natives.def, one per row. Each may rely on the number of its
// arguments being within the row's range, and reports what is wrong with them as "name: what, and the way
// out".
#pragma once

#include "vm/exec/host.h"
#include "vm/exec/natives.h"

namespace relux::exec {

#define RELUX_DECLARE_Pure(function) NativeResult native_##function(NativeCall& call);
#define RELUX_DECLARE_Constant(function) RELUX_DECLARE_Pure(function)
#define RELUX_DECLARE_Shell(function)
#define NATIVE(function, name, minimum_arity, maximum_arity, kind, doc) RELUX_DECLARE_##kind(function)
#include "stdlib/natives.def"
#undef NATIVE
#undef RELUX_DECLARE_Pure
#undef RELUX_DECLARE_Constant
#undef RELUX_DECLARE_Shell

/// A number as the language writes it: decimal digits only, at least one. Numbers past `limit` give `limit`.
/// False when `text` is not one.
bool parse_number(std::string_view text, std::size_t limit, std::size_t& number);

}  // namespace relux::exec
