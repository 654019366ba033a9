#include "vm/report/template_bindings.h"

#include <algorithm>

namespace relux::report {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The values of the variables of `pieces`, which lie in `text` as a whole: each reaches to the next place
/// where the literal text behind it is found.
void split(std::string_view text, std::vector<TemplatePiece>::const_iterator piece,
           std::vector<TemplatePiece>::const_iterator end,
           std::vector<std::pair<std::string, std::string>>& bindings) {
    for (; piece != end; ++piece) {
        if (!piece->variable) {
            text.remove_prefix(std::min(piece->text.size(), text.size()));
            continue;
        }
        const auto next = piece + 1;
        std::size_t size = text.size();
        if (next != end && !next->variable) {
            const auto at = next + 1 == end ? text.rfind(next->text) : text.find(next->text);
            size = std::min(at, text.size());
        }
        bindings.emplace_back(piece->text, std::string(text.substr(0, size)));
        text.remove_prefix(size);
    }
}

}  // namespace

std::string_view template_text(std::string_view source) {
    if (source.size() >= 2 && source.front() == '"' && source.back() == '"')
        return source.substr(1, source.size() - 2);
    return source;
}

std::vector<TemplatePiece> template_pieces(std::string_view text) {
    std::vector<TemplatePiece> pieces;
    const auto add_literal = [&pieces](std::string_view literal) {
        if (pieces.empty() || pieces.back().variable) pieces.emplace_back();
        pieces.back().text += literal;
    };
    for (std::size_t i = 0; i < text.size();) {
        const auto rest = text.substr(i);
        if (rest.starts_with("$$")) {
            add_literal("$");
            i += 2;
        } else if (rest.starts_with("${") && rest.find('}') != std::string_view::npos) {
            const auto end = rest.find('}');
            pieces.push_back({true, std::string(rest.substr(2, end - 2))});
            i += end + 1;
        } else if (rest.size() > 1 && rest[0] == '$' && is_digit(rest[1])) {
            std::size_t end = 1;
            while (end < rest.size() && is_digit(rest[end]))
                ++end;
            pieces.push_back({true, std::string(rest.substr(1, end - 1))});
            i += end;
        } else {
            add_literal(rest.substr(0, 1));
            ++i;
        }
    }
    return pieces;
}

std::vector<std::pair<std::string, std::string>> template_bindings(
    const std::vector<TemplatePiece>& pieces, const std::vector<std::string_view>& parts) {
    std::vector<std::pair<std::string, std::string>> bindings;
    if (pieces.size() == parts.size()) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (pieces[i].variable) bindings.emplace_back(pieces[i].text, parts[i]);
        }
        return bindings;
    }
    std::string whole;
    for (const auto part : parts)
        whole += part;
    split(whole, pieces.begin(), pieces.end(), bindings);
    return bindings;
}

}  // namespace relux::report
