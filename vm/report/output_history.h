// Puts the output of one test's shells together again from the pieces that its log has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relux::report {

class OutputHistory {
  public:
    /// Output of a shell that begins at the offset `begin`; later pieces lie behind earlier ones. `text` must
    /// live as long as this.
    void add(std::uint32_t shell, std::uint64_t begin, std::string_view text);
    /// The bytes from one offset to another; nothing: the log does not have all of them. They stand in
    /// `scratch` where they come from several pieces.
    std::optional<std::string_view> text(std::uint32_t shell, std::uint64_t from, std::uint64_t to,
                                         std::string& scratch) const;

  private:
    struct Piece {
        std::uint64_t begin = 0;
        std::string_view text;
    };
    std::vector<std::vector<Piece>> pieces_;  ///< by the number of the shell
};

}  // namespace relux::report
