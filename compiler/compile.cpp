// The pipeline as a list of calls, and what becomes of files with errors.
#include "compiler/compile.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <unordered_map>

#include "compiler/emit.h"
#include "compiler/failure_warnings.h"
#include "compiler/lower.h"
#include "compiler/optimise.h"
#include "frontend/check.h"
#include "frontend/exporters.h"
#include "frontend/module_loader.h"
#include "frontend/path_warnings.h"
#include "frontend/reached_errors.h"
#include "frontend/resolve.h"
#include "vm/base/assert.h"
#include "vm/base/files.h"
#include "vm/base/parallel.h"
#include "vm/base/workplace_pool.h"
#include "vm/bytecode/module_file.h"
#include "vm/match/pattern.h"

namespace relux::compiler {
namespace {

constexpr auto kBuiltins = std::to_array<frontend::Builtin>({
#define NATIVE_PURITY_Pure true
#define NATIVE_PURITY_Constant true
#define NATIVE_PURITY_Shell false
#define NATIVE(function, name, minimum_arity, maximum_arity, kind, doc) \
    {name, minimum_arity, maximum_arity, NATIVE_PURITY_##kind},
#include "stdlib/natives.def"
#undef NATIVE
});

/// Keeps whatever the compilation has taken from outside.
struct Inputs {
    std::unordered_map<std::string, Hash128> files;                               ///< by path
    std::map<std::string, std::map<std::string, bool>, std::less<>> environment;  ///< by module and name
};

/// load → parse → resolve → check.
frontend::Program analyse(const CompileOptions& options, const std::vector<std::filesystem::path>& files,
                          Inputs& inputs) {
    frontend::Program program = frontend::make_program(options.edition, kBuiltins);
    frontend::LoadOptions load{options.suite_root, options.read_file, options.library_modules};
    const auto read =
        options.read_file
            ? options.read_file
            : std::function<Result<std::string>(const std::filesystem::path&)>(relux::read_source);
    std::mutex files_read;
    load.read_file = [&](const std::filesystem::path& path) {
        auto text = read(path);
        if (!text) return text;
        const auto hash = hash128(*text);
        const std::lock_guard lock(files_read);
        inputs.files.emplace(path.string(), hash);
        return text;
    };
    frontend::load_modules(program, load, files);
    frontend::Exporters exporters(options.suite_root / "relux" / "lib", options.library_modules, read);
    program.exporter_of = [&exporters](const std::string& name) { return exporters.only_one_of(name); };
    frontend::resolve(program);
    // Many files hold the same patterns; compiling one costs more than everything else about its line.
    std::unordered_map<std::string, Status> known;
    frontend::CheckOptions check;
    check.whole_suite = options.whole_suite;
    if (options.edition == frontend::Edition::V0_8) check.assignment = ":=";
    if (options.environment_has) {
        check.environment_has = [&](std::string_view name, std::string_view module) {
            const bool set = options.environment_has(name, module);
            inputs.environment[std::string(module)].emplace(name, set);
            return set;
        };
    }
    check.check_regex = [&known](std::string_view text) -> Status {
        auto it = known.find(std::string(text));
        if (it == known.end()) it = known.emplace(std::string(text), match::check_regex(text)).first;
        return it->second;
    };
    frontend::check(program, check);
    program.exporter_of = nullptr;
    frontend::mark_reached_errors(program);
    frontend::take_out_errors(program);
    return program;
}

/// By place in the file; those of one place in the order in which they were found.
std::vector<const frontend::Diagnostic*> in_order(const frontend::DiagnosticSink& sink) {
    std::vector<const frontend::Diagnostic*> sorted;
    for (const frontend::Diagnostic& diagnostic : sink.diagnostics())
        sorted.push_back(&diagnostic);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* a, const auto* b) { return a->range.begin < b->range.begin; });
    return sorted;
}

void collect_diagnostics(const frontend::Program& program, frontend::DiagnosticSink& sink) {
    for (const auto& module : program.modules) {
        for (const frontend::Diagnostic* diagnostic : in_order(module->sink))
            sink.report(*diagnostic);
    }
}

void add_invalid(const frontend::LoadedModule& module, std::vector<InvalidTest>& invalid) {
    const auto& syntax = module.syntax;
    auto broken = module.broken_tests.begin();
    std::size_t position = 0;
    const auto add_broken = [&] {
        for (; broken != module.broken_tests.end() && broken->position == position; ++broken, ++position)
            invalid.push_back({module.name, std::string(broken->name), broken->reason, position});
    };
    for (const frontend::TestSyntax& test : syntax.tests) {
        add_broken();
        if (module.unusable)
            invalid.push_back({module.name, std::string(test.name.text), module.unusable_because, position});
        ++position;
    }
    add_broken();
    // It can't be known what a file without tests was to test.
    if (position == 0 && module.has_errors())
        invalid.push_back({module.name, "", frontend::first_error(module)});
}

/// Whether tests of it can run, or it has none and no errors.
bool is_valid(const frontend::LoadedModule& module) {
    if (module.unusable) return false;
    return !module.syntax.tests.empty() || (module.broken_tests.empty() && !module.has_errors());
}

ModuleFacts facts_of(frontend::LoadedModule& module, const std::filesystem::path& root, const Inputs& inputs,
                     std::deque<std::string>& texts) {
    ModuleFacts facts;
    facts.name = texts.emplace_back(module.name);
    facts.source = inputs.files.at((root / module.name).string());
    facts.interface = interface_hash(module);
    for (frontend::LoadedModule* imported : module.imports) {
        if (imported == nullptr) continue;  // nothing of it is in use
        const bool known =
            std::any_of(facts.imports.begin(), facts.imports.end(),
                        [&](const ImportFact& import) { return import.name == imported->name; });
        if (!known) facts.imports.push_back({texts.emplace_back(imported->name), interface_hash(*imported)});
    }
    if (const auto asked = inputs.environment.find(module.name); asked != inputs.environment.end()) {
        for (const auto& [name, set] : asked->second)
            facts.environment.push_back({texts.emplace_back(name), set});
    }
    facts.reaches_errors = module.reaches_errors;
    facts.has_warnings = !module.sink.diagnostics().empty();
    for (const auto& test : module.syntax.tests)
        facts.tests.push_back(texts.emplace_back(test.name.text));
    return facts;
}

std::string remark_lines(const frontend::LoadedModule& module, std::vector<Remark> remarks) {
    std::stable_sort(remarks.begin(), remarks.end(), [](const Remark& left, const Remark& right) {
        return left.range.begin < right.range.begin;
    });
    std::string lines;
    for (const Remark& remark : remarks) {
        const auto place = module.source->position(remark.range.begin);
        lines += module.name + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) +
                 ": remark: " + remark.text + "\n";
    }
    return lines;
}

/// Memory that a thread needs for a module, and uses again for the next one.
struct Workplace {
    Arena code;         ///< the IR
    std::string bytes;  ///< as written
};

/// A module that is to become bytecode, and what became of it.
struct GeneratedModule {
    frontend::LoadedModule* module = nullptr;
    std::unique_ptr<bytecode::Module> code;
    std::string_view written;  ///< in place of `code`, if bytes are wanted
    std::string remarks;
    bool failed = false;  ///< a limit was exceeded
};

/// lower → optimise → registers → emit.
void generate_module(GeneratedModule& made, const CompileOptions& options, frontend::Edition edition,
                     WorkplacePool<Workplace>& places, ArenaPool& written) {
    frontend::LoadedModule& module = *made.module;
    const WorkplacePool<Workplace>::Loan loan(places);
    Workplace& place = *loan;
    place.code.clear();
    ir::Module lowered = lower(module, place.code);
    std::vector<Remark> remarks;
    if (options.optimise) optimise(lowered, options.remarks ? &remarks : nullptr);
    if (options.remarks) made.remarks = remark_lines(module, std::move(remarks));
    const auto errors = module.sink.error_count();
    auto code = emit(lowered, edition, module.sink);
    made.failed = module.sink.error_count() != errors;
    if (made.failed) return;
    if (options.verify) {
        Status verified = bytecode::verify(code);
        RELUX_ASSERT(verified, verified.error().message.c_str());
    }
    if (!options.written) {
        made.code = std::make_unique<bytecode::Module>(std::move(code));
        return;
    }
    place.bytes = bytecode::write_module(code, std::move(place.bytes));
    const ArenaPool::Loan memory(written);
    made.written = (*memory).copy(place.bytes);
}

/// Those whose code exceeds a limit, and what imports them.
void give_up_failed(frontend::Program& program, const std::vector<GeneratedModule>& modules) {
    for (const GeneratedModule& made : modules) {
        if (!made.failed) continue;
        made.module->unusable = true;
        made.module->unusable_because = frontend::first_error(*made.module);
    }
    for (frontend::LoadedModule* module : program.order) {
        for (const frontend::LoadedModule* imported : module->imports) {
            if (module->unusable || imported == nullptr || !imported->unusable) continue;
            module->unusable = true;
            module->unusable_because = imported->unusable_because;
        }
    }
    frontend::mark_reached_errors(program);
}

/// The same for all modules that are wanted and usable.
void generate(frontend::Program& program, const CompileOptions& options, const Inputs& inputs,
              CompiledSuite& suite) {
    std::vector<GeneratedModule> modules;
    for (frontend::LoadedModule* module : program.order) {
        if (module->unusable || (options.wanted && !options.wanted(module->name))) continue;
        modules.emplace_back().module = module;
    }
    WorkplacePool<Workplace> places;
    suite.memory = std::make_unique<ArenaPool>();
    // Nobody changes the program any more, and each has a sink and remarks of its own.
    parallel_for(modules.size(), [&](std::size_t i) {
        generate_module(modules[i], options, program.edition, places, *suite.memory);
    });
    if (std::any_of(modules.begin(), modules.end(), [](const auto& made) { return made.failed; }))
        give_up_failed(program, modules);
    std::sort(modules.begin(), modules.end(), [](const GeneratedModule& a, const GeneratedModule& b) {
        return a.module->name < b.module->name;
    });
    for (const GeneratedModule& made : modules)
        suite.remarks += made.remarks;
    std::erase_if(modules, [](const GeneratedModule& made) { return made.module->unusable; });
    const auto root = frontend::absolute_path(options.suite_root);
    for (GeneratedModule& made : modules) {
        if (options.written) {
            suite.written.push_back(made.written);
        } else {
            suite.modules.push_back(std::move(*made.code));
        }
        suite.facts.push_back(facts_of(*made.module, root, inputs, suite.texts));
    }
}

/// Gives back what the modules occupy: for thousands of them that takes a while.
void release(frontend::Program& program) {
    program.order.clear();
    program.roots.clear();
    parallel_for(program.modules.size(), [&](std::size_t i) { program.modules[i].reset(); });
}

}  // namespace

CompiledSuite compile_suite(const CompileOptions& options, const std::vector<std::filesystem::path>& files) {
    Inputs inputs;
    frontend::Program program = analyse(options, files, inputs);
    CompiledSuite suite;
    generate(program, options, inputs, suite);
    for (const frontend::LoadedModule* root : program.roots) {
        add_invalid(*root, suite.invalid);
        if (is_valid(*root)) suite.test_modules.push_back(root->name);
    }
    collect_diagnostics(program, suite.diagnostics);
    suite.sources = std::move(program.sources);
    release(program);
    return suite;
}

std::string dump_ir(const CompileOptions& options, const std::filesystem::path& file,
                    frontend::DiagnosticSink& sink, std::vector<std::unique_ptr<frontend::Source>>& sources) {
    Inputs inputs;
    frontend::Program program = analyse(options, {file}, inputs);
    std::string text;
    const frontend::LoadedModule* root = program.roots.front();
    Arena memory;
    if (!root->reaches_errors) text = ir::dump(lower(*root, memory));
    collect_diagnostics(program, sink);
    for (auto& source : program.sources)
        sources.push_back(std::move(source));
    return text;
}

namespace {

constexpr std::size_t kMostOfOneCode = 3;  // that are shown one by one beside a failure

std::string warning_text(const frontend::Diagnostic& warning, std::size_t more) {
    const auto place = warning.source->position(warning.range.begin);
    std::string text = warning.source->name() + ":" + std::to_string(place.line) + ":" +
                       std::to_string(place.column) + ": " + warning.message + " (" +
                       std::string(frontend::diagnostic_info(warning.code).code);
    if (more != 0) text += ", and " + std::to_string(more) + " more of this kind";
    return text + ")";
}

std::vector<std::string> warning_texts(const std::vector<const frontend::Diagnostic*>& warnings) {
    std::map<frontend::DiagnosticCode, std::size_t> counts;
    for (const auto* warning : warnings)
        ++counts[warning->code];
    std::vector<std::string> texts;
    for (const auto* warning : warnings) {
        auto& count = counts[warning->code];
        if (count > kMostOfOneCode) {
            texts.push_back(warning_text(*warning, count - 1));
            count = 0;
        } else if (count != 0) {
            texts.push_back(warning_text(*warning, 0));
        }
    }
    return texts;
}

std::vector<std::string> warnings_of(const frontend::Program& program, const FailedTest& failed) {
    const auto module = std::find_if(program.roots.begin(), program.roots.end(),
                                     [&](const auto* root) { return root->name == failed.module; });
    if (module == program.roots.end() || (*module)->source == nullptr) return {};
    const auto& tests = (*module)->syntax.tests;
    const auto test = std::find_if(tests.begin(), tests.end(),
                                   [&](const auto& each) { return each.name.text == failed.name; });
    if (test == tests.end() || (*module)->unusable) return {};
    std::vector<frontend::ReachedLine> reached;
    for (const auto& place : failed.chain)
        reached.push_back({place.module, place.line});
    const auto number = static_cast<std::size_t>(test - tests.begin());
    return warning_texts(frontend::warnings_on_path(program, **module, number, reached));
}

}  // namespace

std::vector<std::vector<std::string>> warnings_of(const CompileOptions& options,
                                                  const std::vector<FailedTest>& tests) {
    std::vector<std::filesystem::path> files;
    std::unordered_map<std::string_view, std::size_t> known;
    for (const FailedTest& test : tests) {
        if (known.emplace(test.module, files.size()).second)
            files.push_back(options.suite_root / test.module);
    }
    Inputs inputs;
    const frontend::Program program = analyse(options, files, inputs);
    std::vector<std::vector<std::string>> warnings;
    for (const FailedTest& test : tests)
        warnings.push_back(warnings_of(program, test));
    return warnings;
}

}  // namespace relux::compiler
