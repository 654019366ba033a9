// Finding projects and test files. Reads directories and one manifest, nothing else: no test file is opened
// here.
#include "tools/cli/project.h"

#include <algorithm>
#include <unordered_set>

#include "vm/base/files.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

bool directory_exists(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error);
}

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

Result<Project> load_project(const fs::path& manifest) {
    auto text = read_file(manifest);
    if (!text) return text.error();
    std::error_code error;
    auto shown = fs::proximate(manifest, error);
    auto parsed = parse_manifest(*text, error ? manifest.string() : shown.string());
    if (!parsed) return parsed.error();
    Project project{absolute_path(manifest).parent_path(), std::move(*text), std::move(*parsed)};
    if (project.manifest.name.empty()) project.manifest.name = project.root.filename().string();
    return project;
}

// Files of one directory first come unsorted; the order of the whole is settled by the caller.
Status collect(const fs::path& root, const fs::path& directory, std::vector<fs::path>& files) {
    std::error_code error;
    fs::directory_iterator entry(directory, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const auto& path = entry->path();
        // Links to directories are not followed: they may lead back here.
        std::error_code ignored;
        if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) {
            bool hidden = path.filename().native().starts_with('.');
            if (hidden || path == root / "relux" / "out" || is_file(path / kManifestName)) continue;
            auto collected = collect(root, path, files);
            if (!collected) return collected;
        } else if (path.extension() == ".relux" && is_file(path)) {
            files.push_back(path);
        }
    }
    if (error)
        return Error{"cannot read directory " + directory.string() + ": " + error.message(), error.value()};
    return Done{};
}

Result<std::vector<fs::path>> files_of(const Project& project, const fs::path& given) {
    auto path = absolute_path(given);
    if (directory_exists(path)) return find_modules(project.root, path);
    if (!is_file(path)) return Error{given.string() + " does not exist"};
    if (path.extension() != ".relux")
        return Error{given.string() + " is neither a directory nor a .relux file"};
    return std::vector{path};
}

// A path that is a project of its own, other than the one around the current directory.
std::optional<fs::path> other_project(const std::vector<fs::path>& paths) {
    if (paths.size() != 1) return std::nullopt;
    auto manifest = absolute_path(paths.front()) / kManifestName;
    if (!is_file(manifest) || find_manifest(fs::current_path()) == manifest) return std::nullopt;
    return manifest;
}

}  // namespace

std::optional<fs::path> find_manifest(fs::path directory) {
    while (true) {
        if (is_file(directory / kManifestName)) return directory / kManifestName;
        if (!directory.has_relative_path()) return std::nullopt;
        directory = directory.parent_path();
    }
}

Result<Project> open_project(const std::optional<fs::path>& manifest) {
    if (manifest) return load_project(directory_exists(*manifest) ? *manifest / kManifestName : *manifest);
    auto found = find_manifest(fs::current_path());
    if (!found) {
        return Error{"no Relux.toml in " + fs::current_path().string() +
                     " or above it; name one with --manifest, or create an empty one"};
    }
    return load_project(*found);
}

Result<Selection> select_files(const std::optional<fs::path>& manifest, const std::vector<fs::path>& paths) {
    auto other = manifest ? std::nullopt : other_project(paths);
    auto project = open_project(other ? other : manifest);
    if (!project) return project.error();
    Selection selection{std::move(*project), {}};
    auto tests = selection.project.root / "relux" / "tests";
    const std::vector<fs::path> searched = paths.empty() || other ? std::vector{tests} : paths;
    std::unordered_set<std::string> seen;
    for (const auto& path : searched) {
        auto files = files_of(selection.project, path);
        if (!files) return files.error();
        for (auto& file : *files) {
            if (seen.insert(file.string()).second) selection.files.push_back(std::move(file));
        }
    }
    return selection;
}

Result<std::vector<fs::path>> find_modules(const fs::path& root, const fs::path& directory) {
    std::vector<fs::path> files;
    auto collected = collect(root, directory, files);
    if (!collected) return collected.error();
    std::sort(files.begin(), files.end(),
              [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
    return files;
}

fs::path absolute_path(const fs::path& path) {
    std::error_code error;
    auto absolute = fs::absolute(path, error).lexically_normal();
    // `dir/` and `dir` are one place and need one name.
    return absolute.has_filename() || !absolute.has_relative_path() ? absolute : absolute.parent_path();
}

std::string module_name(const fs::path& root, const fs::path& file) {
    auto relative = file.lexically_relative(root);
    return relative.empty() ? file.generic_string() : relative.generic_string();
}

std::string test_path(std::string_view module_name) {
    constexpr std::string_view kTests = "relux/tests/";
    if (module_name.starts_with(kTests)) module_name.remove_prefix(kTests.size());
    return std::string(module_name);
}

std::string log_directory(std::string_view module_name) {
    fs::path directory = "logs";
    for (const auto& part : fs::path(module_name).relative_path()) {
        directory /= part == ".." ? fs::path("_") : part;
    }
    return directory.replace_extension().generic_string();
}

}  // namespace relux::cli
