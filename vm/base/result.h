// Result<T>: the world failed (a file, a terminal, a process), and the caller must say what that means.
// Wrong source text is a Diagnostic, a test that did not pass is an Outcome, our own bug is an assertion.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "vm/base/assert.h"

namespace relux {

/// Says what went wrong as a whole sentence for the user, with the errno behind it (0: there is none).
struct Error {
    std::string message;
    int code = 0;
};

/// Builds "`what`: `strerror(code)`".
Error system_error(std::string what, int code);

/// `Failure` is another type only where callers must tell failures apart.
template <class T, class Failure = Error>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

    explicit operator bool() const { return state_.index() == 0; }
    T& value() & {
        RELUX_ASSERT(state_.index() == 0, "value() of a failed Result");
        return std::get<0>(state_);
    }
    const T& value() const& {
        RELUX_ASSERT(state_.index() == 0, "value() of a failed Result");
        return std::get<0>(state_);
    }
    T&& value() && {
        RELUX_ASSERT(state_.index() == 0, "value() of a failed Result");
        return std::get<0>(std::move(state_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    const Failure& error() const {
        RELUX_ASSERT(state_.index() == 1, "error() of a Result that holds a value");
        return std::get<1>(state_);
    }

  private:
    std::variant<T, Failure> state_;
};

/// Success without a value.
struct Done {};
using Status = Result<Done>;

}  // namespace relux
