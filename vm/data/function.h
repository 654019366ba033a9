// The functions of templates (workflows 4): one row of vm/value/functions.def each, called with JSON values.
//
// A function has no effect and depends on its arguments alone, but for `now` and `nowUnix`, which read the
// clock that they are given. What is wrong comes back as an error that starts with the function's name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/base/result.h"
#include "vm/data/json.h"
#include "vm/match/long_search.h"
#include "vm/match/pattern.h"
#include "vm/value/function.h"

namespace relux::data {

class Call;

/// Holds what functions need besides their arguments. Belongs to one thread, because of the patterns.
struct Context {
    explicit Context(std::function<std::int64_t()> clock) : wall_clock_nanoseconds(std::move(clock)) {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    /// Since the beginning of 1970, in UTC.
    std::function<std::int64_t()> wall_clock_nanoseconds;
    match::PatternCache patterns;

    // Searches of many steps, which may be made on another thread (language 6.4).

    /// A search that takes long becomes `left_search`, and the call fails. Whoever made the call runs it,
    /// adds it to `made_searches`, and makes the call again.
    bool leaves_long_searches = false;
    std::shared_ptr<match::LongSearch> left_search;
    std::vector<std::shared_ptr<const match::LongSearch>> made_searches;
};

using value::FunctionId;

/// A row of the table and what it does.
struct Function {
    FunctionId id;
    Result<Json> (*implementation)(Call& call);
};

/// Null when there is none of that name.
const Function* find_function(std::string_view name);

/// Fails when the number of arguments does not fit, or whatever the function says of them: "split: argument 2
/// must be a string, got a list".
Result<Json> call_function(FunctionId id, std::span<const Json> arguments, Context& context);

}  // namespace relux::data
