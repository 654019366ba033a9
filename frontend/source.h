// One source file in memory, and the way from byte offsets to lines and columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace relux::frontend {

/// Half-open range of byte offsets in one file.
struct SourceRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

struct LineColumn {
    std::uint32_t line = 1;    ///< 1-based
    std::uint32_t column = 1;  ///< 1-based, in bytes
};

class Source {
  public:
    /// `name` as shown to users: the path below the project root with `/`. A byte-order mark is skipped and
    /// `\r\n` becomes `\n` before anything else sees the text; text() ends with a newline.
    Source(std::string name, std::string text);

    const std::string& name() const { return name_; }
    std::string_view text() const { return text_; }
    LineColumn position(std::uint32_t offset) const;
    /// The same, found at once when it is in `line`, which exists, or the one after it.
    LineColumn position_near(std::uint32_t offset, std::uint32_t line) const;
    /// The line without its newline; `line` is 1-based and exists.
    std::string_view line(std::uint32_t line) const;

  private:
    std::string name_;
    std::string text_;
    std::vector<std::uint32_t> line_starts_;
};

/// The language edition (language 1): a handful of rules, never a second front end.
enum class Edition : std::uint8_t { V0_4, V0_8 };

}  // namespace relux::frontend
