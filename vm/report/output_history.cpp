#include "vm/report/output_history.h"

#include <algorithm>

namespace relux::report {

void OutputHistory::add(std::uint32_t shell, std::uint64_t begin, std::string_view text) {
    if (text.empty()) return;
    if (shell >= pieces_.size()) pieces_.resize(shell + 1);
    pieces_[shell].push_back({begin, text});
}

std::optional<std::string_view> OutputHistory::text(std::uint32_t shell, std::uint64_t from, std::uint64_t to,
                                                    std::string& scratch) const {
    if (from >= to) return std::string_view();
    if (shell >= pieces_.size()) return std::nullopt;
    const auto& pieces = pieces_[shell];
    auto piece = std::upper_bound(pieces.begin(), pieces.end(), from,
                                  [](std::uint64_t at, const Piece& each) { return at < each.begin; });
    if (piece == pieces.begin()) return std::nullopt;
    scratch.clear();
    for (--piece;; ++piece) {
        // The bytes between pieces are not known.
        if (piece == pieces.end() || piece->begin > from || from - piece->begin >= piece->text.size())
            return std::nullopt;
        const auto part = piece->text.substr(static_cast<std::size_t>(from - piece->begin),
                                             static_cast<std::size_t>(to - from));
        from += part.size();
        if (from == to && scratch.empty()) return part;
        scratch += part;
        if (from == to) return scratch;
    }
}

}  // namespace relux::report
