#include "vm/run/near_miss_pattern.h"

#include <algorithm>

namespace relux::run {

namespace {

constexpr std::string_view kSpecial = "\\^$.|?*+()[]{}";

bool is_word(char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           static_cast<unsigned char>(byte) >= 0x80;
}

/// A part that stands for itself: a byte, an escape, a class, a quantifier. `depth` counts groups.
struct Part {
    std::size_t begin;
    std::size_t size;
    int depth;
    bool is_class;
};

std::size_t class_size(std::string_view rest) {
    std::size_t at = rest.starts_with("[^") ? 2 : 1;
    if (at < rest.size() && rest[at] == ']') ++at;
    while (at < rest.size() && rest[at] != ']')
        at += rest[at] == '\\' ? 2 : 1;
    return std::min(at + 1, rest.size());
}

std::vector<Part> parts_of(std::string_view regex) {
    std::vector<Part> parts;
    int depth = 0;
    for (std::size_t at = 0; at < regex.size();) {
        const auto rest = regex.substr(at);
        std::size_t size = 1;
        if (rest[0] == '\\') size = std::min<std::size_t>(2, rest.size());
        if (rest[0] == '[') size = class_size(rest);
        if (rest[0] == '{' && rest.find('}') != std::string_view::npos) size = rest.find('}') + 1;
        if (rest[0] == ')') --depth;
        parts.push_back({at, size, depth, rest[0] == '['});
        if (rest[0] == '(') ++depth;
        at += size;
    }
    return parts;
}

bool is_quantifier(char byte) {
    return byte == '*' || byte == '+' || byte == '?' || byte == '{';
}

/// Each part that `is_wanted` becomes `replacement`; nothing when there is none.
template <class IsWanted>
std::optional<std::string> replaced(std::string_view regex, std::string_view replacement,
                                    IsWanted&& is_wanted) {
    std::string made;
    bool has_any = false;
    bool is_run = false;
    for (const auto& part : parts_of(regex)) {
        const auto text = regex.substr(part.begin, part.size);
        const bool wanted = !part.is_class && is_wanted(text);
        // A quantifier behind the last of a run stood for that one alone.
        if (is_run && is_quantifier(text[0])) continue;
        if (wanted && !is_run) made += replacement;
        if (!wanted) made += text;
        is_run = wanted;
        has_any |= wanted;
    }
    if (!has_any) return std::nullopt;
    return made;
}

}  // namespace

std::string quoted_regex(std::string_view literal) {
    std::string regex;
    for (const char c : literal) {
        if (c == '\0') {
            regex += "\\x00";
            continue;
        }
        if (kSpecial.find(c) != std::string_view::npos || c == '-' || c == '#') regex += '\\';
        regex += c;
    }
    return regex;
}

bool has_begin_anchor(std::string_view regex) {
    return regex.starts_with('^');
}

bool has_end_anchor(std::string_view regex) {
    if (!regex.ends_with('$')) return false;
    const auto parts = parts_of(regex);
    return parts.back().size == 1;
}

std::string without_begin_anchor(std::string_view regex) {
    return std::string(regex.substr(has_begin_anchor(regex) ? 1 : 0));
}

std::string without_end_anchor(std::string_view regex) {
    return std::string(regex.substr(0, regex.size() - (has_end_anchor(regex) ? 1 : 0)));
}

std::optional<std::string> taken_literally(std::string_view regex) {
    const bool begins = has_begin_anchor(regex);
    const bool ends = has_end_anchor(regex);
    auto inner = regex.substr(begins ? 1 : 0);
    if (ends) inner.remove_suffix(1);
    auto made = (begins ? "^" : "") + quoted_regex(inner) + (ends ? "$" : "");
    if (special_characters(inner).empty()) return std::nullopt;
    return made;
}

std::string special_characters(std::string_view regex) {
    std::string found;
    for (const char c : regex) {
        if (kSpecial.find(c) != std::string_view::npos && found.find(c) == std::string::npos) found += c;
    }
    return found;
}

std::optional<std::string> with_any_spaces(std::string_view regex) {
    return replaced(regex, "[ \\t]+", [](std::string_view part) { return part == " "; });
}

std::optional<std::string> with_spaces_for_tabs_in_regex(std::string_view regex) {
    return replaced(regex, "[ \\t]+", [](std::string_view part) { return part == "\t" || part == "\\t"; });
}

std::optional<std::string> with_spaces_before_line_end(std::string_view regex) {
    if (!has_end_anchor(regex)) return std::nullopt;
    return without_end_anchor(regex) + "[ \\t]+$";
}

std::optional<std::string> with_spaces_after_line_begin(std::string_view regex) {
    if (!has_begin_anchor(regex)) return std::nullopt;
    return "^[ \\t]+" + without_begin_anchor(regex);
}

std::optional<std::string> without_spaces_at_end(std::string_view regex) {
    const auto inner = without_end_anchor(regex);
    const auto last = inner.find_last_not_of(" \t");
    if (last == std::string::npos || last + 1 == inner.size()) return std::nullopt;
    return inner.substr(0, last + 1) + (has_end_anchor(regex) ? "$" : "");
}

std::size_t literal_size(std::string_view regex) {
    std::size_t size = 0;
    for (const auto& part : parts_of(regex)) {
        if (part.size == 1 && is_word(regex[part.begin])) ++size;
    }
    return size;
}

std::vector<std::size_t> cuts(std::string_view regex) {
    std::vector<std::size_t> places;
    for (const auto& part : parts_of(regex)) {
        const char byte = regex[part.begin];
        const bool continues_character = (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
        if (part.begin > 0 && part.depth == 0 && byte != ')' && !is_quantifier(byte) && !continues_character)
            places.push_back(part.begin);
    }
    std::reverse(places.begin(), places.end());
    return places;
}

}  // namespace relux::run
