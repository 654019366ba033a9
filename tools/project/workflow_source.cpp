#include "tools/project/workflow_source.h"

#include <unordered_map>

#include "frontend/workflow/load.h"
#include "vm/base/assert.h"
#include "vm/base/files.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

/// Modules are called like their files, as far as a module can be: a name below the working directory stays.
std::string module_of(const std::string& file, const fs::path& directory) {
    const auto plain = fs::path(file).lexically_normal().generic_string();
    const bool leaves = plain.starts_with("../") || plain.starts_with("/") || plain == "..";
    if (!leaves) return plain;
    return (directory / file).lexically_normal().relative_path().generic_string();
}

}  // namespace

LoadedWorkflows load_and_compile_workflows(const std::vector<std::string>& files,
                                           const WorkflowOptions& options) {
    std::unordered_map<std::string, std::string> texts;
    const auto key = [&](const fs::path& file) {
        return (options.directory / file).lexically_normal().string();
    };
    workflow::LoadOptions load;
    load.working_directory = options.directory;
    load.config = options.config;
    load.profile = options.profile;
    load.deepest_call = options.deepest_call;
    load.http_debug = options.http_debug;
    load.read_file = [&](const fs::path& file) {
        auto text = read_source(file);
        if (text) texts.insert_or_assign(key(file), *text);
        return text;
    };
    auto set = workflow::load_workflows(files, load);
    LoadedWorkflows loaded;
    if (!set.problems.empty()) {
        loaded.problems = std::move(set.problems);
        return loaded;
    }
    compiler::WorkflowCompileOptions compile;
    compile.module_name = [&](std::string_view file) {
        return module_of(std::string(file), options.directory);
    };
    compile.source = [&](std::string_view file) {
        const auto text = texts.find(key(fs::path(file)));
        return text == texts.end() ? std::string() : text->second;
    };
    loaded.compiled = compiler::compile_workflows(set, compile);
    if (!loaded.compiled.error.empty()) loaded.problems.push_back({{}, 0, {}, {}, loaded.compiled.error});
    return loaded;
}

ProjectWorkflows compile_project_workflows(const Project& project, const std::vector<std::string>& files) {
    ProjectWorkflows made;
    if (files.empty()) return made;
    WorkflowOptions options;
    options.directory = project.root;
    std::vector<std::string> names;
    for (const auto& file : files)
        names.push_back(module_name(project.root, file));
    auto loaded = load_and_compile_workflows(names, options);
    if (!loaded.problems.empty()) {
        made.problems = render_problems(loaded.problems);
        made.problem_count = loaded.problems.size();
        // A problem may lie in a file that several call: each is asked by itself.
        std::vector<std::string> sound;
        for (const auto& name : names) {
            const auto alone = load_and_compile_workflows({name}, options);
            if (alone.problems.empty()) {
                sound.push_back(name);
            } else {
                made.invalid.push_back({name, "", visible(workflow::render(alone.problems.front()), false)});
            }
        }
        loaded = sound.empty() ? LoadedWorkflows() : load_and_compile_workflows(sound, options);
        RELUX_ASSERT(loaded.problems.empty(), "files that are sound alone are sound together");
    }
    for (const auto& workflow : loaded.compiled.workflows) {
        if (made.test_modules.empty() || made.test_modules.back() != workflow.module)
            made.test_modules.push_back(workflow.module);
    }
    made.modules = std::move(loaded.compiled.modules);
    return made;
}

std::string render_problems(const std::vector<workflow::Problem>& problems) {
    std::string lines;
    for (const auto& problem : problems)
        lines += visible(workflow::render(problem), false) + "\n";
    return lines;
}

}  // namespace relux::cli
