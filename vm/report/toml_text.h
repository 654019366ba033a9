// Texts as TOML has them.
#pragma once

#include <string>
#include <string_view>

namespace relux::report {

/// `value` in quotation marks, on one line. TOML is UTF-8 throughout; a byte that isn't becomes the four
/// characters \xNN.
std::string toml_text(std::string_view value);

}  // namespace relux::report
