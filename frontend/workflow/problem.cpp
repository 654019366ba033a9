#include "frontend/workflow/problem.h"

#include <algorithm>

#include "vm/base/text.h"

namespace relux::workflow {

namespace {

constexpr std::size_t longest_shown = 60;      // bytes of a name or value in a message
constexpr std::size_t most_alternatives = 12;  // more of them is a wall, not a help
constexpr std::size_t longest_path_name = 40;  // bytes of one key in a path

/// The first bytes of a text, never half a character.
std::string cut(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return visible(text, false);
    auto head = text.substr(0, limit);
    head.remove_suffix(incomplete_utf8_tail(head));
    return visible(head, false) + "…";
}

bool is_plain_key(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
}

}  // namespace

std::string render(const Problem& problem) {
    std::string text = visible(problem.file, false);
    if (problem.document != 0) text += "#" + std::to_string(problem.document);
    if (!text.empty()) text += ": ";
    if (!problem.path.empty()) text += problem.path + ": ";
    text += problem.message;
    if (problem.place.line != 0) {
        text += " (line " + std::to_string(problem.place.line) + ", column " +
                std::to_string(problem.place.column) + ")";
    }
    return text;
}

void Problems::add(Problem problem) {
    // Without a place there is nothing else that tells two files apart.
    auto key = std::tuple(problem.place, problem.file, problem.message);
    if (seen_.insert(std::move(key)).second) problems_.push_back(std::move(problem));
}

std::vector<Problem> Problems::take_sorted() {
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const Problem& a, const Problem& b) { return a.place < b.place; });
    seen_.clear();
    return std::exchange(problems_, {});
}

std::string KeyPath::text() const {
    std::vector<const KeyPath*> chain;
    for (const auto* part = this; part->parent_ != nullptr; part = part->parent_)
        chain.push_back(part);
    std::string text;
    for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
        const auto& part = **it;
        if (!part.is_key_) {
            text += "[" + std::to_string(part.index_) + "]";
        } else if (is_plain_key(part.name_)) {
            if (!text.empty()) text += ".";
            text += cut(part.name_, longest_path_name);
        } else {
            text += "[\"" + cut(part.name_, longest_path_name) + "\"]";
        }
    }
    return text;
}

std::string shown(std::string_view text) {
    return "`" + cut(text, longest_shown) + "`";
}

std::string suggestion(std::string_view name, std::span<const std::string_view> known) {
    auto nearest = nearest_name(name.substr(0, longest_shown), known);
    if (!nearest.empty()) return "; did you mean `" + std::string(nearest) + "`?";
    if (known.empty() || known.size() > most_alternatives) return "";
    return "; use " + alternatives(known);
}

std::string alternatives(std::span<const std::string_view> known) {
    std::string text;
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (i != 0) text += i + 1 == known.size() ? " or " : ", ";
        text += known[i];
    }
    return text;
}

}  // namespace relux::workflow
