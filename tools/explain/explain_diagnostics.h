// The explanations of diagnostics as text or Markdown, with what the compiler really says to their examples.
#pragma once

#include <string>

#include "frontend/explanations.h"

namespace relux::cli {

/// A line for each: code and title.
std::string diagnostic_list();
std::string explain_diagnostic(const frontend::Explanation& explanation, bool markdown);
/// All of them; as Markdown this is docs/diagnostics.md.
std::string diagnostic_reference(bool markdown);

}  // namespace relux::cli
