#include "frontend/workflow/file_names.h"

#include <set>
#include <system_error>
#include <utility>

#include "frontend/workflow/load.h"
#include "vm/base/glob.h"

namespace relux::workflow {

namespace {

namespace fs = std::filesystem;

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
                if (!glob_matches_name(pattern, name)) continue;
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
