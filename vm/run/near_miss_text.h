// Output without what people do not see or do not count: escape sequences, overprinted characters, line
// breaks. Every byte of a changed text knows where it came from, so that the output itself can be shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace relux::run {

class ChangedText {
  public:
    ChangedText() = default;
    /// The text itself.
    explicit ChangedText(std::string_view text);

    const std::string& text() const { return text_; }
    /// Where the byte at `at` came from; of the end the end of the output.
    std::size_t origin(std::size_t at) const { return at < origins_.size() ? origins_[at] : end_; }

    void add(std::string_view bytes, std::size_t origin);
    void finish(std::size_t end) { end_ = end; }
    /// This, a change of `base`, as a change of what `base` is a change of.
    void rebase(const ChangedText& base);

  private:
    std::string text_;
    std::vector<std::uint32_t> origins_;
    std::size_t end_ = 0;
};

// Each gives the text without one kind of thing; as it was where there is none.

/// Control sequences, titles, choices of character sets (ECMA-48), also one that the end cuts.
ChangedText without_escape_sequences(std::string_view text);
ChangedText without_nul_bytes(std::string_view text);
/// Lines as a terminal shows them after backspaces: what is printed over something replaces it.
ChangedText without_backspaces(std::string_view text);
/// Lines as a terminal shows them that were drawn again behind a carriage return alone.
ChangedText without_redrawn_lines(std::string_view text);
/// Line ends as `\n`.
ChangedText without_carriage_returns(std::string_view text);
ChangedText with_spaces_for_tabs(std::string_view text);
/// U+00A0, U+2007 and U+202F as spaces.
ChangedText with_spaces_for_no_break_spaces(std::string_view text);
/// Letters as Unicode's normal form C has them.
ChangedText composed(std::string_view text);
ChangedText with_spaces_for_line_breaks(std::string_view text);
ChangedText without_line_breaks(std::string_view text);

}  // namespace relux::run
