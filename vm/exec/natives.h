// Built-in functions: the table that stdlib/natives.def declares. The compiler reads names, arities and
// purity; the machine calls them.
//
//   NATIVE(function, "name", minimum_arity, maximum_arity, kind, "one-line doc")
//
// kind Pure: `NativeResult native_<function>(NativeCall&)`, runs in the interpreter.
// kind Constant: the same, and its value is decided by its arguments alone, on every machine: the compiler
// may call it. Not for sha1, which a system's policy may forbid. kind Shell: no C++ function here; the
// interpreter leaves with exits::ShellCall and the shell's coroutine does it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "vm/base/result.h"
#include "vm/exec/value.h"

namespace relux::exec {

class Host;

enum class NativeKind : std::uint8_t { Pure, Shell };

/// Which one: the rows of natives.def in order.
enum class NativeId : std::uint8_t {
#define NATIVE(function, name, minimum_arity, maximum_arity, kind, doc) function,
#include "stdlib/natives.def"
#undef NATIVE
};

struct NativeCall {
    std::span<const Value> arguments;
    Host& host;
};

/// The value, or what is wrong with the arguments: "split: index `x` is not a number".
using NativeResult = Result<Value>;

struct Native {
    NativeId id;
    std::string_view name;
    int minimum_arity;
    int maximum_arity;
    NativeKind kind;
    bool constant;  ///< Pure, and decided by its arguments alone; by those that are ASCII, where Unicode has
                    ///< a say
    std::string_view doc;
    NativeResult (*function)(NativeCall&);  ///< null for Shell natives
};

/// All of them, sorted by row; names are unique, one row covers a range of arities.
std::span<const Native> natives();
/// Null when no built-in of that name takes that many arguments.
const Native* find_native(std::string_view name, int arity);

}  // namespace relux::exec
