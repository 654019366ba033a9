// Parts of texts. Knows nothing of operators or strings.
#include "frontend/text_pieces.h"

#include "vm/base/utf8.h"

namespace relux::frontend {

TextPart& TextPieces::add(TextPart::Kind kind, const char* begin, const char* end) {
    auto& part = parts_.push_back({});
    part.kind = kind;
    part.range = {offset(begin), offset(end)};
    return part;
}

void TextPieces::end_literal(const char* end) {
    if (differs_) {
        buffer_.append(run_, end);
        add(TextPart::Kind::Literal, literal_begin_, end).text = decoded_.add(buffer_);
        buffer_.clear();
        differs_ = false;
    } else if (literal_begin_ != end) {
        add(TextPart::Kind::Literal, literal_begin_, end).text = std::string_view(literal_begin_, end);
    }
}

void TextPieces::variable(const char* begin, const char* end) {
    end_literal(begin);
    add(TextPart::Kind::Variable, begin, end).text = std::string_view(begin + 2, end - 1);
    literal_begin_ = run_ = end;
}

void TextPieces::alias_variable(const char* begin, const char* end) {
    end_literal(begin);
    std::string_view inside(begin + 2, end - 1);
    auto dot = inside.find('.');
    auto& part = add(TextPart::Kind::AliasVariable, begin, end);
    part.text = inside.substr(0, dot);
    part.member = inside.substr(dot + 1);
    literal_begin_ = run_ = end;
}

void TextPieces::capture(const char* begin, const char* end, std::uint32_t number) {
    end_literal(begin);
    auto& part = add(TextPart::Kind::Capture, begin, end);
    part.text = std::string_view(begin + 2, end - 1);
    part.capture = number;
    literal_begin_ = run_ = end;
}

void TextPieces::finish(const char* end) {
    end_literal(end);
    text_.parts = parts_.copy(decoded_.tree);
    text_.range.end = offset(end);
}

char decode_escape(char letter) {
    switch (letter) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case 'r':
            return '\r';
        case '0':
            return '\0';
        case 'a':
            return '\a';
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'v':
            return '\v';
        case 'e':
            return '\x1b';
        default:
            return letter;  // `\\` and `\"`
    }
}

std::size_t character_length(const char* at) {
    constexpr std::size_t kLongest = 4;
    std::size_t size = 1;
    while (size < kLongest && continues_character(at[size]))
        ++size;
    return first_character({at, size}).size;
}

}  // namespace relux::frontend
