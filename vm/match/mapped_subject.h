// A subject with bytes that are not UTF-8, in a form that PCRE2 can search as UTF-8: each such byte is the
// character of its number, U+0080 to U+00FF. So `.` and a negated class match it, and `\xe9` does (language
// 6.4). Which bytes those are depends on the bytes around them alone, so it does not matter where the output
// was cut.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace relux::match {

class MappedSubject {
  public:
    /// `first_invalid`: what find_invalid_utf8(subject) has found.
    MappedSubject(std::string_view subject, std::size_t first_invalid);

    std::string_view text() const { return text_; }
    /// From an offset in the subject, where a character or such a byte begins or all ends, to one in text().
    std::size_t to_text(std::size_t offset) const;
    /// Back.
    std::size_t from_text(std::size_t offset) const;

  private:
    std::string text_;
    std::vector<std::size_t> invalid_;  ///< offsets in the subject, ascending
};

}  // namespace relux::match
