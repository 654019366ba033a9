// Reads exits of the interpreter, whichever of the two kinds of code they are of.
#pragma once

#include <type_traits>
#include <variant>

#include "vm/exec/exit.h"

namespace relux::test_support {

/// The exit if it is a T, one of exec::exits; else null.
template <class T>
const T* get_exit(const exec::Exit& exit) {
    if constexpr (std::is_constructible_v<exec::ShellExit, T>) {
        const auto* wanted = std::get_if<exec::ShellExit>(&exit);
        return wanted != nullptr ? std::get_if<T>(wanted) : nullptr;
    } else if constexpr (std::is_constructible_v<exec::WorkflowExit, T>) {
        const auto* wanted = std::get_if<exec::WorkflowExit>(&exit);
        return wanted != nullptr ? std::get_if<T>(wanted) : nullptr;
    } else {
        return std::get_if<T>(&exit);
    }
}

}  // namespace relux::test_support
