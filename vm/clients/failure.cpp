// Words for the kinds of failure.
#include "vm/clients/failure.h"

namespace relux::clients {

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
