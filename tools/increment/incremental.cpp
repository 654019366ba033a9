#include "tools/increment/incremental.h"

#include <algorithm>
#include <utility>

#include "compiler/module_facts.h"
#include "compiler/source_stamps.h"
#include "tools/cli/version.h"
#include "tools/history/history_runs.h"
#include "tools/increment/input_files.h"
#include "tools/increment/sent_inputs.h"
#include "tools/project/environment.h"
#include "tools/project/setting_forms.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kVariable = "variable ";
constexpr std::string_view kExecutable = "executable ";

std::uint64_t digest(std::string_view bytes) {
    return compiler::hash128(bytes).low;
}

/// Unset is not the same as empty.
std::uint64_t digest_of_variable(const std::optional<std::string_view>& value) {
    return value ? digest("=" + std::string(*value)) : 0;
}

using Variables = std::map<std::string, std::string>;

const Variables& variables_of(const RunnableSuite& suite, const run::TestCase& test) {
    return test.environment != nullptr ? test.environment->variables : suite.environment->root().variables;
}

std::string path_in(const Variables& variables) {
    const auto path = variables.find("PATH");
    return path == variables.end() ? std::string() : path->second;
}

template <class Form, class Value>
std::string text_of(const Form&, const Value& number) {
    return std::to_string(number);
}

template <class Form>
std::string text_of(const Form&, const std::string& text) {
    return text;
}

template <class Form>
std::string text_of(const Form&, const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words)
        text += word + '\0';
    return text;
}

template <class Form>
std::string text_of(const Form&, const Duration& duration) {
    return std::to_string(duration.count());
}

template <class Value>
std::string text_of(const form::OneOf<Value>& choice, const Value& value) {
    return std::string(choice.word(value));
}

/// `[shell] prompt`; `language` of one above the tables.
std::string name_of_setting(std::string_view table, std::string_view key) {
    return (table.empty() ? "" : "[" + std::string(table) + "] ") + std::string(key);
}

void add_settings(const run::RunSettings& settings, const Manifest& manifest, Dependencies& out) {
    const auto add = [&](const std::string& name, const std::string& value) {
        out.push_back({"setting " + name, digest(value)});
    };
#define ADD(table, key, value_now, form, influence)            \
    if constexpr (Influence::influence == Influence::Outcomes) \
        add(name_of_setting(table, key), text_of(form, value_now));
#define PROJECT_KEY(key, Type, member, value, form, flag, influence, ...) \
    ADD("", #key, manifest.member, form, influence)
#define KEY(table, key, Type, member, value, form, flag, influence, ...) \
    ADD(#table, #key, settings.member, form, influence)
#include "vm/run/settings.def"
#undef ADD
    add("the time-out multiplier", std::to_string(settings.timeout.multiplier));
    add("--no-wait-for-reader", settings.wait_for_reader ? "" : "set");
    out.push_back(
        {"the program of the shell", digest_of_executable(find_executable(settings.shell.command.front(),
                                                                          path_in(settings.environment)))});
    out.push_back({"Relux itself",
                   digest(std::string(version()) + " " + std::string(compiler::compiler_fingerprint()))});
}

Status add_inputs(const Project& project, FileDigests& digests, Dependencies& out) {
    for (const auto& glob : project.manifest.inputs) {
        const auto files = expand_glob(project.root, glob);
        // So that the first file that fits is a change too.
        out.push_back({"input " + glob + ": the number of files", files.size()});
        for (const auto& file : files) {
            const auto content = digests.of_file(file);
            if (content == kNoFile)
                return Error{"[run] inputs: cannot read " + (project.root / file).string()};
            out.push_back({"input " + file, content});
        }
    }
    return Done{};
}

void sort(Dependencies& dependencies) {
    std::sort(dependencies.begin(), dependencies.end());
    const auto same = [](const Dependency& a, const Dependency& b) { return a.name == b.name; };
    dependencies.erase(std::unique(dependencies.begin(), dependencies.end(), same), dependencies.end());
}

const char* what_happened(const Dependency& before, const Dependency& now) {
    if (!is_sent(before.name)) return " has changed";
    if (before.digest == kChangedMeanwhile) return " was changed while the run went on";
    if (now.digest == kNoFile) return " is no longer there";
    return before.digest == kNoFile ? " is there now" : " has changed";
}

/// The first difference, in words; nothing when there is none.
std::optional<std::string> difference(const Dependencies& before, const Dependencies& now) {
    auto old = before.begin();
    auto current = now.begin();
    while (old != before.end() || current != now.end()) {
        if (current == now.end() || (old != before.end() && old->name < current->name))
            return old->name + " is no longer there";
        if (old == before.end() || current->name < old->name) return current->name + " is new";
        if (old->digest != current->digest) return current->name + what_happened(*old, *current);
        ++old;
        ++current;
    }
    return std::nullopt;
}

const char* remark_on(const Dependency& now) {
    if (!is_sent(now.name)) return "";
    if (now.digest == kNoFile) return ", not there now";
    return now.name.starts_with(kSentDirectory) ? ", not what is in it" : "";
}

std::string key_of(const run::TestCase& test) {
    return test_key(test.path, test.name);
}

/// `, files a b`; nothing of none.
std::string listed(const char* word, const std::vector<std::string>& names) {
    if (names.empty()) return {};
    std::string text = std::string(", ") + word + " ";
    for (const auto& name : names)
        text += (&name == &names.front() ? "" : " ") + name;
    return text;
}

std::string counted(std::size_t count, const char* one, const char* more) {
    return std::to_string(count) + " " + (count == 1 ? one : more);
}

/// `3 pieces of code, 2 variables (A, B)`, for people.
std::string summary(const Dependencies& own, const Dependencies& shared) {
    std::size_t code = 0;
    std::size_t inputs = 0;
    std::size_t programs = 0;
    std::vector<std::string> variables;
    std::vector<std::string> executables;
    std::vector<std::string> files;
    for (const auto& [name, ignored] : own) {
        if (name.starts_with(kVariable)) {
            variables.push_back(name.substr(kVariable.size()));
        } else if (name.starts_with(kExecutable)) {
            executables.push_back(name.substr(kExecutable.size()));
        } else if (name.starts_with(kSentFile)) {
            files.push_back(name.substr(kSentFile.size()));
        } else if (name.starts_with(kSentFiles)) {
            files.push_back(name.substr(kSentFiles.size()));
        } else if (!name.starts_with(kSentDirectory)) {
            ++(name.starts_with(kSentProgram) ? programs : code);
        }
    }
    for (const auto& dependency : shared)
        inputs += dependency.name.starts_with("input ") &&
                  dependency.name.find(": the number") == std::string::npos;
    return "the code it reaches (" + counted(code, "piece", "pieces") + "), the settings" +
           (inputs == 0 ? "" : ", " + counted(inputs, "input file", "input files")) + listed("files", files) +
           listed("variables", variables) + listed("executables", executables) +
           (programs == 0 ? "" : ", " + counted(programs, "program", "programs"));
}

}  // namespace

Incremental::Incremental(const RunnableSuite& suite)
    : file_(suite.project.root / "relux" / "out" / kIncrementalStateName),
      state_(read_incremental_state(file_)),
      files_(suite.project.root, std::move(state_.files)) {}

Result<Incremental> Incremental::open(const RunnableSuite& suite, const run::RunSettings& settings) {
    Incremental incremental(suite);
    add_settings(settings, suite.project.manifest, incremental.shared_);
    if (auto added = add_inputs(suite.project, incremental.files_, incremental.shared_); !added)
        return added.error();
    sort(incremental.shared_);
    return incremental;
}

Dependencies Incremental::dependencies_now(RunnableSuite& suite, const run::TestCase& test,
                                           const Dependencies& remembered) {
    Dependencies now = code_[key_of(test)];
    const auto& variables = variables_of(suite, test);
    const auto path = path_in(variables);
    for (const auto& dependency : remembered) {
        if (dependency.name.starts_with(kVariable)) {
            const auto found = variables.find(dependency.name.substr(kVariable.size()));
            now.push_back(
                {dependency.name, digest_of_variable(found == variables.end()
                                                         ? std::nullopt
                                                         : std::optional<std::string_view>(found->second))});
        } else if (dependency.name.starts_with(kExecutable)) {
            const auto name = dependency.name.substr(kExecutable.size());
            now.push_back({dependency.name, digest_of_executable(find_executable(name, path))});
        } else if (is_sent(dependency.name)) {
            now.push_back({dependency.name, digest_of_sent(dependency.name, path, files_)});
        }
    }
    sort(now);
    return now;
}

std::optional<std::string> Incremental::reason_to_run(const RememberedTest& remembered,
                                                      const Dependencies& now) {
    if (!remembered.passed) return "it did not pass in run " + remembered.run_id;
    if (auto changed = difference(remembered.own, now)) return changed;
    if (auto changed = difference(state_.shared[remembered.shared], shared_)) return changed;
    if (const auto file = appeared(remembered.absent, files_); !file.empty())
        return std::string(kSentFile) + file + " is there now";
    return std::nullopt;
}

void Incremental::decide(RunnableSuite& suite, bool force) {
    for (auto& test : suite.tests) {
        if (test.module.empty()) continue;
        const auto module = suite.program->load(test.module);
        if (!module) continue;  // the run says so
        const auto key = key_of(test);
        auto& code = code_[key];
        for (auto& reached : reach_.of(**module, (*module)->code.tests[test.number]))
            code.push_back({std::move(reached.label), reached.digest});
        const auto found = state_.tests.find(key);
        if (found == state_.tests.end()) continue;
        auto& remembered = found->second;
        const auto reason = reason_to_run(remembered, dependencies_now(suite, test, remembered.own));
        if (reason) {
            if (remembered.passed) remembered.last_invalidated = *reason;
        } else if (!force) {
            test.cached_because =
                suite.texts.emplace_back("passed in run " + remembered.run_id + "; unchanged since: " +
                                         summary(remembered.own, state_.shared[remembered.shared]));
        }
    }
}

std::string Incremental::explain(RunnableSuite& suite, const std::string& wanted) {
    std::string text;
    for (const auto& test : suite.tests) {
        const bool is_wanted = test.name == wanted || key_of(test) == wanted ||
                               report::shown_name(test.path, test.slug()) == wanted;
        if (!is_wanted) continue;
        text += visible(key_of(test), false) + "\n";
        const auto found = state_.tests.find(key_of(test));
        if (found == state_.tests.end() || test.module.empty()) {
            text += "  runs: it has not passed before, with --incremental\n";
            continue;
        }
        const auto& remembered = found->second;
        const auto now = dependencies_now(suite, test, remembered.own);
        const auto reason = reason_to_run(remembered, now);
        text += reason ? "  runs: " + visible(*reason, false) + "\n"
                       : "  does not run: it passed in run " + remembered.run_id + "\n";
        if (!remembered.last_invalidated.empty())
            text +=
                "  what made it run again last time: " + visible(remembered.last_invalidated, false) + "\n";
        text += "  it runs again when one of these changes:\n";
        for (const Dependencies* dependencies : {&now, &std::as_const(shared_)}) {
            for (const auto& dependency : *dependencies) {
                text += "    " + visible(dependency.name, false) + remark_on(dependency) + "\n";
            }
        }
        if (const auto count = remembered.absent.names.size(); count > 0)
            text += "    a file that would be new: " + counted(count, "other word", "other words") +
                    " that it sends may name one\n";
    }
    return text;
}

void Incremental::remember(RememberedTest& remembered, const report::TestResult& result,
                           const Variables& variables) {
    for (const auto& [name, value] : result.variables_read) {
        // Variables that the run sets differ between runs; what a test does with them is the same.
        if (is_set_by_run(name)) continue;
        remembered.own.push_back(
            {std::string(kVariable) + name,
             digest_of_variable(value ? std::optional<std::string_view>(*value) : std::nullopt)});
    }
    for (const auto& [name, path] : result.executables_found)
        remembered.own.push_back({std::string(kExecutable) + name, digest_of_executable(path)});
    auto sent = sent_inputs(result.sent, path_in(variables), files_);
    remembered.own.insert(remembered.own.end(), sent.dependencies.begin(), sent.dependencies.end());
    remembered.absent = std::move(sent.absent);
    sort(remembered.own);
}

Status Incremental::record(const RunnableSuite& suite, const std::vector<report::TestResult>& results,
                           const std::string& run_id) {
    files_.begin_record();
    const IncrementalStateLock lock(file_);
    // Other runs may have added to it since.
    const auto at_start = std::exchange(state_, read_incremental_state(file_));
    state_.shared.push_back(shared_);
    const auto shared = static_cast<std::uint32_t>(state_.shared.size() - 1);
    for (std::size_t i = 0; i < suite.tests.size(); ++i) {
        const auto& test = suite.tests[i];
        const auto& result = results[i];
        if (test.module.empty() || !test.cached_because.empty()) continue;
        auto& remembered = state_.tests[key_of(test)];
        if (const auto known = at_start.tests.find(key_of(test)); known != at_start.tests.end())
            remembered.last_invalidated = known->second.last_invalidated;
        remembered.passed = result.outcome == report::OutcomeKind::Passed && result.flaky_retries == 0;
        remembered.run_id = run_id;
        remembered.shared = shared;
        remembered.own = code_[key_of(test)];
        remember(remembered, result, variables_of(suite, test));
    }
    forget_unused();
    auto known_files = files_.settled();
    known_files.merge(state_.files);
    state_.files = std::move(known_files);
    return write_incremental_state(state_, file_);
}

void Incremental::forget_unused() {
    std::map<std::uint32_t, std::uint32_t> kept;
    std::vector<Dependencies> used;
    for (auto& [key, test] : state_.tests) {
        const auto [found, is_new] = kept.try_emplace(test.shared, static_cast<std::uint32_t>(used.size()));
        if (is_new) used.push_back(state_.shared[test.shared]);
        test.shared = found->second;
    }
    state_.shared = std::move(used);
}

}  // namespace relux::cli
