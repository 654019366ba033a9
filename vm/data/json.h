// JSON values as workflows use them: read, written, compared, and kept within bounds. The one header that
// shows the JSON library; nothing here lets its exceptions out.
//
// Every value that comes from outside is made by parse_json, which bounds the depth: copying, comparing and
// writing a value walk it recursively. Maps keep the order in which their members were written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "vm/base/result.h"

namespace relux::data {

using Json = nlohmann::ordered_json;

/// Lists and maps within each other, in any value.
constexpr std::size_t kMaximumDepth = 500;
/// Bytes of a text, and roughly of a value, that a function or a template may make.
constexpr std::size_t kMaximumBytes = std::size_t{64} * 1024 * 1024;

/// One JSON document, with nothing but white space around it. A key that occurs twice keeps its first place
/// and its last value. Whole numbers outside 64 bits become the nearest floating-point number. The error is
/// "line 1, column 5: ...", `code` the offset in bytes.
Result<Json> parse_json(std::string_view text);

/// Without white space, with numbers as number_text writes them, so without `.0`; bytes that are not UTF-8
/// become U+FFFD, numbers that JSON has not become null.
std::string compact_json(const Json& value);
void append_compact_json(std::string& out, const Json& value);
/// The shortest decimal text that reads back as `number`, without `.0`; an exponent below 1e-6 and from 1e21.
std::string number_text(double number);
/// compact_json for a message: the first few hundred bytes, and the size of it all where that was not all.
std::string shown(const Json& value);

/// "null", "boolean", "number", "string", "list" or "map".
std::string_view type_name(const Json& value);
/// "a boolean", "null" and so on.
std::string type_with_article(const Json& value);

/// The member of a map, null when it has none of that name or `value` is no map.
const Json* find_member(const Json& value, std::string_view name);
/// The text of a string, null for any other value.
const std::string* text_of(const Json& value);

/// The same JSON value: numbers by what they are worth (5 and 5.0), maps whatever their order.
bool same_value(const Json& left, const Json& right);

/// Fails when a value that was put together is deeper or larger than the bounds above.
Status check_size(const Json& value);

}  // namespace relux::data
