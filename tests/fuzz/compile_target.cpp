// Whatever the text: compiling ends, each test is either compiled or invalid with a reason, each module
// passes the verifier and survives its file format, and each diagnostic points into its source and can be
// shown.
#include <cerrno>
#include <set>
#include <string>
#include <utility>

#include "compiler/compile.h"
#include "frontend/parse.h"
#include "tests/fuzz/targets.h"
#include "vm/base/assert.h"
#include "vm/base/text.h"
#include "vm/bytecode/module_file.h"

namespace relux::fuzz {

namespace {

enum Bits : unsigned { kLaterEdition = 1, kLibrary = 2, kKnownEnvironment = 4, kDumps = 8 };

constexpr std::string_view kTestPath = "relux/tests/a.relux";
constexpr std::string_view kLibraryPath = "relux/lib/m.relux";

// An import finds this. In either edition each is a module without errors.
constexpr std::string_view kLibraryText =
    "fn f(a) {\n  > echo ${a}\n  <? ^(.*)$\n}\npure fn p(a, b) {\n  \"${a}${b}\"\n}\n"
    "effect E {\n  expect A\n  shell s {\n    match_prompt()\n  }\n  expose shell s\n}\n"
    "effect F {\n  let v = \"1\"\n  expose var v\n}\n";
constexpr std::string_view kTestText =
    "import m\nimport m as other\ntest \"t\" {\n  start E as e { A = \"1\" }\n  shell e.s {\n    f(\"x\")\n  "
    "}\n}\n";

struct Suite {
    frontend::Edition edition = frontend::Edition::V0_4;
    std::string test;
    std::string library;
    bool known_environment = false;

    compiler::CompileOptions options() const {
        compiler::CompileOptions options;
        options.edition = edition;
        options.suite_root = "/suite";
        if (known_environment) {
            options.environment_has = [](std::string_view name, std::string_view) {
                return name == "A" || name == "HOME";
            };
        }
        options.read_file = [this](const std::filesystem::path& path) -> Result<std::string> {
            if (path == std::filesystem::path("/suite") / kTestPath) return test;
            if (path == std::filesystem::path("/suite") / kLibraryPath) return library;
            return Error{"no such file", ENOENT};
        };
        return options;
    }
};

Suite suite_of(unsigned bits, std::string_view text) {
    Suite suite;
    suite.edition = (bits & kLaterEdition) != 0 ? frontend::Edition::V0_8 : frontend::Edition::V0_4;
    const bool library = (bits & kLibrary) != 0;
    suite.test = library ? kTestText : text;
    suite.library = library ? text : kLibraryText;
    suite.known_environment = (bits & kKnownEnvironment) != 0;
    return suite;
}

void check_place(const frontend::Source* source, frontend::SourceRange range) {
    if (source == nullptr) return;
    RELUX_ASSERT(range.begin <= range.end, "a range has its beginning first");
    RELUX_ASSERT(range.end <= source->text().size(), "a range is within its source");
}

/// The terminal of whoever reads it must be safe from the text of the program.
void check_shown(const std::string& shown, bool color) {
    RELUX_ASSERT(!shown.empty(), "a diagnostic shows something");
    RELUX_ASSERT(find_invalid_utf8(shown) == std::string::npos, "what is shown is UTF-8");
    for (char byte : shown) {
        const bool allowed = byte == '\n' || byte == '\t' || (color && byte == '\x1b');
        RELUX_ASSERT(allowed || (static_cast<unsigned char>(byte) >= ' ' && byte != '\x7f'),
                     "control bytes are made visible");
    }
}

void check_diagnostics(const frontend::DiagnosticSink& sink) {
    for (const frontend::Diagnostic& diagnostic : sink.diagnostics()) {
        check_place(diagnostic.source, diagnostic.range);
        for (const frontend::DiagnosticNote& note : diagnostic.notes)
            check_place(note.source, note.range);
        RELUX_ASSERT(!diagnostic.message.empty(), "a diagnostic says something");
        check_shown(frontend::render(diagnostic, false), false);
        check_shown(frontend::render(diagnostic, true), true);
    }
}

/// The bytes of all modules, which are what they were after a round trip.
std::string check_modules(const compiler::CompiledSuite& compiled) {
    std::string all;
    for (const bytecode::Module& module : compiled.modules) {
        auto verified = bytecode::verify(module);
        RELUX_ASSERT(verified, verified.error().message.c_str());
        const std::string bytes = bytecode::write_module(module);
        auto read = bytecode::read_module(bytes);
        RELUX_ASSERT(read, read.error().message.c_str());
        RELUX_ASSERT(bytecode::write_module(*read) == bytes, "a module read is the module written");
        all += bytes;
    }
    return all;
}

void check_outcome(const compiler::CompiledSuite& compiled) {
    RELUX_ASSERT(compiled.test_modules.size() + compiled.invalid.size() > 0,
                 "the file is compiled, or something in it is invalid");
    RELUX_ASSERT(compiled.diagnostics.error_count() != 0 || compiled.test_modules.size() == 1,
                 "without errors the file is compiled");
    std::set<std::size_t> positions;
    for (const compiler::InvalidTest& invalid : compiled.invalid) {
        RELUX_ASSERT(!invalid.reason.empty(), "an invalid test has a reason");
        RELUX_ASSERT(positions.insert(invalid.position).second, "each test has a position of its own");
    }
    if (!compiled.invalid.empty())
        RELUX_ASSERT(compiled.diagnostics.error_count() != 0, "what is invalid has an error");
    for (std::size_t i = 0; i < compiled.modules.size(); ++i)
        RELUX_ASSERT(compiled.facts[i].tests.size() == compiled.modules[i].tests.size(),
                     "the facts have the tests that are valid");
}

std::string render_all(const frontend::DiagnosticSink& sink) {
    std::string all;
    for (const frontend::Diagnostic& diagnostic : sink.diagnostics())
        all += frontend::render(diagnostic, false);
    return all;
}

void check_dumps(const Suite& suite, const compiler::CompiledSuite& first, std::string_view first_bytes) {
    for (const bytecode::Module& module : first.modules)
        RELUX_ASSERT(!bytecode::disassemble(module).empty(), "a module can be shown");
    const auto test = std::filesystem::path("/suite") / kTestPath;
    const auto second = compiler::compile_suite(suite.options(), {test});
    RELUX_ASSERT(check_modules(second) == first_bytes, "same text, same bytes");
    RELUX_ASSERT(render_all(second.diagnostics) == render_all(first.diagnostics), "same text, same messages");

    frontend::DiagnosticSink sink;
    std::vector<std::unique_ptr<frontend::Source>> sources;
    const std::string ir = compiler::dump_ir(suite.options(), test, sink, sources);
    RELUX_ASSERT(ir.empty() == (sink.error_count() != 0), "what has no errors has an IR");
    for (const std::string* text : {&suite.test, &suite.library}) {
        const frontend::Source source("dumped.relux", *text);
        frontend::DiagnosticSink parsed;
        RELUX_ASSERT(!frontend::dump_tokens(source, suite.edition).empty(), "tokens can be shown");
        const auto module = frontend::parse(source, suite.edition, parsed);
        RELUX_ASSERT(module.has_errors == (parsed.error_count() > 0), "errors are reported and known");
        frontend::dump_ast(module);
    }
}

}  // namespace

void compile(std::string_view input) {
    if (input.empty()) return;
    const auto bits = static_cast<unsigned char>(input.front());
    const Suite suite = suite_of(bits, input.substr(1));
    const auto compiled =
        compiler::compile_suite(suite.options(), {std::filesystem::path("/suite") / kTestPath});
    check_diagnostics(compiled.diagnostics);
    check_outcome(compiled);
    const std::string bytes = check_modules(compiled);
    if ((bits & kDumps) != 0) check_dumps(suite, compiled, bytes);
}

}  // namespace relux::fuzz
