#include "tools/shell/completions_values.h"

#include <algorithm>
#include <functional>
#include <set>
#include <type_traits>

#include "frontend/explanations.h"
#include "frontend/parse.h"
#include "tools/project/project.h"
#include "vm/base/duration.h"
#include "vm/base/files.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

/// Files of which a shell would still want to see the names.
constexpr std::size_t kMostFiles = 2'000;
/// Entries of directories that are looked at: whoever waits for a list has a directory that is no file
/// system.
constexpr std::size_t kMostEntries = 50'000;

std::string first_line(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find('\n', begin) - begin));
}

/// `a/b/` of `a/b/c`.
std::string directory_of(std::string_view typed) {
    const auto slash = typed.rfind('/');
    return slash == std::string_view::npos ? std::string() : std::string(typed.substr(0, slash + 1));
}

void sort(std::vector<Candidate>& candidates) {
    std::sort(candidates.begin(), candidates.end(),
              [](const Candidate& one, const Candidate& other) { return one.value < other.value; });
}

/// All below `top` but hidden directories and the output of runs.
void walk(const fs::path& top, const std::function<void(const fs::directory_entry&)>& visit) {
    std::error_code error;
    std::size_t seen = 0;
    fs::recursive_directory_iterator it(top, fs::directory_options::skip_permission_denied, error), end;
    for (; !error && it != end && seen < kMostEntries; it.increment(error), ++seen) {
        const auto name = it->path().filename().string();
        std::error_code ignored;
        const bool is_directory = it->is_directory(ignored);
        const bool is_output = name == "out" && it->path().parent_path().filename() == "relux";
        if (is_directory && (name.starts_with('.') || is_output)) {
            it.disable_recursion_pending();
            continue;
        }
        visit(*it);
    }
}

/// The files that the place means; nothing outside a project.
std::optional<Selection> selection_of(const CompletionPlace& place, const fs::path& directory) {
    auto paths = place.files;
    if (paths.empty()) paths.push_back(directory);
    auto selection = select_files(place.manifest, paths);
    if (!selection) return std::nullopt;
    return std::move(*selection);
}

bool is_library(const Selection& selection, const std::string& file) {
    return module_name(selection.project.root, file).starts_with("relux/lib/");
}

/// Calls `visit` with the path of the file and the test.
void each_test(const CompletionPlace& place,
               const std::function<void(std::string_view, const frontend::TestSyntax&)>& visit) {
    const auto selection = selection_of(place, ".");
    if (!selection) return;
    for (std::size_t i = 0; i < std::min(selection->files.size(), kMostFiles); ++i) {
        auto bytes = read_source(selection->files[i]);
        if (!bytes) continue;
        const auto name = module_name(selection->project.root, selection->files[i]);
        const frontend::Source source(name, std::move(*bytes));
        frontend::DiagnosticSink sink;
        const auto module = frontend::parse(source, selection->project.manifest.language, sink);
        for (const auto& test : module.tests)
            visit(test_path(name), test);
    }
}

std::vector<Candidate> multiples_of(Duration configured) {
    std::vector<Candidate> found;
    constexpr std::pair<int, std::string_view> kTimes[] = {
        {1, "as configured"}, {2, "twice what is configured"}, {3, "three times"}, {5, "five times"}};
    for (const auto& [times, help] : kTimes)
        found.push_back({format_duration(configured * times), std::string(help)});
    return found;
}

/// `configured` gives one setting of all.
template <class Configured>
std::optional<std::vector<Candidate>> candidates_near(const CompletionPlace& place,
                                                      const Configured& configured) {
    using Value = std::remove_cvref_t<decltype(configured(run::ProjectSettings()))>;
    if constexpr (std::is_same_v<Value, Duration>) {
        const auto project = open_project(place.manifest);
        return multiples_of(configured(project ? project->manifest : Manifest()));
    } else {
        return std::nullopt;
    }
}

}  // namespace

std::vector<Candidate> test_file_candidates(const CompletionPlace& place, std::string_view typed) {
    const auto directory = directory_of(typed);
    const CompletionPlace whole{place.manifest, {}};
    const auto top = directory.empty() ? fs::path(".") : fs::path(directory);
    const auto selection = selection_of(whole, top);
    std::vector<Candidate> found;
    if (!selection) return found;
    const auto base = absolute_path(top);
    for (const auto* files : {&selection->files, &selection->workflows}) {
        for (const auto& file : *files) {
            const auto relative = fs::path(file).lexically_relative(base).generic_string();
            const bool below = !relative.empty() && !relative.starts_with("..");
            if (below && !is_library(*selection, file)) found.push_back({directory + relative, ""});
        }
    }
    sort(found);
    return found;
}

std::vector<Candidate> test_name_candidates(const CompletionPlace& place) {
    std::vector<Candidate> found;
    each_test(place, [&](std::string_view path, const frontend::TestSyntax& test) {
        const auto help = test.docstring ? first_line(test.docstring->text) : std::string(path);
        found.push_back({std::string(test.name.text), help});
    });
    return found;
}

std::vector<Candidate> filter_candidates(const CompletionPlace& place) {
    std::vector<Candidate> found;
    std::set<std::string> files;
    each_test(place, [&](std::string_view path, const frontend::TestSyntax& test) {
        files.emplace(path);
        const auto name = test.name.text;
        const bool is_word = name != "and" && name != "or" && name != "not";
        if (is_word && name.find_first_of(" ()\"'*?[]/") == std::string_view::npos)
            found.push_back({std::string(name), std::string(path)});
    });
    for (const auto& file : files)
        found.push_back({file, "all tests of the file"});
    return found;
}

std::vector<Candidate> manifest_candidates(std::string_view typed) {
    const auto directory = directory_of(typed);
    const auto top = directory.empty() ? fs::path(".") : fs::path(directory);
    std::vector<Candidate> found;
    walk(top, [&](const fs::directory_entry& entry) {
        if (entry.path().filename() != "Relux.toml") return;
        found.push_back({directory + entry.path().lexically_relative(top).generic_string(), ""});
    });
    sort(found);
    return found;
}

std::vector<Candidate> module_directory_candidates(const CompletionPlace& place, std::string_view below,
                                                   std::string_view typed) {
    std::vector<Candidate> found;
    const auto project = open_project(place.manifest);
    if (!project) return found;
    const auto top = project->root / below;
    walk(top, [&](const fs::directory_entry& entry) {
        std::error_code ignored;
        const auto name = entry.path().lexically_relative(top).generic_string() + "/";
        if (name != typed && entry.is_directory(ignored)) found.push_back({name, ""});
    });
    sort(found);
    return found;
}

std::optional<std::vector<Candidate>> setting_candidates(const CompletionPlace& place,
                                                         std::string_view flag_names) {
#define PROJECT_KEY(...)
#define KEY(table, key, Type, member, value, form, flag, ...)                                              \
    {                                                                                                      \
        [[maybe_unused]] const auto configured = [](const run::ProjectSettings& settings) -> const auto& { \
            return settings.member;                                                                        \
        };                                                                                                 \
        flag                                                                                               \
    }
#define FLAG(Type, member, names, ...) \
    if (flag_names == names) return candidates_near(place, configured);
#define NO_FLAG
#include "vm/run/settings.def"
    return std::nullopt;
}

std::vector<Candidate> diagnostic_candidates() {
    std::vector<Candidate> found;
    for (const auto& each : frontend::explanations()) {
        const auto& info = frontend::diagnostic_info(each.code);
        found.push_back({std::string(info.code), std::string(info.title)});
    }
    return found;
}

}  // namespace relux::cli
