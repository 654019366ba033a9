// See output_history.h.
#include "vm/report/output_history.h"

#include <algorithm>

namespace relux::report {

void OutputHistory::add(std::uint32_t shell, std::uint64_t begin, std::string_view text) {
    if (!text.empty()) pieces_[shell].push_back({begin, text});
}

std::optional<std::string> OutputHistory::text(std::uint32_t shell, std::uint64_t from,
                                               std::uint64_t to) const {
    std::string text;
    if (from >= to) return text;
    const auto found = pieces_.find(shell);
    if (found == pieces_.end()) return std::nullopt;
    const auto& pieces = found->second;
    auto piece = std::upper_bound(pieces.begin(), pieces.end(), from,
                                  [](std::uint64_t at, const Piece& each) { return at < each.begin; });
    if (piece == pieces.begin()) return std::nullopt;
    for (--piece; from < to; ++piece) {
        // The bytes between pieces are not known.
        if (piece == pieces.end() || piece->begin > from || from - piece->begin >= piece->text.size())
            return std::nullopt;
        const auto part = piece->text.substr(static_cast<std::size_t>(from - piece->begin),
                                             static_cast<std::size_t>(to - from));
        text += part;
        from += part.size();
    }
    return text;
}

}  // namespace relux::report
