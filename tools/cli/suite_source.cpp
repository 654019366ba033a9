// Sources or archive to linked program and test cases.
#include "tools/cli/suite_source.h"

#include <algorithm>
#include <unordered_set>

#include "tools/cli/compilation.h"
#include "tools/cli/files.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

class TestCaseBuilder {
  public:
    void add_tests(const exec::LinkedModule& module) {
        for (const auto& test : module.code.tests) {
            auto name = std::string(module.string(module.code.scopes[test.scope].name));
            auto directory = unique_directory(module.code.name, name);
            cases_.push_back({&module, &test, test_path(module.code.name), name, directory, ""});
        }
    }

    void add_invalid(const compiler::InvalidTest& invalid) {
        cases_.push_back({nullptr, nullptr, test_path(invalid.module), invalid.name, "", invalid.reason});
    }

    std::vector<run::TestCase> take() { return std::move(cases_); }

  private:
    // "a b" and "a-b" are two tests with one slug.
    std::string unique_directory(const std::string& module, const std::string& name) {
        auto last = slug(name);
        auto directory = log_directory(module) + "/" + (last.empty() ? "test" : last);
        auto candidate = directory;
        for (int number = 2; !directories_.insert(candidate).second; ++number) {
            candidate = directory + "-" + std::to_string(number);
        }
        return candidate;
    }

    std::vector<run::TestCase> cases_;
    std::unordered_set<std::string> directories_;
};

void set_environment(RunnableSuite& suite, EnvironmentLayers&& environment) {
    suite.environment.emplace(std::move(environment));
    for (auto& test : suite.tests) {
        if (test.module != nullptr) test.environment = &suite.environment->of_module(test.module->code.name);
    }
}

// Where the test files of an archive are, if they are there at all.
std::vector<fs::path> files_of(const Project& project, const std::vector<std::string>& modules) {
    std::vector<fs::path> files;
    for (const auto& module : modules)
        files.push_back(absolute_path(project.root / module));
    return files;
}

}  // namespace

std::vector<run::TestCase> make_test_cases(const exec::Program& program,
                                           const std::vector<std::string>& files,
                                           const std::vector<std::string>& test_modules,
                                           const std::vector<compiler::InvalidTest>& invalid) {
    TestCaseBuilder builder;
    std::vector<bool> placed(invalid.size(), false);
    for (const auto& file : files) {
        for (std::size_t i = 0; i < invalid.size(); ++i) {
            if (invalid[i].module != file) continue;
            builder.add_invalid(invalid[i]);
            placed[i] = true;
        }
        bool valid = std::find(test_modules.begin(), test_modules.end(), file) != test_modules.end();
        const auto* module = valid ? program.find_module(file) : nullptr;
        if (module != nullptr) builder.add_tests(*module);
    }
    for (std::size_t i = 0; i < invalid.size(); ++i) {
        if (!placed[i]) builder.add_invalid(invalid[i]);
    }
    return builder.take();
}

bool is_archive(const fs::path& path) {
    return path.extension() == ".rxb";
}

Result<RunnableSuite> suite_from_sources(const std::optional<fs::path>& manifest,
                                         const std::vector<fs::path>& paths, bool color) {
    auto selection = select_files(manifest, paths);
    if (!selection) return selection.error();
    auto environment = EnvironmentLayers::read(selection->project.root, selection->files);
    if (!environment) return environment.error();
    auto compiled = compile_project(selection->project, selection->files, *environment);
    RunnableSuite suite;
    suite.diagnostics = render_diagnostics(compiled.diagnostics, Shown::Errors, color);
    auto program = exec::Program::link(std::move(compiled.modules));
    if (!program) return program.error();
    std::vector<std::string> names;
    for (const auto& file : selection->files)
        names.push_back(module_name(selection->project.root, file));
    suite.program = std::move(*program);
    suite.tests = make_test_cases(*suite.program, names, compiled.test_modules, compiled.invalid);
    suite.project = std::move(selection->project);
    set_environment(suite, std::move(*environment));
    return suite;
}

Result<Project> project_of_archive(const std::optional<fs::path>& manifest,
                                   const bytecode::Archive& archive) {
    if (manifest) return open_project(manifest);
    std::error_code error;
    auto current = fs::current_path(error);
    auto nearest = find_manifest(current);
    auto nearest_text = nearest ? read_file(*nearest) : Result<std::string>(Error{});
    auto parsed = parse_manifest(archive.manifest, "Relux.toml in the archive");
    if (!parsed) return parsed.error();
    Project project{current, archive.manifest, std::move(*parsed)};
    fs::path recorded = archive.suite_root;
    if (nearest_text && *nearest_text == archive.manifest) {
        project.root = nearest->parent_path();
    } else if (recorded.is_absolute() && fs::exists(recorded / kManifestName, error)) {
        project.root = recorded;
    } else if (nearest) {
        project.root = nearest->parent_path();
    }
    if (project.manifest.name.empty()) project.manifest.name = project.root.filename().string();
    return project;
}

Result<RunnableSuite> suite_from_archive(const std::optional<fs::path>& manifest,
                                         const fs::path& archive_file) {
    auto bytes = read_file(archive_file);
    if (!bytes) return bytes.error();
    auto archive = bytecode::read_archive(*bytes);
    if (!archive) return Error{archive_file.string() + ": " + archive.error().message};
    auto project = project_of_archive(manifest, *archive);
    if (!project) return project.error();
    auto environment = EnvironmentLayers::read(project->root, files_of(*project, archive->tests));
    if (!environment) return environment.error();
    auto program = exec::Program::link(std::move(archive->modules));
    if (!program) return Error{archive_file.string() + ": " + program.error().message};
    RunnableSuite suite;
    suite.program = std::move(*program);
    suite.tests = make_test_cases(*suite.program, archive->tests, archive->tests, {});
    suite.project = std::move(*project);
    set_environment(suite, std::move(*environment));
    return suite;
}

}  // namespace relux::cli
