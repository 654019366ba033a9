// One call of a function: its arguments, read as what the function wants. For implementations only.
//
// A reader that finds something else notes it and gives an empty value, so that an implementation need not
// ask after each argument; what was noted first, by position, becomes the result of the call, whatever the
// implementation returns. It must only stay harmless with empty values.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>

#include "vm/data/function.h"
#include "vm/data/moment.h"
#include "vm/data/number.h"

namespace relux::data {

class Call {
  public:
    Call(const value::Function& called, std::span<const Json> arguments, Context& context)
        : called_(called), arguments_(arguments), context_(context) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    std::size_t count() const { return arguments_.size(); }
    Context& context() { return context_; }

    // `position` counts from 0. Where an argument may be left out, ask count() first.
    const Json& any(std::size_t position) const { return arguments_[position]; }
    /// A string, or the digits of a number. Good for as long as the call.
    std::string_view text(std::size_t position);
    Number number(std::size_t position);
    /// A whole number (2.0 is one) from `smallest` to `largest`.
    std::int64_t whole(std::size_t position, std::int64_t smallest, std::int64_t largest);
    const Json::array_t& list(std::size_t position);
    const Json::object_t& map(std::size_t position);
    /// A map, or the JSON text of one.
    const Json::object_t& map_or_json(std::size_t position);
    Moment time(std::size_t position);

    /// "NAME: `what`"
    Error failure(std::string_view what) const;
    /// Notes "argument 2 must be `expected`, got ...".
    void refuse(std::size_t position, std::string_view expected);
    /// Notes what is wrong with an argument in other words: "argument 2: `what`".
    void refuse_because(std::size_t position, std::string_view what);
    /// The first error noted, else what the implementation returned.
    Result<Json> finish(Result<Json> result) const;

  private:
    void note(std::size_t position, std::string_view what);

    const value::Function& called_;
    std::span<const Json> arguments_;
    Context& context_;
    std::deque<std::string> digits_;  ///< of numbers that were read as text
    std::deque<Json> parsed_;         ///< texts that were read as JSON
    std::size_t first_refused_ = SIZE_MAX;
    Error error_;
};

#define FUNCTION(identifier, name, minimum, maximum, doc) Result<Json> function_##identifier(Call& call);
#include "vm/value/functions.def"
#undef FUNCTION

}  // namespace relux::data
