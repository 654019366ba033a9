// Cases in files: `x.relux` (edition 0.4) or `x.v08.relux` (edition 0.8) beside any of `.tokens`, `.ast` and
// `.errors`, what the dumps and the rendered diagnostics must be. Files named bad_* have errors, all others
// have none. RELUX_BLESS=1 in the environment rewrites the expectations that exist.
#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include "frontend/parse.h"
#include "tests/support/golden_file.h"

using namespace relux::frontend;
using relux::test_support::compare_with_golden;
using relux::test_support::read_golden;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> sources(const char* directory) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(fs::path(FRONTEND_TESTS) / directory)) {
        if (entry.path().extension() == ".relux") found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    REQUIRE(!found.empty());
    return found;
}

int compare(fs::path path, const char* extension, const std::string& actual) {
    path.replace_extension(extension);
    if (!fs::exists(path)) return 0;
    compare_with_golden(path, actual);
    return 1;
}

std::string rendered(const DiagnosticSink& sink) {
    std::string text;
    for (const auto& diagnostic : sink.diagnostics())
        text += render(diagnostic, false) + "\n";
    return text;
}

}  // namespace

TEST_CASE("cases in files") {
    for (const auto& path : sources("cases")) {
        auto name = path.filename().string();
        CAPTURE(name);
        Edition edition = name.ends_with(".v08.relux") ? Edition::V0_8 : Edition::V0_4;
        Source source(name, read_golden(path));
        DiagnosticSink sink;
        auto module = parse(source, edition, sink);
        CHECK(module.has_errors == name.starts_with("bad_"));
        CHECK(module.has_errors == (sink.error_count() > 0));
        int compared = compare(path, ".tokens", dump_tokens(source, edition));
        compared += compare(path, ".ast", dump_ast(module));
        compared += compare(path, ".errors", rendered(sink));
        CHECK(compared > 0);
    }
}

TEST_CASE("every message of a syntax error says what was expected") {
    for (const auto& path : sources("cases")) {
        auto name = path.filename().string();
        Edition edition = name.ends_with(".v08.relux") ? Edition::V0_8 : Edition::V0_4;
        Source source(name, read_golden(path));
        DiagnosticSink sink;
        parse(source, edition, sink);
        for (const auto& diagnostic : sink.diagnostics()) {
            CAPTURE(render(diagnostic, false));
            if (diagnostic.code == DiagnosticCode::NameConflict) continue;
            CHECK(diagnostic.message.find("parse error") != std::string::npos);
            bool without = diagnostic.code == DiagnosticCode::NoEqualityOperator ||
                           diagnostic.code == DiagnosticCode::UnknownEscape ||
                           diagnostic.code == DiagnosticCode::LimitExceeded;
            if (!without) CHECK(diagnostic.message.find("expected ") != std::string::npos);
        }
    }
}

TEST_CASE("the programs of the language's own documentation parse, with and without indentation") {
    for (const auto& path : sources("programs")) {
        std::string text = read_golden(path);
        std::string flat;
        bool line_start = true;
        for (char c : text) {
            if (line_start && c == ' ') continue;
            line_start = c == '\n';
            flat += c;
        }
        std::string windows;
        for (char c : text)
            windows += c == '\n' ? "\r\n" : std::string(1, c);
        std::string reference;
        for (const auto& variant : {text, flat, windows}) {
            Source source(path.filename().string(), variant);
            DiagnosticSink sink;
            auto module = parse(source, Edition::V0_4, sink);
            CHECK_MESSAGE(rendered(sink) == "", path.string());
            CHECK(!module.has_errors);
            auto dump = dump_ast(module);
            if (reference.empty()) reference = dump;
            CHECK(dump == reference);
        }
    }
}
