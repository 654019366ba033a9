// The part of docs/bytecode.md about files: header, sections, records, limits, versions, archives, the cache.
// Types and numbers come out of the code; what they mean is written here.
#pragma once

#include <string>

namespace relux::cli {

/// Markdown, with headings of level 2 and 3.
std::string format_reference();

}  // namespace relux::cli
