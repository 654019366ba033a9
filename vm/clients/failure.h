// How calls to servers, databases and processes fail. What was asked for and refused, like wrong SQL, is a
// failure too: only a result is a success. An HTTP response is a result, whatever its status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vm/base/result.h"

namespace relux::clients {

enum class FailureKind : std::uint8_t {
    TimedOut,   ///< the deadline of the call passed
    Cancelled,  ///< its Cancellation asked it to end
    Connect,    ///< nobody there, name unknown, certificate not trusted, log-in rejected
    Protocol,   ///< the connection broke within the call, or what came was not what the protocol says
    Refused,    ///< the answer is an error (SQL, Redis), or the request makes no sense
    TooLarge,   ///< more came than the limit allows
};

/// One or two words: `timed out`, `refused`.
std::string_view name_of(FailureKind kind);

struct Failure {
    FailureKind kind = FailureKind::Protocol;
    std::string message{};  ///< a sentence: what was sent where, and what came back
    std::string code{};  ///< SQLSTATE of PostgreSQL, first word of an error of Redis, name of one of SQLite
    int position = 0;    ///< in the SQL text, counted in characters from 1; 0 when not known
};

/// Text that was sent, for a message: in backquotes, on one line, at most some 200 bytes of it.
std::string excerpt(std::string_view sent);

/// Nothing for a text that databases take.
std::optional<Failure> query_too_long(std::string_view sql);

template <class T>
using Answer = Result<T, Failure>;

}  // namespace relux::clients
