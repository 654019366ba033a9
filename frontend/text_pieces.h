// Collects the parts of a text while it is scanned: literal bytes stay views into the source as long as they
// are the same there, and move to a decoded string at the first escape.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "frontend/ast.h"

namespace relux::frontend {

/// Keeps what differs from the source.
struct DecodedTexts {
    Arena& tree;
    std::vector<std::string_view>& texts;

    std::string_view add(std::string_view text) { return texts.emplace_back(tree.copy(text)); }
};

class TextPieces {
  public:
    /// `begin` is where the text begins in `source`; `text` is filled by finish(), and has its parts in the
    /// tree. `parts` is memory to work with.
    TextPieces(Text& text, DecodedTexts& decoded, GrowingList<TextPart>& parts, std::string_view source,
               const char* begin)
        : text_(text), decoded_(decoded), parts_(parts), source_(source), literal_begin_(begin), run_(begin) {
        parts_.clear();
        text_.range.begin = offset(begin);
    }

    /// [begin, end) stands for this one byte.
    void replace(const char* begin, const char* end, char byte) {
        differs_ = true;
        buffer_.append(run_, begin).push_back(byte);
        run_ = end;
    }
    /// `${name}`
    void variable(const char* begin, const char* end);
    /// `${alias.name}`
    void alias_variable(const char* begin, const char* end);
    /// `${1}`
    void capture(const char* begin, const char* end, std::uint32_t number);
    void finish(const char* end);

  private:
    std::uint32_t offset(const char* at) const { return static_cast<std::uint32_t>(at - source_.data()); }
    void end_literal(const char* end);
    TextPart& add(TextPart::Kind kind, const char* begin, const char* end);

    Text& text_;
    DecodedTexts& decoded_;
    GrowingList<TextPart>& parts_;
    std::string_view source_;
    const char* literal_begin_;  // of the literal part that is being collected
    const char* run_;            // what follows is not in buffer_ yet
    bool differs_ = false;
    std::string buffer_;
};

/// The byte that `\letter` stands for.
char decode_escape(char letter);
/// Bytes of the UTF-8 character at `at`; 1 for what is not one. The text must end with an ASCII byte.
std::size_t character_length(const char* at);

}  // namespace relux::frontend
