// The pipeline as a list of calls, and what becomes of files with errors.
#include "compiler/compile.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <unordered_map>

#include "compiler/emit.h"
#include "compiler/lower.h"
#include "frontend/check.h"
#include "frontend/module_loader.h"
#include "frontend/resolve.h"
#include "vm/base/assert.h"
#include "vm/base/fd.h"
#include "vm/bytecode/module_file.h"
#include "vm/match/pattern.h"

namespace relux::compiler {
namespace {

constexpr auto kBuiltins = std::to_array<frontend::Builtin>({
#define NATIVE_PURITY_Pure true
#define NATIVE_PURITY_Shell false
#define NATIVE(function, name, minimum_arity, maximum_arity, kind, doc) \
    {name, minimum_arity, maximum_arity, NATIVE_PURITY_##kind},
#include "stdlib/natives.def"
#undef NATIVE
});

Result<std::string> read_disk(const std::filesystem::path& path) {
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return system_error("cannot open " + path.string(), errno);
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
        if (size == 0) return text;
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return system_error("cannot read " + path.string(), errno);
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

/// load → parse → resolve → check.
frontend::Program analyse(const CompileOptions& options, const std::vector<std::filesystem::path>& files) {
    frontend::Program program = frontend::make_program(options.edition, kBuiltins);
    frontend::LoadOptions load{options.suite_root, options.read_file, options.library_modules};
    if (!load.read_file) load.read_file = read_disk;
    frontend::load_modules(program, load, files);
    frontend::resolve(program);
    // Many files hold the same patterns; compiling one costs more than everything else about its line.
    std::unordered_map<std::string, Status> known;
    frontend::CheckOptions check;
    check.environment_has = options.environment_has;
    check.check_regex = [&known](std::string_view text) -> Status {
        auto it = known.find(std::string(text));
        if (it == known.end()) it = known.emplace(std::string(text), match::check_regex(text)).first;
        return it->second;
    };
    frontend::check(program, check);
    frontend::mark_reached_errors(program);
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

/// The first error of the module, or of the first one that it reaches and that has one. Nothing when there is
/// none.
class InvalidReasons {
  public:
    explicit InvalidReasons(const frontend::Program& program) {
        // Imports come first in that order, so of() never recurses more than one step.
        for (const frontend::LoadedModule* module : program.order) {
            if (module->reaches_errors) of(*module);
        }
    }

    const std::string& of(const frontend::LoadedModule& module) {
        auto [it, is_new] = known_.try_emplace(&module);
        if (!is_new) return it->second;
        std::string reason = own_error(module);
        for (const frontend::LoadedModule* imported : module.imports) {
            if (!reason.empty()) break;
            if (imported != nullptr && imported->reaches_errors) reason = of(*imported);
        }
        return known_[&module] = std::move(reason);
    }

  private:
    static std::string own_error(const frontend::LoadedModule& module) {
        for (const frontend::Diagnostic* diagnostic : in_order(module.sink)) {
            if (frontend::diagnostic_info(diagnostic->code).severity != frontend::Severity::Error) continue;
            std::string message = diagnostic->message.substr(0, diagnostic->message.find('\n'));
            if (diagnostic->source == nullptr) return message;
            const auto place = diagnostic->source->position(diagnostic->range.begin);
            return module.name + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) +
                   ": " + message;
        }
        return {};
    }

    std::unordered_map<const frontend::LoadedModule*, std::string> known_;
};

void add_invalid(const frontend::LoadedModule& module, InvalidReasons& reasons,
                 std::vector<InvalidTest>& invalid) {
    const std::string& reason = reasons.of(module);
    for (const frontend::TestSyntax& test : module.syntax.tests) {
        invalid.push_back({module.name, std::string(test.name.text), reason});
    }
    if (module.syntax.tests.empty()) invalid.push_back({module.name, "", reason});
}

/// lower → registers → emit for the modules that reach no errors.
std::vector<bytecode::Module> generate(frontend::Program& program) {
    std::vector<bytecode::Module> modules;
    std::vector<const frontend::LoadedModule*> origins;
    for (frontend::LoadedModule* module : program.order) {
        if (module->reaches_errors) continue;
        modules.push_back(emit(lower(*module), program.edition, module->sink));
        origins.push_back(module);
        if (module->has_errors()) continue;  // a limit was exceeded
        Status verified = bytecode::verify(modules.back());
        RELUX_ASSERT(verified, verified.error().message.c_str());
    }
    frontend::mark_reached_errors(program);
    std::vector<bytecode::Module> valid;
    for (std::size_t i = 0; i < modules.size(); ++i) {
        if (!origins[i]->reaches_errors) valid.push_back(std::move(modules[i]));
    }
    std::sort(valid.begin(), valid.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return valid;
}

}  // namespace

CompiledSuite compile_suite(const CompileOptions& options, const std::vector<std::filesystem::path>& files) {
    frontend::Program program = analyse(options, files);
    CompiledSuite suite;
    suite.modules = generate(program);
    InvalidReasons reasons(program);
    for (const frontend::LoadedModule* root : program.roots) {
        if (root->reaches_errors) {
            add_invalid(*root, reasons, suite.invalid);
        } else {
            suite.test_modules.push_back(root->name);
        }
    }
    collect_diagnostics(program, suite.diagnostics);
    suite.sources = std::move(program.sources);
    return suite;
}

std::string dump_ir(const CompileOptions& options, const std::filesystem::path& file,
                    frontend::DiagnosticSink& sink, std::vector<std::unique_ptr<frontend::Source>>& sources) {
    frontend::Program program = analyse(options, {file});
    std::string text;
    const frontend::LoadedModule* root = program.roots.front();
    if (!root->reaches_errors) text = ir::dump(lower(*root));
    collect_diagnostics(program, sink);
    for (auto& source : program.sources)
        sources.push_back(std::move(source));
    return text;
}

}  // namespace relux::compiler
