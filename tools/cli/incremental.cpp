#include "tools/cli/incremental.h"

#include <algorithm>
#include <set>
#include <sys/stat.h>

#include "compiler/module_facts.h"
#include "compiler/source_stamps.h"
#include "tools/cli/history_runs.h"
#include "tools/cli/input_files.h"
#include "vm/base/files.h"
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

/// Which file it is, by what a build or an upgrade changes; its bytes are not read.
std::uint64_t digest_of_executable(const std::string& path) {
    if (path.empty()) return 0;
    const auto stamp = compiler::stamp_of(path);
    if (!stamp) return 0;
    return digest(path + "\n" + std::to_string(stamp->size) + " " + std::to_string(stamp->inode) + " " +
                  std::to_string(stamp->modified) + " " + std::to_string(stamp->changed));
}

bool is_executable(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

/// As the built-in which() finds it, with the PATH of a layer.
std::string find_executable(const std::string& name, const std::map<std::string, std::string>& variables) {
    if (name.find('/') != std::string::npos) return is_executable(name) ? name : std::string();
    const auto path = variables.find("PATH");
    auto rest = path == variables.end() ? std::string_view() : std::string_view(path->second);
    while (!rest.empty()) {
        const auto colon = rest.find(':');
        const auto directory = std::string(rest.substr(0, colon));
        rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
        auto candidate = (directory.empty() ? "." : directory) + "/" + name;
        if (is_executable(candidate)) return candidate;
    }
    return {};
}

void add_settings(const run::RunSettings& settings, frontend::Edition edition, Dependencies& out) {
    const auto add = [&](std::string name, const std::string& value) {
        out.push_back({"setting " + std::move(name), digest(value)});
    };
    std::string command;
    for (const auto& word : settings.shell.command)
        command += word + '\0';
    add("[shell] command", command);
    add("[shell] prompt", settings.shell.prompt);
    add("[shell] term", settings.shell.term);
    add("[shell] columns", std::to_string(settings.shell.columns));
    add("[shell] rows", std::to_string(settings.shell.rows));
    add("[shell] buffer_limit", std::to_string(settings.shell.buffer_limit));
    add("[timeout] match", std::to_string(settings.timeout.match.count()));
    add("[timeout] test", std::to_string(settings.timeout.test.count()));
    add("the time-out multiplier", std::to_string(settings.timeout.multiplier));
    add("[run] memory_limit", std::to_string(settings.memory_limit));
    add("[run] leftover", settings.leftover_fails ? "fail" : "warn");
    add("[available_ports]",
        std::to_string(settings.port_range_start) + "-" + std::to_string(settings.port_range_end));
    add("language", edition == frontend::Edition::V0_8 ? "0.8" : "0.4");
    add("--no-wait-for-reader", settings.wait_for_reader ? "" : "set");
    out.push_back({"the program of the shell", digest_of_executable(find_executable(
                                                   settings.shell.command.front(), settings.environment))});
    out.push_back({"Relux itself",
                   digest(std::string(RELUX_VERSION) + " " + std::string(compiler::compiler_fingerprint()))});
}

Status add_inputs(const Project& project, Dependencies& out) {
    for (const auto& glob : project.manifest.inputs) {
        const auto files = expand_glob(project.root, glob);
        // So that the first file that fits is a change too.
        out.push_back({"input " + glob + ": the number of files", files.size()});
        for (const auto& file : files) {
            const auto bytes = read_file(project.root / file);
            if (!bytes) return Error{"[run] inputs: " + bytes.error().message};
            out.push_back({"input " + file, digest(*bytes)});
        }
    }
    return Done{};
}

void sort(Dependencies& dependencies) {
    std::sort(dependencies.begin(), dependencies.end());
    const auto same = [](const Dependency& a, const Dependency& b) { return a.name == b.name; };
    dependencies.erase(std::unique(dependencies.begin(), dependencies.end(), same), dependencies.end());
}

/// The first difference, in words; nothing when there is none.
std::optional<std::string> difference(const Dependencies& before, const Dependencies& now) {
    auto old = before.begin();
    auto current = now.begin();
    while (old != before.end() || current != now.end()) {
        if (current == now.end() || (old != before.end() && old->name < current->name))
            return old->name + " is no longer there";
        if (old == before.end() || current->name < old->name) return current->name + " is new";
        if (old->digest != current->digest) return current->name + " has changed";
        ++old;
        ++current;
    }
    return std::nullopt;
}

std::string key_of(const run::TestCase& test) {
    return test_key(test.path, test.name);
}

/// `3 pieces of code, 2 variables (A, B)`, for people.
std::string summary(const Dependencies& own, const Dependencies& shared) {
    std::size_t code = 0;
    std::size_t inputs = 0;
    std::vector<std::string> variables;
    std::vector<std::string> executables;
    for (const auto& dependency : own) {
        if (dependency.name.starts_with(kVariable)) {
            variables.push_back(dependency.name.substr(kVariable.size()));
        } else if (dependency.name.starts_with(kExecutable)) {
            executables.push_back(dependency.name.substr(kExecutable.size()));
        } else {
            ++code;
        }
    }
    for (const auto& dependency : shared)
        inputs += dependency.name.starts_with("input ") &&
                  dependency.name.find(": the number") == std::string::npos;
    const auto list = [](const char* word, const std::vector<std::string>& names) {
        if (names.empty()) return std::string();
        std::string text = std::string(", ") + word + " ";
        for (const auto& name : names)
            text += (&name == &names.front() ? "" : " ") + name;
        return text;
    };
    return "the code it reaches (" + std::to_string(code) + (code == 1 ? " piece" : " pieces") +
           "), the settings" +
           (inputs == 0 ? std::string()
                        : ", " + std::to_string(inputs) + (inputs == 1 ? " input file" : " input files")) +
           list("variables", variables) + list("executables", executables);
}

}  // namespace

Result<Incremental> Incremental::open(const RunnableSuite& suite, const run::RunSettings& settings) {
    Incremental incremental;
    incremental.file_ = suite.project.root / "relux" / "out" / kIncrementalStateName;
    incremental.state_ = read_incremental_state(incremental.file_);
    add_settings(settings, suite.project.manifest.language, incremental.shared_);
    if (auto added = add_inputs(suite.project, incremental.shared_); !added) return added.error();
    sort(incremental.shared_);
    return incremental;
}

Dependencies Incremental::dependencies_now(RunnableSuite& suite, const run::TestCase& test,
                                           const Dependencies& remembered) {
    Dependencies now = code_[key_of(test)];
    const auto& variables =
        test.environment != nullptr ? test.environment->variables : suite.environment->root().variables;
    for (const auto& dependency : remembered) {
        if (dependency.name.starts_with(kVariable)) {
            const auto found = variables.find(dependency.name.substr(kVariable.size()));
            now.push_back(
                {dependency.name, digest_of_variable(found == variables.end()
                                                         ? std::nullopt
                                                         : std::optional<std::string_view>(found->second))});
        } else if (dependency.name.starts_with(kExecutable)) {
            const auto name = dependency.name.substr(kExecutable.size());
            now.push_back({dependency.name, digest_of_executable(find_executable(name, variables))});
        }
    }
    sort(now);
    return now;
}

std::optional<std::string> Incremental::reason_to_run(const RememberedTest& remembered,
                                                      const Dependencies& now) const {
    if (!remembered.passed) return "it did not pass in run " + remembered.run_id;
    if (auto changed = difference(remembered.own, now)) return changed;
    return difference(state_.shared[remembered.shared], shared_);
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
        if (test.name != wanted && key_of(test) != wanted) continue;
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
            for (const auto& dependency : *dependencies)
                text += "    " + visible(dependency.name, false) + "\n";
        }
    }
    return text;
}

Status Incremental::record(const std::vector<run::TestCase>& tests,
                           const std::vector<report::TestResult>& results, const std::string& run_id) {
    state_.shared.push_back(shared_);
    const auto shared = static_cast<std::uint32_t>(state_.shared.size() - 1);
    for (std::size_t i = 0; i < tests.size(); ++i) {
        const auto& result = results[i];
        if (tests[i].module.empty() || !tests[i].cached_because.empty()) continue;
        auto& remembered = state_.tests[key_of(tests[i])];
        remembered.passed = result.outcome == report::OutcomeKind::Passed && result.flaky_retries == 0;
        remembered.run_id = run_id;
        remembered.shared = shared;
        remembered.own = code_[key_of(tests[i])];
        for (const auto& [name, value] : result.variables_read) {
            remembered.own.push_back(
                {std::string(kVariable) + name,
                 digest_of_variable(value ? std::optional<std::string_view>(*value) : std::nullopt)});
        }
        for (const auto& [name, path] : result.executables_found)
            remembered.own.push_back({std::string(kExecutable) + name, digest_of_executable(path)});
        sort(remembered.own);
    }
    // Those that no test refers to any more go.
    std::map<std::uint32_t, std::uint32_t> kept;
    std::vector<Dependencies> used;
    for (auto& [key, test] : state_.tests) {
        const auto [found, is_new] = kept.try_emplace(test.shared, static_cast<std::uint32_t>(used.size()));
        if (is_new) used.push_back(state_.shared[test.shared]);
        test.shared = found->second;
    }
    state_.shared = std::move(used);
    return write_incremental_state(state_, file_);
}

}  // namespace relux::cli
