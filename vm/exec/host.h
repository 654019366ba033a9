// The world around a running chunk, and what it may ask of it. There is one Host per test; vm/run implements
// it, and tests have one of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"
#include "vm/bytecode/module.h"
#include "vm/exec/value.h"

namespace relux::exec {

struct LinkedModule;

/// Something that happened inside the interpreter, for the event log. `module` and `span` say where.
struct Note {
    enum class Kind : std::uint8_t {
        Let,
        Assign,
        Read,
        String,         ///< without interpolations; `value`
        Interpolation,  ///< `arguments`: the parts of the text
        NativeCall,
        AssertStart,    ///< `name` is the pattern, `value` the subject
        AssertDone,     ///< `value` is what has matched, `arguments` the captures
        AssertFailed,   ///< as AssertStart
        Decision,       ///< the last one of a marker: `name` is the pattern, `value` the subject
        PureCallEnter,  ///< of a user function that is pure; `value` is empty
        PureCallLeave,  ///< of it, or of a built-in that has been entered
        NativeEnter,    ///< of a built-in whose value the compiler has found; `value` is empty
    };
    Kind kind;
    const LinkedModule& module;
    bytecode::Span span;
    std::string_view name;                  ///< variable, native or pattern
    std::string_view value;                 ///< value, result or subject
    std::span<const Value> arguments = {};  ///< of NativeCall, NativeEnter, PureCallEnter and as above
    /// Whether more than some microseconds may have passed since the note before it. Reading the clock takes
    /// as long as several instructions, so a host may take the time of that one else.
    bool later = true;
    bool is_regex = false;     ///< of a pattern
    bool holds = false;        ///< of Decision
    bool compares = false;     ///< of Decision: there is a pattern
    std::uint32_t callee = 0;  ///< of PureCallEnter: index of LinkedModule::functions of `module`
};

/// The end of a search in a value.
struct SearchAnswer {
    std::optional<std::vector<Value>> captures;  ///< from $0 on; nothing: it does not match
    bool unfinished = false;                     ///< nothing is known yet: see Host::search
};

class Host {
  public:
    virtual ~Host() = default;
    /// The base environment (language 15.1); nothing when unset. The view lives as long as the Host.
    virtual std::optional<std::string_view> base_environment(std::string_view name) = 0;
    /// A port that stays this test's own until it has been cleaned up.
    virtual Result<int> available_port() = 0;
    /// Wall clock, for timestamp().
    virtual std::int64_t wall_clock_nanoseconds() = 0;
    /// Fills with random bytes.
    virtual void random_bytes(std::span<unsigned char> bytes) = 0;
    /// Searches `subject` with a PCRE2 pattern under the rules of language 5.5 for complete text. The error
    /// is "invalid regex: ..." or "pattern is too complex". An unfinished answer stops the interpreter with
    /// exits::Search; once the search has been made it asks for the same again.
    virtual Result<SearchAnswer> search(std::string_view pattern, std::string_view subject) = 0;
    /// A workflow has read a variable of its environment: name and value; no value: it is not set.
    virtual void environment_read(std::string_view, std::optional<std::string_view>) {}
    virtual void note(const Note& note) = 0;
};

}  // namespace relux::exec
