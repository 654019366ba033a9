// Nearly every name is ASCII and never comes near Unicode's tables.
#include "vm/run/test_slug.h"

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <utf8proc.h>

#include "vm/base/text.h"
#include "vm/base/utf8.h"

namespace relux::run {

namespace {

void append_ascii(std::string& slug, std::string_view name) {
    for (char c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        slug += kept ? c : '-';
    }
}

constexpr utf8proc_int32_t kReplacement = 0xfffd;

/// A byte that is not UTF-8 is the replacement character.
utf8proc_int32_t code_of(const Utf8Character& character) {
    return character.code_point == Utf8Character::kNone ? kReplacement
                                                        : static_cast<utf8proc_int32_t>(character.code_point);
}

/// `text` is valid UTF-8.
std::string composed(const std::string& text) {
    utf8proc_uint8_t* made = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &made,
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (size < 0) return text;
    std::string result(reinterpret_cast<const char*>(made), static_cast<std::size_t>(size));
    std::free(made);
    return result;
}

template <class Map>
std::string mapped(std::string_view text, Map map) {
    std::string result;
    while (!text.empty()) {
        const auto character = first_character(text);
        append_utf8(result, static_cast<std::uint32_t>(map(code_of(character))));
        text.remove_prefix(character.size);
    }
    return result;
}

// The categories of letters, of marks and of numbers stand together in the library's list.
bool is_letter_or_digit(utf8proc_category_t category) {
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

bool is_mark(utf8proc_category_t category) {
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

void append_unicode(std::string& slug, std::string_view name) {
    // Composed before too: the small letter of a composed capital is not always that of its parts. The small
    // letters may compose where the capitals did not.
    const auto whole = mapped(name, [](utf8proc_int32_t code) { return code; });
    const auto text =
        composed(mapped(composed(whole), [](utf8proc_int32_t code) { return utf8proc_tolower(code); }));
    bool after_kept = false;
    for (std::string_view rest = text; !rest.empty();) {
        const auto character = first_character(rest);
        const auto& property = *utf8proc_get_property(code_of(character));
        const auto category = static_cast<utf8proc_category_t>(property.category);
        // A character that is never seen, such as a variation selector, would make two names of one look.
        const bool kept =
            !property.ignorable && (is_letter_or_digit(category) || character.code_point == '_' ||
                                    (after_kept && is_mark(category)));
        if (kept) {
            slug += rest.substr(0, character.size);
        } else {
            slug += '-';
        }
        after_kept = kept;
        rest.remove_prefix(character.size);
    }
}

void cut(std::string& slug) {
    if (slug.size() <= kLongestSlug) return;
    slug.resize(kLongestSlug);
    slug.resize(slug.size() - incomplete_utf8_tail(slug));
}

}  // namespace

void set_slug(std::string_view name, std::string& result) {
    result.clear();
    if (is_ascii(name)) {
        append_ascii(result, name);
    } else {
        append_unicode(result, name);
    }
    result.erase(0, result.find_first_not_of('-'));
    cut(result);
    result.resize(result.find_last_not_of('-') + 1);
    if (result.empty()) result = "test";
}

std::string slug(std::string_view name) {
    std::string result;
    result.reserve(name.size());
    set_slug(name, result);
    return result;
}

std::string slug(std::string_view name, std::uint32_t namesake) {
    auto result = slug(name);
    if (namesake > 1) result += "-" + std::to_string(namesake);
    return result;
}

std::uint32_t SlugNumbers::number(std::string_view file, std::string_view name) {
    set_slug(name, buffer_);
    const auto seed = std::hash<std::string_view>()(file);
    const auto is_new = [&] {
        const std::uint64_t hash = seed * 31 + std::hash<std::string_view>()(buffer_);
        return taken_.try_emplace(hash | 1, true).second;
    };
    std::uint32_t number = 1;
    // "a-b-2" may be a test's own slug; then the second "a-b" takes the next number that is free.
    for (const auto size = buffer_.size(); !is_new();) {
        buffer_.resize(size);
        buffer_ += "-" + std::to_string(++number);
    }
    return number;
}

}  // namespace relux::run
