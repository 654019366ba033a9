#include "vm/base/glob.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>

#include "vm/base/utf8.h"

namespace relux {

namespace {

std::string_view character_at(std::string_view text, std::size_t at) {
    return text.substr(at, first_character(text.substr(at)).size);
}

/// The part of a glob that stands for one character.
struct Element {
    std::size_t size;  ///< its bytes
    bool takes;        ///< whether the character is one that it stands for
};

struct CharacterClass {
    std::string_view text;
    int (*has)(int);
};
constexpr std::array<CharacterClass, 12> kClasses{{
    {"[:alnum:]", &::isalnum},
    {"[:alpha:]", &::isalpha},
    {"[:blank:]", &::isblank},
    {"[:cntrl:]", &::iscntrl},
    {"[:digit:]", &::isdigit},
    {"[:graph:]", &::isgraph},
    {"[:lower:]", &::islower},
    {"[:print:]", &::isprint},
    {"[:punct:]", &::ispunct},
    {"[:space:]", &::isspace},
    {"[:upper:]", &::isupper},
    {"[:xdigit:]", &::isxdigit},
}};

/// The class that begins at the front of `glob`, if one does.
std::optional<Element> class_in(std::string_view glob, std::string_view character) {
    const auto known = std::find_if(kClasses.begin(), kClasses.end(),
                                    [&](const auto& each) { return glob.starts_with(each.text); });
    if (known == kClasses.end()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(character.front());
    return Element{known->text.size(), byte < 0x80 && known->has(byte) != 0};
}

std::string_view take_member(std::string_view glob, std::size_t& at) {
    if (glob[at] == '\\' && at + 1 < glob.size()) ++at;
    const auto member = character_at(glob, at);
    at += member.size();
    return member;
}

/// Nothing when the bracket at the front of `glob` is not closed.
std::optional<Element> set_in(std::string_view glob, std::string_view character) {
    std::size_t at = 1;
    const bool negated = at < glob.size() && (glob[at] == '!' || glob[at] == '^');
    if (negated) ++at;
    bool found = false;
    for (bool first = true; at < glob.size(); first = false) {
        if (glob[at] == ']' && !first) return Element{at + 1, found != negated};
        if (const auto named = class_in(glob.substr(at), character)) {
            at += named->size;
            found |= named->takes;
            continue;
        }
        const auto low = take_member(glob, at);
        auto high = low;
        if (at + 1 < glob.size() && glob[at] == '-' && glob[at + 1] != ']') high = take_member(glob, ++at);
        // UTF-8 sorts by its bytes as by its code points.
        found |= low <= character && character <= high;
    }
    return std::nullopt;
}

/// `glob` is not empty and begins with no star.
Element element_in(std::string_view glob, std::string_view character) {
    if (glob.front() == '?') return {1, true};
    if (glob.front() == '[') {
        if (const auto set = set_in(glob, character)) return *set;
    }
    const std::size_t escape = glob.front() == '\\' && glob.size() > 1 ? 1 : 0;
    const auto wanted = character_at(glob, escape);
    return {escape + wanted.size(), wanted == character};
}

}  // namespace

// Only the last star has to give more when what follows it does not fit, so there is one place to go back to.
bool glob_matches(std::string_view glob, std::string_view text) {
    std::size_t in_glob = 0;
    std::size_t in_text = 0;
    std::optional<std::pair<std::size_t, std::size_t>> star;  // the place behind it, and how far it reaches
    while (in_text < text.size()) {
        const auto rest = glob.substr(in_glob);
        if (rest.starts_with('*')) {
            star = {++in_glob, in_text};
            continue;
        }
        const auto character = character_at(text, in_text);
        const auto element = rest.empty() ? Element{0, false} : element_in(rest, character);
        if (element.takes) {
            in_glob += element.size;
            in_text += character.size();
        } else if (star) {
            star->second += character_at(text, star->second).size();
            std::tie(in_glob, in_text) = *star;
        } else {
            return false;
        }
    }
    return glob.find_first_not_of('*', in_glob) == std::string_view::npos;
}

bool glob_matches_name(std::string_view glob, std::string_view name) {
    const bool takes_dot = glob.starts_with('.') || glob.starts_with("\\.");
    return (takes_dot || !name.starts_with('.')) && glob_matches(glob, name);
}

}  // namespace relux
