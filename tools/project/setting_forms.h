// Says what a key of Relux.toml may be: the forms that rows of vm/run/settings.def name, as data. The reader,
// the file that `relux init` makes and the comparison of incremental runs each have a function for a form.
#pragma once

#include <cstdint>
#include <string_view>

namespace relux::cli {

/// Whether a test may end otherwise when the value of a key has changed.
enum class Influence : std::uint8_t { Nothing, Outcomes };

namespace form {

/// A string of one line that is not empty.
struct Line {};
/// A program, or an array of it and its arguments.
struct Command {};
/// `64MiB`.
struct Size {};
/// The same, or `auto`, which is 0.
struct SizeOrAuto {};
/// A duration, such as `1m 30s`.
struct Time {};
/// True or false.
struct Switch {};
/// The mode of a directory, as an octal text.
struct DirectoryMode {};
/// A finite number greater than 1.
struct AboveOne {};

/// A whole number; `least` and `most` are allowed.
struct Whole {
    constexpr Whole(std::int64_t from, std::int64_t to) : least(from), most(to) {}
    std::int64_t least;
    std::int64_t most;
};

/// A whole number from 0, or `auto`.
struct JobCount {
    constexpr explicit JobCount(std::int64_t to) : most(to) {}
    std::int64_t most;
};

/// An array of strings that are not empty; `expected` says so to users.
struct Names {
    constexpr explicit Names(std::string_view words) : expected(words) {}
    std::string_view expected;
};

/// One of two words, each with the value that it stands for.
template <class Value>
struct OneOf {
    constexpr OneOf(std::string_view one, Value value_of_one, std::string_view other, Value value_of_other)
        : first(one), first_value(value_of_one), second(other), second_value(value_of_other) {}
    std::string_view word(Value value) const { return value == second_value ? second : first; }

    std::string_view first;
    Value first_value;
    std::string_view second;
    Value second_value;
};

}  // namespace form

}  // namespace relux::cli
