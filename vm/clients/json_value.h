// Values as documents and variables hold them. The one header of ours that brings nlohmann's: values are the
// interface of the clients.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace relux::clients {

using Json = nlohmann::ordered_json;

/// Text that can be printed as JSON: each sequence of bytes that is not UTF-8 becomes U+FFFD.
std::string valid_utf8(std::string_view bytes);
/// Reads the whole of `text`, as an integer if it is one and fits, else as a floating-point number; as text
/// when it is neither (`NaN`, `Infinity`).
Json number_value(std::string_view text);
/// A number, or `NaN`, `Infinity`, `-Infinity` as text: JSON has none of them.
Json number_value(double number);
/// `\x` and two digits for each byte, as PostgreSQL prints bytes.
std::string hexadecimal(std::string_view bytes);
/// One object for each row. Of columns with the same name the last one counts.
Json row_objects(const std::vector<std::string>& columns, const std::vector<std::vector<Json>>& rows);

}  // namespace relux::clients
