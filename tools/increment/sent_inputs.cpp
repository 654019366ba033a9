#include "tools/increment/sent_inputs.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "tools/increment/input_files.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kOutput = "relux/out";
/// Between a program's name and a PATH that is not the test's.
constexpr std::string_view kOtherPath = " in PATH ";

bool is_below(std::string_view name, std::string_view directory) {
    return name.starts_with(directory) && (name.size() == directory.size() || name[directory.size()] == '/');
}

/// It may be there or not; what it holds does not count.
constexpr std::uint64_t kDirectory = 3;

std::uint64_t digest_of_directory(const std::string& name, FileDigests& files) {
    return files.kind_of(name) == FileDigests::Kind::Directory ? kDirectory : kNoFile;
}

/// As a shell expands it: `*` for one part of a path.
std::uint64_t digest_of_files(std::string pattern, FileDigests& files) {
    for (std::size_t at = 0; (at = pattern.find("**", at)) != std::string::npos;)
        pattern.erase(at, 1);
    std::string all;
    for (const auto& name : expand_glob(files.root(), pattern)) {
        const auto digest = files.of_file(name);
        if (digest == kChangedMeanwhile) return digest;
        all += name + "\n" + std::to_string(digest) + "\n";
    }
    return all.empty() ? kNoFile : digest_of_bytes(all);
}

bool is_pattern(std::string_view word) {
    return word.find_first_of("*?") != std::string_view::npos && word.find("://") == std::string_view::npos &&
           word.find('\n') == std::string_view::npos && !word.starts_with('-');
}

class Collection {
  public:
    Collection(const report::SentNames& sent, const std::string& path, FileDigests& files)
        : sent_(sent), path_(path), files_(files), root_(files.root().string()) {}

    SentInputs collect() {
        bases_.emplace_back();
        for (const auto& directory : sent_.directories) {
            const auto name = name_below_root("", directory);
            if (name.empty() || files_.kind_of(name) != FileDigests::Kind::Directory) continue;
            if (std::find(bases_.begin(), bases_.end(), name) == bases_.end()) bases_.push_back(name);
        }
        for (const auto& word : sent_.outputs)
            for_each_name(word, [this](std::string name) { written_.insert(std::move(name)); });
        for (const auto& word : sent_.words)
            add_word(word);
        for (const auto& [path, commands] : sent_.commands) {
            for (const auto& command : commands)
                add_command(command, path);
        }
        inputs_.absent.names.assign(absent_.begin(), absent_.end());
        inputs_.absent.directories.assign(directories_.begin(), directories_.end());
        std::sort(inputs_.absent.names.begin(), inputs_.absent.names.end());
        return std::move(inputs_);
    }

  private:
    /// Names a path that is given there; empty: it is not below the root, or the output of runs.
    std::string name_below_root(const std::string& base, std::string_view word) const {
        if (word.starts_with("file://")) word.remove_prefix(7);
        std::string name;
        if (word.starts_with('/')) {
            if (!is_below(word, root_)) return {};
            name = word.substr(root_.size());
            while (name.starts_with('/'))
                name.erase(0, 1);
        } else {
            name = base.empty() ? std::string(word) : base + "/" + std::string(word);
        }
        const bool plain = name.find("//") == std::string::npos && name.find("./") == std::string::npos &&
                           !name.ends_with('.') && !name.ends_with('/');
        if (!plain) {
            name = fs::path(name).lexically_normal().generic_string();
            while (name.ends_with('/'))
                name.pop_back();
        }
        const bool outside = name.empty() || name == "." || is_below(name, "..");
        return outside || is_below(name, kOutput) ? std::string() : name;
    }

    template <class Visit>
    void for_each_name(std::string_view word, Visit&& visit) const {
        for (const auto& base : bases_) {
            if (auto name = name_below_root(base, word); !name.empty()) visit(std::move(name));
            if (word.starts_with('/')) return;
        }
    }

    /// `--config=FILE`, `VAR=FILE` and `@FILE` name a file too.
    void add_word(std::string_view word) {
        for_each_name(word, [this](const std::string& name) { add_name(name); });
        const auto equals = word.find('=');
        if (equals != std::string_view::npos && equals + 1 < word.size()) add_word(word.substr(equals + 1));
        if (word.size() > 1 && word.front() == '@') add_word(word.substr(1));
    }

    void add_name(const std::string& name) {
        if (written_.contains(name)) return;
        switch (files_.kind_of(name)) {
            case FileDigests::Kind::File:
                inputs_.dependencies.push_back({std::string(kSentFile) + name, files_.of_file(name)});
                return;
            case FileDigests::Kind::Nothing:
                if (is_pattern(name))
                    inputs_.dependencies.push_back(
                        {std::string(kSentFiles) + name, digest_of_files(name, files_)});
                else if (!name.starts_with('-'))
                    add_absent(name);
                return;
            case FileDigests::Kind::Directory:
                inputs_.dependencies.push_back({std::string(kSentDirectory) + name, kDirectory});
                return;
            case FileDigests::Kind::Other:
                return;
        }
    }

    /// The first part of the path that is not there is what would have to come.
    void add_absent(const std::string& name) {
        std::size_t slash = 0;
        std::string directory;
        while ((slash = name.find('/', slash)) != std::string::npos) {
            auto upper = name.substr(0, slash);
            const auto kind = files_.kind_of(upper);
            if (kind == FileDigests::Kind::Nothing) {
                absent_.insert(FileDigests::hash_of_entry(upper));
                directories_.insert(directory);
                return;
            }
            if (kind != FileDigests::Kind::Directory) return;
            directory = std::move(upper);
            ++slash;
        }
        absent_.insert(FileDigests::hash_of_entry(name));
        directories_.insert(directory);
    }

    void add_command(const std::string& command, const std::string& path) {
        const bool has_directory = command.find('/') != std::string::npos;
        // Relative to where the shell was, and those below the project are known by what they hold.
        if (has_directory && (!command.starts_with('/') || is_below(command, root_))) return;
        auto name = std::string(kSentProgram) + command;
        if (!has_directory && path != path_) name += std::string(kOtherPath) + path;
        inputs_.dependencies.push_back({std::move(name), files_.of_program(command, path)});
    }

    const report::SentNames& sent_;
    const std::string& path_;
    FileDigests& files_;
    std::string root_;
    std::vector<std::string> bases_;  ///< where relative paths may begin; the root is the empty one
    std::unordered_set<std::string> written_;
    std::set<std::uint64_t> absent_;
    std::set<std::string> directories_;
    SentInputs inputs_;
};

}  // namespace

bool is_sent(std::string_view dependency) {
    for (const auto kind : {kSentFile, kSentFiles, kSentDirectory, kSentProgram}) {
        if (dependency.starts_with(kind)) return true;
    }
    return false;
}

SentInputs sent_inputs(const report::SentNames& sent, const std::string& path, FileDigests& files) {
    return Collection(sent, path, files).collect();
}

std::uint64_t digest_of_sent(const std::string& dependency, const std::string& path, FileDigests& files) {
    if (dependency.starts_with(kSentFile)) return files.of_file(dependency.substr(kSentFile.size()));
    if (dependency.starts_with(kSentFiles))
        return digest_of_files(dependency.substr(kSentFiles.size()), files);
    if (dependency.starts_with(kSentDirectory))
        return digest_of_directory(dependency.substr(kSentDirectory.size()), files);
    const auto name = dependency.substr(kSentProgram.size());
    const auto other = name.find(kOtherPath);
    if (other == std::string::npos) return files.of_program(name, path);
    return files.of_program(name.substr(0, other), name.substr(other + kOtherPath.size()));
}

std::string appeared(const AbsentFiles& absent, FileDigests& files) {
    for (const auto& directory : absent.directories) {
        const auto& entries = files.entries_of(directory);
        // Directories have some dozens of entries, a test names some hundreds at most.
        for (const auto hash : absent.names) {
            if (const auto found = entries.find(hash); found != entries.end()) return found->second;
        }
    }
    return {};
}

}  // namespace relux::cli
