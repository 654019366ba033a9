// Reading small texts (paths, templates) from left to right: numbers, names, quoted strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relux::value {

inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
inline bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80) != 0;
}
/// Names may hold hyphens, as header names do: there are no operators that they could be taken for.
inline bool is_name_part(char c) {
    return is_name_start(c) || is_digit(c) || c == '-';
}
/// Whether `{{ text }}` can mean a variable of this name.
bool is_variable_name(std::string_view text);

class TextCursor {
  public:
    /// `text` must outlive the cursor.
    explicit TextCursor(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

    std::size_t at() const { return at_; }
    bool done() const { return at_ >= text_.size(); }
    /// The next byte, NUL at the end.
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    void skip(std::size_t count = 1) { at_ += count; }
    void go_back(std::size_t at) { at_ = at; }
    void skip_spaces();
    bool take(char c);
    bool take(std::string_view word);
    std::string_view rest() const { return text_.substr(at_ < text_.size() ? at_ : text_.size()); }
    std::string_view since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

    /// A name; empty when there is none.
    std::string_view take_name();
    /// The character that stands here, for messages: `x`, or `the end`.
    std::string shown_here() const;

    struct Number {
        std::string_view text;
        bool fraction = false;  ///< with a point or an exponent
    };
    /// `-12`, `3.5`, `1e-3`; nothing when no number begins here, and nothing is taken.
    std::optional<Number> take_number();

    enum class StringEnd : std::uint8_t { Closed, Open, BadEscape };
    /// The cursor is on the quote. Escapes: `\\ \" \' \/ \n \r \t \b \f \uXXXX`. On BadEscape the cursor is
    /// on it.
    StringEnd take_string(std::string& value);

  private:
    bool take_escape(std::string& value);
    std::optional<std::uint32_t> take_hex();

    std::string_view text_;
    std::size_t at_;
};

/// The whole of `text` as a 64-bit integer.
std::optional<std::int64_t> to_integer(std::string_view text);
/// Between double quotes, with the escapes of take_string that it needs: JSON as long as it is UTF-8.
std::string quoted_text(std::string_view text);

}  // namespace relux::value
