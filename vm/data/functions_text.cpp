// Functions on text.
#include <algorithm>

#include "vm/base/utf8.h"
#include "vm/data/assertion.h"
#include "vm/data/call.h"
#include "vm/data/characters.h"
#include "vm/data/render.h"

namespace relux::data {

namespace {

constexpr std::int64_t kLongestText = kMaximumBytes;
constexpr std::size_t kMostParts = kMaximumBytes / sizeof(Json);

Json text(std::string_view characters) {
    return Json(std::string(characters));
}

Error too_large(const Call& call) {
    return call.failure("the result is larger than 64 MiB");
}

std::size_t count_occurrences(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string out;
    while (true) {
        auto at = text.find(from);
        out += text.substr(0, at);
        if (at == std::string_view::npos) return out;
        out += to;
        text.remove_prefix(at + from.size());
    }
}

/// `count` characters of `fill`, over and over; false when that is too large.
bool append_fill(std::string& out, std::string_view fill, std::size_t count) {
    auto characters = count_characters(fill);
    auto whole = count / characters;
    if (out.size() + (whole + 1) * fill.size() > kMaximumBytes) return false;
    for (std::size_t i = 0; i < whole; ++i)
        out += fill;
    out += fill.substr(0, bytes_of_characters(fill, count % characters));
    return true;
}

Result<Json> padded(Call& call, bool at_front) {
    auto padded_text = call.text(0);
    auto width = static_cast<std::size_t>(call.whole(1, 0, kLongestText));
    auto fill = call.count() > 2 ? call.text(2) : " ";
    if (fill.empty()) return call.failure("argument 3 must not be empty");
    auto size = count_characters(padded_text);
    if (size >= width) return text(padded_text);
    std::string out(at_front ? "" : padded_text);
    if (!append_fill(out, fill, width - size)) return too_large(call);
    if (at_front) out += padded_text;
    return Json(std::move(out));
}

Result<Json> first_in_case(Call& call, Case wanted) {
    auto whole = call.text(0);
    auto first = bytes_of_characters(whole, 1);
    return Json(in_case(whole.substr(0, first), wanted).append(whole.substr(first)));
}

}  // namespace

Result<Json> function_upper(Call& call) {
    return Json(in_case(call.text(0), Case::Upper));
}

Result<Json> function_lower(Call& call) {
    return Json(in_case(call.text(0), Case::Lower));
}

Result<Json> function_upper_first(Call& call) {
    return first_in_case(call, Case::Upper);
}

Result<Json> function_lower_first(Call& call) {
    return first_in_case(call, Case::Lower);
}

Result<Json> function_trim(Call& call) {
    return text(trimmed(call.text(0)));
}

Result<Json> function_replace(Call& call) {
    auto whole = call.text(0);
    auto from = call.text(1);
    auto to = call.text(2);
    if (from.empty()) return text(whole);
    // Counted first: the result may be millions of times as large as the arguments.
    if (to.size() > from.size()) {
        auto growth = (to.size() - from.size()) * count_occurrences(whole, from);
        if (whole.size() + growth > kMaximumBytes) return too_large(call);
    }
    return Json(replaced(whole, from, to));
}

Result<Json> function_contains(Call& call) {
    if (!call.any(0).is_array()) return Json(call.text(0).find(call.text(1)) != std::string_view::npos);
    const auto& list = call.list(0);
    return Json(std::any_of(list.begin(), list.end(),
                            [&](const Json& element) { return equal_values(element, call.any(1)); }));
}

Result<Json> function_starts_with(Call& call) {
    return Json(call.text(0).starts_with(call.text(1)));
}

Result<Json> function_ends_with(Call& call) {
    return Json(call.text(0).ends_with(call.text(1)));
}

Result<Json> function_split(Call& call) {
    auto rest = call.text(0);
    auto separator = call.text(1);
    auto parts = Json::array();
    while (true) {
        auto at = separator.empty() ? bytes_of_characters(rest, 1) : rest.find(separator);
        bool is_last = separator.empty() ? at == rest.size() : at == std::string_view::npos;
        // Nothing has no characters, but one part.
        if (!rest.empty() || !separator.empty()) parts.push_back(text(rest.substr(0, at)));
        if (is_last) return parts;
        if (parts.size() == kMostParts) return too_large(call);
        rest.remove_prefix(at + separator.size());
    }
}

Result<Json> function_join(Call& call) {
    const auto& list = call.list(0);
    auto separator = call.text(1);
    std::string joined;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0) joined += separator;
        append_text(joined, list[i]);
        if (joined.size() > kMaximumBytes) return too_large(call);
    }
    return Json(std::move(joined));
}

Result<Json> function_truncate(Call& call) {
    auto whole = call.text(0);
    auto most = static_cast<std::size_t>(call.whole(1, 0, kLongestText));
    auto ending = call.count() > 2 ? call.text(2) : "";
    if (bytes_of_characters(whole, most) == whole.size()) return text(whole);
    auto ending_size = count_characters(ending);
    if (ending_size > most) {
        ending = "";
        ending_size = 0;
    }
    auto kept = whole.substr(0, bytes_of_characters(whole, most - ending_size));
    return Json(std::string(kept).append(ending));
}

Result<Json> function_pad_left(Call& call) {
    return padded(call, true);
}

Result<Json> function_pad_right(Call& call) {
    return padded(call, false);
}

Result<Json> function_repeat(Call& call) {
    auto part = call.text(0);
    auto times = static_cast<std::size_t>(call.whole(1, 0, kLongestText));
    if (part.size() * times > kMaximumBytes) return too_large(call);
    std::string out;
    out.reserve(part.size() * times);
    for (std::size_t i = 0; i < times && !part.empty(); ++i)
        out += part;
    return Json(std::move(out));
}

}  // namespace relux::data
