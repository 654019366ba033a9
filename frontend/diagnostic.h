// Diagnostics say as data what is wrong with a source text; render.h makes them readable. Reporting never
// stops the reporter: one run finds every independent mistake.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/source.h"

namespace relux::frontend {

enum class Severity : std::uint8_t { Error, Warning };

enum class DiagnosticCode : std::uint16_t {
#define DIAGNOSTIC(name, code, severity, title) name,
#include "frontend/diagnostics.def"
#undef DIAGNOSTIC
};

struct DiagnosticInfo {
    std::string_view code;  ///< `E0101`
    Severity severity;
    std::string_view title;
};
const DiagnosticInfo& diagnostic_info(DiagnosticCode code);

/// A second place that belongs to the message: the opening brace, the other definition.
struct DiagnosticNote {
    const Source* source = nullptr;
    SourceRange range;
    std::string text;
};

struct Diagnostic {
    DiagnosticCode code;
    const Source* source = nullptr;  ///< null when there is no file to point into
    SourceRange range;
    std::string message;  ///< one sentence without the severity, e.g. `undefined function f/2: f/1 exists`
    std::vector<DiagnosticNote> notes;
    std::string hint;  ///< the way out; may be empty
};

/// Collects diagnostics. Sources pointed to must outlive it.
class DiagnosticSink {
  public:
    void report(Diagnostic diagnostic) {
        if (diagnostic_info(diagnostic.code).severity == Severity::Error) ++errors_;
        diagnostics_.push_back(std::move(diagnostic));
    }
    const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }
    std::size_t error_count() const { return errors_; }

  private:
    std::vector<Diagnostic> diagnostics_;
    std::size_t errors_ = 0;
};

/// Text for a terminal or a log, with the source line and the place underlined:
///   error[E0205]: undefined function `f/2`
///     --> relux/tests/a.relux:4:5
///      |
///    4 |     f(1, 2)
///      |     ^^^^^^^
///      = hint: ...
/// Tabs are kept in step, control bytes are made visible, an overlong line is cut around the place.
std::string render(const Diagnostic& diagnostic, bool color);

}  // namespace relux::frontend
