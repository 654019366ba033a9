// Finding projects and test files. Reads directories and one manifest, nothing else: no test file is opened
// here.
#include "tools/project/project.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unordered_set>

#include "frontend/module_loader.h"
#include "frontend/workflow/load.h"
#include "vm/base/files.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kModuleSuffix = ".relux";

bool is_module_file(std::string_view name) {
    return name.size() > kModuleSuffix.size() && name.ends_with(kModuleSuffix);
}

bool is_test_file(std::string_view name, FileKinds kinds) {
    return is_module_file(name) || (kinds == FileKinds::ModulesAndWorkflows && is_workflow_file(name));
}

bool directory_exists(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error);
}

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

Result<Project> load_project(const fs::path& manifest) {
    auto text = read_settings(manifest);
    if (!text) return text.error();
    std::error_code error;
    auto shown = fs::proximate(manifest, error);
    auto parsed = parse_manifest(*text, error ? manifest.string() : shown.string());
    if (!parsed) return parsed.error();
    Project project{located_path(manifest).parent_path(), std::move(*text), std::move(*parsed)};
    if (project.manifest.name.empty()) project.manifest.name = project.root.filename().string();
    return project;
}

/// Walks a directory by what its entries say of themselves: a system call for each file would be most of what
/// finding thousands of them costs.
class ModuleSearch {
  public:
    ModuleSearch(const fs::path& root, FileKinds kinds, std::vector<std::string>& files)
        : out_((root / "relux" / "out").string()), kinds_(kinds), files_(files) {}

    /// Files come in the order of directory entries, which is anybody's guess.
    Status collect(const std::string& directory, bool is_first) {
        const std::unique_ptr<DIR, int (*)(DIR*)> opened(::opendir(directory.c_str()), ::closedir);
        if (!opened) return system_error("cannot read directory " + directory, errno);
        const auto files_before = files_.size();
        std::vector<std::string> directories;
        while (true) {
            errno = 0;
            const auto* entry = ::readdir(opened.get());
            if (entry == nullptr) break;
            const std::string_view name = entry->d_name;
            const auto type = type_of(::dirfd(opened.get()), *entry);
            if (!is_first && name == kManifestName && type == DT_REG) {
                // A project of its own.
                files_.resize(files_before);
                return Done{};
            }
            auto path = directory + (directory.ends_with('/') ? "" : "/");
            path += name;
            if (type == DT_DIR) {
                if (!name.starts_with('.') && path != out_) directories.push_back(std::move(path));
            } else if (type != DT_UNKNOWN && is_test_file(name, kinds_) &&
                       (type == DT_REG || !name.starts_with('.'))) {
                // Reading a pipe or a link that leads nowhere tells why it can't be: its tests are not left
                // out unseen. Editors have hidden links to nothing beside what they edit.
                files_.push_back(std::move(path));
            }
        }
        if (errno != 0) return system_error("cannot read directory " + directory, errno);
        for (const auto& below : directories) {
            if (auto collected = collect(below, false); !collected) return collected;
        }
        return Done{};
    }

  private:
    /// Links to files count as files. Those to directories, which are unknown, are not followed: they may
    /// lead back here.
    static unsigned char type_of(int directory, const dirent& entry) {
        if (entry.d_type != DT_LNK && entry.d_type != DT_UNKNOWN) return entry.d_type;
        struct stat status {};
        if (entry.d_type == DT_UNKNOWN) {
            if (::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return DT_UNKNOWN;
            if (S_ISDIR(status.st_mode)) return DT_DIR;
        }
        if (::fstatat(directory, entry.d_name, &status, 0) != 0) return DT_LNK;
        if (S_ISDIR(status.st_mode)) return DT_UNKNOWN;
        return S_ISREG(status.st_mode) ? DT_REG : DT_LNK;
    }

    std::string out_;
    FileKinds kinds_;
    std::vector<std::string>& files_;
};

/// Whether a document of the file has a member `steps`, as far as a look tells.
bool has_steps(const std::string& file) {
    const auto text = read_source(file);
    if (!text) return true;  // reading it again will say why it can't be
    for (std::string_view rest = *text; !rest.empty();) {
        const auto end = rest.find('\n');
        auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (line.starts_with("--- ")) line.remove_prefix(4);
        if (line.starts_with("steps:") || line.starts_with("\"steps\"") || line.starts_with("'steps'"))
            return true;
        if (line.starts_with('{') && line.find("steps") != std::string_view::npos) return true;
    }
    return false;
}

bool is_at_or_below(const fs::path& root, const fs::path& path) {
    const auto& base = root.native();
    const auto& name = path.native();
    return name.starts_with(base) && (name.size() == base.size() || base == "/" || name[base.size()] == '/');
}

/// Finds the file that the results of a run call so, or one of its tests: `tasks/smoke.relux/task-crud`,
/// `tasks/smoke.relux`.
std::optional<fs::path> file_of_shown_name(const fs::path& root, const fs::path& shown) {
    if (shown.is_absolute() || !shown.has_filename()) return std::nullopt;
    for (const auto& base : {root / "relux" / "tests", root}) {
        for (const auto& name : {shown, shown.parent_path()}) {
            auto file = absolute_path(base / name);
            const bool is_test = is_test_file(file.filename().native(), FileKinds::ModulesAndWorkflows);
            if (is_test && is_at_or_below(root, file) && is_file(file)) return file;
        }
    }
    return std::nullopt;
}

void set_workflows_apart(Selection& selection) {
    auto& files = selection.files;
    if (std::none_of(files.begin(), files.end(), [](const auto& file) { return is_workflow_file(file); }))
        return;
    selection.in_order = files;
    const auto first = std::stable_partition(files.begin(), files.end(),
                                             [](const auto& file) { return !is_workflow_file(file); });
    selection.workflows.assign(first, files.end());
    files.erase(first, files.end());
}

Result<std::vector<std::string>> files_of(const Project& project, const fs::path& given) {
    if (std::error_code error; !fs::exists(fs::status(given, error))) {
        if (const auto shown = file_of_shown_name(project.root, given)) return std::vector{shown->string()};
        const bool missing = !error || error.value() == ENOENT || error.value() == ENOTDIR;
        return Error{given.string() + (missing ? " does not exist" : ": " + error.message())};
    }
    auto placed = path_in_project(project.root, given);
    if (!placed) return placed.error();
    const auto path = std::move(*placed);
    if (directory_exists(path)) {
        auto files = find_files(project.root, path, FileKinds::ModulesAndWorkflows);
        // Tests have other YAML files beside them too.
        if (files)
            std::erase_if(*files,
                          [](const auto& file) { return is_workflow_file(file) && !has_steps(file); });
        return files;
    }
    if (!is_file(path)) return Error{given.string() + " is neither a file nor a directory"};
    if (path.extension() != ".relux" && !is_workflow_file(path.filename().string()))
        return Error{given.string() +
                     " is neither a directory nor a .relux file nor a workflow (.yaml, .yml)"};
    return std::vector{path.string()};
}

// A path that is a project of its own, other than the one around the current directory.
std::optional<fs::path> other_project(const std::vector<fs::path>& paths) {
    if (paths.size() != 1) return std::nullopt;
    auto manifest = located_path(paths.front()) / kManifestName;
    if (!is_file(manifest) || find_manifest(fs::current_path()) == manifest) return std::nullopt;
    return manifest;
}

}  // namespace

std::optional<fs::path> find_manifest(fs::path directory) {
    while (true) {
        // One that can't be read is an error: that of a project further up would be another's.
        std::error_code error;
        const auto type = fs::symlink_status(directory / kManifestName, error).type();
        if (type != fs::file_type::not_found && type != fs::file_type::none &&
            !directory_exists(directory / kManifestName))
            return directory / kManifestName;
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
    Selection selection{std::move(*project), {}, {}, {}};
    auto tests = selection.project.root / "relux" / "tests";
    const std::vector<fs::path> searched = paths.empty() || other ? std::vector{tests} : paths;
    std::unordered_set<std::string> seen;
    for (const auto& path : searched) {
        auto files = files_of(selection.project, path);
        if (!files) return files.error();
        if (searched.size() == 1) {
            selection.files = std::move(*files);
            break;
        }
        for (auto& file : *files) {
            if (seen.insert(file).second) selection.files.push_back(std::move(file));
        }
    }
    set_workflows_apart(selection);
    return selection;
}

bool is_workflow_file(std::string_view name) {
    return (name.ends_with(".yaml") || name.ends_with(".yml")) &&
           !workflow::is_config_file_name(fs::path(name));
}

Result<std::vector<std::string>> find_modules(const fs::path& root, const fs::path& directory) {
    return find_files(root, directory, FileKinds::Modules);
}

Result<std::vector<std::string>> find_files(const fs::path& root, const fs::path& directory,
                                            FileKinds kinds) {
    std::vector<std::string> files;
    auto collected = ModuleSearch(root, kinds, files).collect(directory.string(), true);
    if (!collected) return collected.error();
    std::sort(files.begin(), files.end());
    return files;
}

fs::path absolute_path(const fs::path& path) {
    std::error_code error;
    auto absolute = fs::absolute(path, error).lexically_normal();
    // `dir/` and `dir` are one place and need one name.
    return absolute.has_filename() || !absolute.has_relative_path() ? absolute : absolute.parent_path();
}

fs::path located_path(const fs::path& given) {
    auto path = absolute_path(given);
    if (given.native().find("..") == std::string::npos) return path;
    std::error_code error;
    if (!fs::exists(given, error) || fs::equivalent(given, path, error)) return path;
    auto real = fs::canonical(given, error);
    return error ? path : real;
}

Result<fs::path> path_in_project(const fs::path& root, const fs::path& given) {
    auto path = located_path(given);
    if (is_at_or_below(root, path)) return path;
    std::error_code error;
    auto real = fs::weakly_canonical(path, error);
    const auto real_root = error ? fs::path() : fs::weakly_canonical(root, error);
    if (!error && is_at_or_below(real_root, real))
        return absolute_path(root / real.lexically_relative(real_root));
    if (error) real = path;
    auto message = given.string() + " is outside the project " + root.string() + "; ";
    const auto own = find_manifest(directory_exists(real) ? real : real.parent_path());
    if (!own) {
        message +=
            "only what is below the project's directory can be used: move or link it there, or put a "
            "Relux.toml beside it and name that with --manifest";
    } else if (own->parent_path() == real) {
        message += "it is another project: name it alone, without other paths and without --manifest";
    } else {
        message += "it belongs to another project: --manifest " + own->string();
    }
    return Error{std::move(message)};
}

std::string module_name(const fs::path& root, const std::string& file) {
    return frontend::name_below(root, file);
}

std::string_view test_path(std::string_view module_name) {
    constexpr std::string_view kTests = "relux/tests/";
    if (module_name.starts_with(kTests)) module_name.remove_prefix(kTests.size());
    return module_name;
}

std::string log_directory(std::string_view module_name) {
    // Nearly every name is this simple, and a suite has thousands.
    const auto file = module_name.substr(module_name.rfind('/') + 1);
    const bool simple = is_module_file(file) && !module_name.starts_with('/') &&
                        !module_name.starts_with('.') && module_name.find("/.") == std::string_view::npos &&
                        module_name.find("//") == std::string_view::npos;
    if (simple)
        return "logs/" + std::string(module_name.substr(0, module_name.size() - kModuleSuffix.size()));
    fs::path directory = "logs";
    for (const auto& part : fs::path(module_name).relative_path()) {
        directory /= part == ".." ? fs::path("_") : part;
    }
    return directory.replace_extension().generic_string();
}

}  // namespace relux::cli
