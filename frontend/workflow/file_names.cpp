#include "frontend/workflow/file_names.h"

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "frontend/workflow/load.h"

namespace relux::workflow {

namespace {

namespace fs = std::filesystem;

/// Bytes of the character at `at`; a byte that is no UTF-8 is a character.
std::size_t character_size(std::string_view text, std::size_t at) {
    auto first = static_cast<unsigned char>(text[at]);
    std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    if (at + size > text.size()) return 1;
    for (std::size_t i = 1; i < size; ++i) {
        if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return 1;
    }
    return size;
}

std::string_view character(std::string_view text, std::size_t at) {
    return text.substr(at, character_size(text, at));
}

/// `[abc]`, `[a-z]`, `[!a]`, `[^a]`; a `]` that comes first is one of the characters. UTF-8 sorts as code
/// points do.
struct CharacterClass {
    std::size_t end;  ///< in the pattern, behind the `]`
    bool matches;
};
/// Nothing when the bracket is not closed, and so is a bracket.
std::optional<CharacterClass> match_class(std::string_view pattern, std::size_t open,
                                          std::string_view wanted) {
    std::size_t at = open + 1;
    bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
    if (negated) ++at;
    bool found = false;
    for (bool first = true; at < pattern.size(); first = false) {
        if (pattern[at] == ']' && !first) return CharacterClass{at + 1, found != negated};
        auto low = character(pattern, at);
        auto high = low;
        at += low.size();
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
            high = character(pattern, at + 1);
            at += 1 + high.size();
        }
        found = found || (low <= wanted && wanted <= high);
    }
    return std::nullopt;
}

bool has_wildcard(std::string_view text) {
    return text.find_first_of("*?[") != std::string_view::npos;
}

/// One pattern. Every pair of a directory and a part of the pattern is visited once, however many `**` there
/// are.
class Expander {
  public:
    Expander(std::string_view pattern, const fs::path& directory) : directory_(directory) {
        absolute_ = pattern.starts_with('/');
        while (!pattern.empty()) {
            auto slash = pattern.find('/');
            auto part = pattern.substr(0, slash);
            bool again = part == "**" && !parts_.empty() && parts_.back() == "**";
            if (!part.empty() && !again) parts_.emplace_back(part);
            pattern.remove_prefix(slash == std::string_view::npos ? pattern.size() : slash + 1);
        }
    }

    std::vector<std::string> expand() {
        visit(absolute_ ? "/" : "", 0);
        return {found_.begin(), found_.end()};
    }

  private:
    static std::string join(const std::string& base, const std::string& name) {
        return base.empty() || base == "/" ? base + name : base + "/" + name;
    }

    fs::path on_disk(const std::string& name) const { return name.empty() ? directory_ : directory_ / name; }

    void visit(const std::string& base, std::size_t part) {
        if (part == parts_.size() || !visited_.emplace(base, part).second) return;
        const auto& pattern = parts_[part];
        bool last = part + 1 == parts_.size();
        if (pattern == "**") {
            if (!last) visit(base, part + 1);
            for (const auto& [name, entry] : entries(base)) {
                if (name.starts_with('.')) continue;
                std::error_code ignored;
                if (last) take(join(base, name));
                if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) visit(join(base, name), part);
            }
        } else if (!has_wildcard(pattern)) {
            auto next = join(base, pattern);
            if (last) {
                take(next);
            } else {
                visit(next, part + 1);
            }
        } else {
            for (const auto& [name, entry] : entries(base)) {
                bool hidden = name.starts_with('.') && !pattern.starts_with('.');
                if (hidden || !matches_part(name, pattern)) continue;
                if (last) {
                    take(join(base, name));
                } else {
                    visit(join(base, name), part + 1);
                }
            }
        }
    }

    /// A directory that cannot be read has none, as for shells.
    std::vector<std::pair<std::string, fs::directory_entry>> entries(const std::string& base) const {
        std::vector<std::pair<std::string, fs::directory_entry>> result;
        std::error_code error;
        fs::directory_iterator it(on_disk(base), error);
        while (!error && it != fs::directory_iterator()) {
            result.emplace_back(it->path().filename().string(), *it);
            it.increment(error);
        }
        return result;
    }

    void take(const std::string& name) {
        std::error_code ignored;
        if (fs::exists(on_disk(name), ignored) && !fs::is_directory(on_disk(name), ignored))
            found_.insert(name);
    }

    fs::path directory_;
    bool absolute_ = false;
    std::vector<std::string> parts_;
    std::set<std::pair<std::string, std::size_t>> visited_;
    std::set<std::string> found_;  ///< sorted by bytes
};

}  // namespace

bool matches_part(std::string_view name, std::string_view pattern) {
    std::size_t at = 0;
    std::size_t in_pattern = 0;
    // Where the last `*` stands and how far it reached: only that one has to give more.
    std::size_t star = std::string_view::npos;
    std::size_t reached = 0;
    while (at < name.size()) {
        auto next = character(name, at);
        char wanted = in_pattern < pattern.size() ? pattern[in_pattern] : '\0';
        if (wanted == '*' && in_pattern < pattern.size()) {
            star = in_pattern++;
            reached = at;
            continue;
        }
        std::size_t taken = 0;  // bytes of the pattern
        if (in_pattern < pattern.size()) {
            auto bracket = wanted == '[' ? match_class(pattern, in_pattern, next) : std::nullopt;
            if (bracket) {
                taken = bracket->matches ? bracket->end - in_pattern : 0;
            } else if (wanted == '?') {
                taken = 1;
            } else if (character(pattern, in_pattern) == next) {
                taken = next.size();
            }
        }
        if (taken != 0) {
            in_pattern += taken;
            at += next.size();
        } else if (star != std::string_view::npos) {
            in_pattern = star + 1;
            reached += character(name, reached).size();
            at = reached;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

FileNames expand_file_names(const std::vector<std::string>& names, const fs::path& directory) {
    FileNames result;
    for (const auto& name : names) {
        std::error_code ignored;
        if (!has_wildcard(name) || fs::exists(directory / name, ignored)) {
            result.files.push_back(name);
            continue;
        }
        auto matches = Expander(name, directory).expand();
        std::erase_if(matches, [](const std::string& file) { return is_config_file_name(file); });
        if (matches.empty()) result.problems.push_back({name, 0, {}, {}, "no file matches the pattern"});
        result.files.insert(result.files.end(), matches.begin(), matches.end());
    }
    return result;
}

}  // namespace relux::workflow
