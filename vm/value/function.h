// The functions of templates as far as they are known without values: the rows of functions.def. What they do
// is known in vm/data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace relux::value {

/// Which one: the rows of functions.def in order.
enum class FunctionId : std::uint8_t {
#define FUNCTION(identifier, name, minimum, maximum, doc) identifier,
#include "vm/value/functions.def"
#undef FUNCTION
};

struct Function {
    FunctionId id;
    std::string_view name;
    int minimum_arity;
    int maximum_arity;  ///< kAnyNumber: no bound
    std::string_view doc;

    static constexpr int kAnyNumber = -1;
    bool takes(std::size_t count) const;
    /// How many arguments it takes: `1 argument`, `2 to 3 arguments`, `at least 2 arguments`, `no arguments`.
    std::string arity_text() const;
};

/// All of them, sorted by row: the function with an id is at that place.
std::span<const Function> functions();
const Function& function(FunctionId id);
/// Null when there is none of that name.
const Function* find_function(std::string_view name);
/// The names of all, by row.
std::span<const std::string_view> function_names();

}  // namespace relux::value
