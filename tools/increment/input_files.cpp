#include "tools/increment/input_files.h"

#include <algorithm>

#include "vm/base/glob.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

class GlobWalk {
  public:
    GlobWalk(fs::path root, const std::string& glob) : root_(std::move(root)) {
        for (const auto& part : fs::path(glob).lexically_normal())
            parts_.push_back(part.string());
    }

    std::vector<std::string> run() {
        walk(root_, 0);
        std::sort(found_.begin(), found_.end());
        found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
        return std::move(found_);
    }

  private:
    static bool is_plain(const std::string& part) { return part.find_first_of("*?[\\") == std::string::npos; }

    void walk(const fs::path& path, std::size_t part) {
        std::error_code error;
        if (part == parts_.size()) {
            if (fs::is_regular_file(path, error))
                found_.push_back(path.lexically_relative(root_).generic_string());
            return;
        }
        if (path == root_ / "relux" / "out") return;
        if (is_plain(parts_[part])) return walk(path / parts_[part], part + 1);
        const bool any_depth = parts_[part] == "**";
        if (any_depth) walk(path, part + 1);
        for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
            std::error_code ignored;
            if (any_depth) {
                if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) walk(entry->path(), part);
                // `dir/**` alone means every file below.
                if (part + 1 == parts_.size() && entry->is_regular_file(ignored))
                    walk(entry->path(), part + 1);
            } else if (glob_matches_name(parts_[part], entry->path().filename().native())) {
                walk(entry->path(), part + 1);
            }
        }
    }

    fs::path root_;
    std::vector<std::string> parts_;
    std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> expand_glob(const fs::path& root, const std::string& glob) {
    return GlobWalk(root, glob).run();
}

}  // namespace relux::cli
