// Words for failures.
#include "vm/clients/failure.h"

#include <algorithm>

#include "vm/base/input_limits.h"
#include "vm/base/text.h"

namespace relux::clients {

std::string excerpt(std::string_view sent) {
    constexpr std::size_t kLength = 200;
    std::string_view part = sent.substr(0, kLength);
    part.remove_suffix(incomplete_utf8_tail(part));
    std::string shown(part);
    std::replace(shown.begin(), shown.end(), '\n', ' ');
    return "`" + visible(shown, false) + (part.size() < sent.size() ? "...`" : "`");
}

std::optional<Failure> query_too_long(std::string_view sql) {
    if (sql.size() <= kLongestQuery) return std::nullopt;
    return Failure{FailureKind::TooLarge, "the text of the query has " + std::to_string(sql.size()) +
                                              " bytes, and databases take at most " +
                                              std::to_string(kLongestQuery)};
}

std::string_view name_of(FailureKind kind) {
    switch (kind) {
        case FailureKind::TimedOut:
            return "timed out";
        case FailureKind::Cancelled:
            return "cancelled";
        case FailureKind::Connect:
            return "cannot connect";
        case FailureKind::Protocol:
            return "protocol";
        case FailureKind::Refused:
            return "refused";
        case FailureKind::TooLarge:
            return "too large";
    }
    RELUX_UNREACHABLE("a kind of failure without a name");
}

}  // namespace relux::clients
