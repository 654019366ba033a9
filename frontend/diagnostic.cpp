// The table of diagnostics, made from diagnostics.def.
#include "frontend/diagnostic.h"

#include <array>

namespace relux::frontend {

const DiagnosticInfo& diagnostic_info(DiagnosticCode code) {
    static constexpr auto table = std::to_array<DiagnosticInfo>({
#define DIAGNOSTIC(name, number, severity, title) {number, Severity::severity, title},
#include "frontend/diagnostics.def"
#undef DIAGNOSTIC
    });
    return table.at(static_cast<std::size_t>(code));
}

}  // namespace relux::frontend
