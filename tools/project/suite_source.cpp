// Sources or archive to linked program and test cases.
#include "tools/project/suite_source.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "compiler/cached_compile.h"
#include "tools/project/compilation.h"
#include "tools/project/workflow_source.h"
#include "vm/base/files.h"
#include "vm/run/test_slug.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

/// The invalid tests of one file, by their positions.
using InvalidTests = std::vector<const compiler::InvalidTest*>;

/// That of the error, when the reason names it: `relux/tests/a.relux:7:3: …`; else 0.
std::uint32_t line_of(const compiler::InvalidTest& invalid) {
    const std::string_view reason = invalid.reason;
    const auto at = reason.find(invalid.module + ":");
    std::uint32_t line = 0;
    if (at != std::string_view::npos) {
        const auto* digits = reason.data() + at + invalid.module.size() + 1;
        std::from_chars(digits, reason.data() + reason.size(), line);
    }
    return line;
}

class TestCaseBuilder {
  public:
    TestCaseBuilder(std::size_t count, Texts& texts) : texts_(texts), slugs_(count) { cases_.reserve(count); }

    /// Adds the tests of one file, in its order: `invalid` ones have their positions, those of `valid` the
    /// others. Null: none is valid.
    void add_file(const TestModule* valid, const InvalidTests& invalid) {
        run::TestCase test;
        if (valid != nullptr) {
            test.module = valid->name;
            test.file = valid->name;
            test.path = test_path(valid->name);
            test.module_logs = texts_.emplace_back(log_directory(valid->name));
        }
        const auto valid_count = valid == nullptr ? 0 : valid->tests.size();
        auto next_invalid = invalid.begin();
        while (test.number < valid_count || next_invalid != invalid.end()) {
            const auto position = test.number + static_cast<std::size_t>(next_invalid - invalid.begin());
            const bool is_valid = test.number < valid_count &&
                                  (next_invalid == invalid.end() || (*next_invalid)->position > position);
            if (!is_valid) {
                add_invalid(**next_invalid++);
                continue;
            }
            test.name = valid->tests[test.number];
            test.namesake = slugs_.number(test.module_logs, test.name);
            cases_.push_back(test);
            ++test.number;
        }
    }

    void add_invalid(const compiler::InvalidTest& invalid) {
        run::TestCase test;
        test.file = texts_.emplace_back(invalid.module);
        test.path = test_path(test.file);
        test.line = line_of(invalid);
        test.name = texts_.emplace_back(invalid.name);
        if (!invalid.name.empty()) test.namesake = slugs_.number(log_directory(invalid.module), test.name);
        test.invalid_reason = texts_.emplace_back(invalid.reason);
        cases_.push_back(test);
    }

    std::vector<run::TestCase> take() { return std::move(cases_); }

  private:
    Texts& texts_;
    std::vector<run::TestCase> cases_;
    run::SlugNumbers slugs_;
};

std::string_view directory_of(std::string_view module) {
    return module.substr(0, module.rfind('/') + 1);
}

void set_environment(RunnableSuite& suite, EnvironmentLayers&& environment) {
    suite.environment.emplace(std::move(environment));
    const run::TestCase* before = nullptr;
    for (auto& test : suite.tests) {
        if (test.module.empty()) continue;
        // Tests of one file stand together, and so do files of one directory.
        const bool same = before != nullptr && (before->module.data() == test.module.data() ||
                                                directory_of(before->module) == directory_of(test.module));
        test.environment = same ? before->environment : &suite.environment->of_module(test.module);
        before = &test;
    }
}

// Where the test files of an archive are, if they are there at all.
std::vector<std::string> files_of(const Project& project, const std::vector<std::string>& modules) {
    std::vector<std::string> files;
    for (const auto& module : modules)
        files.push_back(absolute_path(project.root / module).string());
    return files;
}

/// Workflows beside modules that come from elsewhere.
class SourceWithWorkflows final : public exec::ModuleSource {
  public:
    SourceWithWorkflows(std::unique_ptr<exec::ModuleSource> source, std::vector<bytecode::Module> workflows)
        : source_(std::move(source)), workflows_(std::move(workflows)) {
        std::vector<std::pair<std::string, Place>> all;
        for (std::size_t i = 0; i < source_->names().size(); ++i)
            all.push_back({source_->names()[i], {false, i}});
        for (std::size_t i = 0; i < workflows_.size(); ++i)
            all.push_back({workflows_[i].name, {true, i}});
        std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        for (auto& [name, place] : all) {
            names_.push_back(std::move(name));
            places_.push_back(place);
        }
    }
    const std::vector<std::string>& names() const override { return names_; }
    Result<bytecode::Module> load(std::size_t number) override {
        const auto& place = places_[number];
        if (place.is_workflow) return std::move(workflows_[place.number]);
        return source_->load(place.number);
    }

  private:
    struct Place {
        bool is_workflow = false;
        std::size_t number = 0;
    };
    std::unique_ptr<exec::ModuleSource> source_;
    std::vector<bytecode::Module> workflows_;
    std::vector<std::string> names_;
    std::vector<Place> places_;
};

void append_invalid(std::vector<compiler::InvalidTest>& invalid, const ProjectWorkflows& workflows) {
    invalid.insert(invalid.end(), workflows.invalid.begin(), workflows.invalid.end());
}

Status link_compiled(const Selection& selection, const EnvironmentLayers& environment,
                     ProjectWorkflows workflows, const std::vector<std::string>& names, bool color,
                     RunnableSuite& suite) {
    auto compiled = compile_project(selection.project, selection.files, environment);
    suite.diagnostics = render_diagnostics(compiled.diagnostics, Shown::Errors, color) + workflows.problems;
    auto tests = test_modules_of(compiled.modules, compiled.test_modules, suite.texts);
    auto more = test_modules_of(workflows.modules, workflows.test_modules, suite.texts);
    tests.insert(tests.end(), more.begin(), more.end());
    append_invalid(compiled.invalid, workflows);
    suite.tests = make_test_cases(names, tests, compiled.invalid, suite.texts);
    std::move(workflows.modules.begin(), workflows.modules.end(), std::back_inserter(compiled.modules));
    auto program = exec::Program::link(std::move(compiled.modules));
    if (!program) return program.error();
    suite.program = std::move(*program);
    return Done{};
}

Status link_cached(const Selection& selection, const EnvironmentLayers& environment,
                   std::unique_ptr<compiler::ModuleCache> cache, ProjectWorkflows workflows,
                   const std::vector<std::string>& names, bool color, RunnableSuite& suite) {
    auto compiled = compiler::compile_suite_cached(compile_options(selection.project, environment),
                                                   selection.files, std::move(cache), {});
    suite.diagnostics = render_diagnostics(compiled.diagnostics, Shown::Errors, color) + workflows.problems;
    if (!compiled.note.empty()) suite.diagnostics += "warning: nothing is cached: " + compiled.note + "\n";
    std::vector<TestModule> tests;
    for (const auto* module : compiled.test_modules)
        tests.push_back({module->name, module->tests});
    for (auto& module : test_modules_of(workflows.modules, workflows.test_modules, suite.texts))
        tests.push_back(std::move(module));
    append_invalid(compiled.invalid, workflows);
    suite.tests = make_test_cases(names, tests, compiled.invalid, suite.texts);
    auto source = std::move(compiled.source);
    if (!workflows.modules.empty())
        source = std::make_unique<SourceWithWorkflows>(std::move(source), std::move(workflows.modules));
    suite.program = exec::Program::open(std::move(source));
    return Done{};
}

}  // namespace

std::vector<run::TestCase> make_test_cases(const std::vector<std::string>& files,
                                           const std::vector<TestModule>& valid,
                                           const std::vector<compiler::InvalidTest>& invalid, Texts& texts) {
    std::unordered_map<std::string_view, const TestModule*> valid_by_name;
    for (const auto& module : valid)
        valid_by_name.emplace(module.name, &module);
    std::unordered_map<std::string_view, InvalidTests> unplaced;
    for (const auto& test : invalid)
        unplaced[test.module].push_back(&test);
    std::size_t count = invalid.size();
    for (const auto& module : valid)
        count += module.tests.size();
    TestCaseBuilder builder(count, texts);
    const InvalidTests none;
    for (const auto& file : files) {
        const auto found = valid_by_name.find(file);
        const auto broken = unplaced.find(file);
        builder.add_file(found == valid_by_name.end() ? nullptr : found->second,
                         broken == unplaced.end() ? none : broken->second);
        if (broken != unplaced.end()) unplaced.erase(broken);
    }
    for (const auto& test : invalid) {
        if (unplaced.contains(test.module)) builder.add_invalid(test);
    }
    return builder.take();
}

std::vector<TestModule> test_modules_of(const std::vector<bytecode::Module>& modules,
                                        const std::vector<std::string>& names, Texts& texts) {
    std::vector<TestModule> tests;
    for (const auto& name : names) {
        const auto found = std::lower_bound(
            modules.begin(), modules.end(), name,
            [](const bytecode::Module& module, const std::string& wanted) { return module.name < wanted; });
        if (found == modules.end() || found->name != name) continue;
        TestModule module{texts.emplace_back(name), {}};
        for (const auto& test : found->tests)
            module.tests.push_back(found->strings[found->scopes[test.scope].name]);
        tests.push_back(std::move(module));
    }
    return tests;
}

bool is_archive(const fs::path& path) {
    return path.extension() == ".rxb";
}

Result<RunnableSuite> suite_from_sources(const std::optional<fs::path>& manifest,
                                         const std::vector<fs::path>& paths,
                                         const CacheOptions& cache_options, bool color) {
    auto selection = select_files(manifest, paths);
    if (!selection) return selection.error();
    auto environment = EnvironmentLayers::read(
        selection->project.root, selection->in_order.empty() ? selection->files : selection->in_order,
        selection->project.manifest.shell.term);
    if (!environment) return environment.error();
    auto cache = open_cache(cache_options, selection->project);
    if (!cache) return cache.error();
    RunnableSuite suite;
    std::vector<std::string> names;
    for (const auto& file : selection->in_order.empty() ? selection->files : selection->in_order)
        names.push_back(module_name(selection->project.root, file));
    auto workflows = compile_project_workflows(selection->project, selection->workflows);
    const auto linked =
        *cache ? link_cached(*selection, *environment, std::move(*cache), std::move(workflows), names, color,
                             suite)
               : link_compiled(*selection, *environment, std::move(workflows), names, color, suite);
    if (!linked) return linked.error();
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
    auto nearest_text = nearest ? read_settings(*nearest) : Result<std::string>(Error{});
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
    auto environment = EnvironmentLayers::read(project->root, files_of(*project, archive->tests),
                                               project->manifest.shell.term);
    if (!environment) return environment.error();
    RunnableSuite suite;
    const auto test_modules = test_modules_of(archive->modules, archive->tests, suite.texts);
    auto program = exec::Program::link(std::move(archive->modules));
    if (!program) return Error{archive_file.string() + ": " + program.error().message};
    suite.program = std::move(*program);
    suite.tests = make_test_cases(archive->tests, test_modules, {}, suite.texts);
    suite.project = std::move(*project);
    set_environment(suite, std::move(*environment));
    return suite;
}

}  // namespace relux::cli
