// The text of diagnostics, byte for byte.
#include <utility>

#include <doctest/doctest.h>

#include "frontend/diagnostic.h"

using namespace relux::frontend;

namespace {

Diagnostic at(const Source& source, std::uint32_t begin, std::uint32_t end) {
    Diagnostic diagnostic;
    diagnostic.code = DiagnosticCode::UndefinedFunction;
    diagnostic.source = &source;
    diagnostic.range = {begin, end};
    diagnostic.message = "undefined function `f/2`";
    return diagnostic;
}

// The line with the source and the one that underlines it.
std::pair<std::string, std::string> shown(const Diagnostic& diagnostic) {
    auto text = render(diagnostic, false);
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = text.find('\n', begin);
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    REQUIRE(lines.size() >= 5);
    return {lines[3], lines[4]};
}

}  // namespace

TEST_CASE("every diagnostic code has a stable number and a title") {
    CHECK(diagnostic_info(DiagnosticCode::ParseError).code == "E0101");
    CHECK(diagnostic_info(DiagnosticCode::ParseError).severity == Severity::Error);
    CHECK(diagnostic_info(DiagnosticCode::EchoMatch).code == "W0307");
    CHECK(diagnostic_info(DiagnosticCode::EchoMatch).severity == Severity::Warning);
}

TEST_CASE("the shape of a diagnostic") {
    Source source("relux/tests/a.relux", "\n\n\n    f(1, 2)\n");
    auto diagnostic = at(source, 7, 14);
    diagnostic.hint = "f/1 exists";
    CHECK(render(diagnostic, false) ==
          "error[E0205]: undefined function `f/2`\n"
          "  --> relux/tests/a.relux:4:5\n"
          "   |\n"
          " 4 |     f(1, 2)\n"
          "   |     ^^^^^^^\n"
          "   = hint: f/1 exists\n");
}

TEST_CASE("notes are shown the same way and share the width of the line numbers") {
    Source source("a", "one\n\n\n\n\n\n\n\n\nten\n");
    auto diagnostic = at(source, 12, 15);
    diagnostic.notes.push_back({&source, {0, 1}, "the other one"});
    diagnostic.notes.push_back({nullptr, {}, "no place"});
    CHECK(render(diagnostic, false) ==
          "error[E0205]: undefined function `f/2`\n"
          "   --> a:10:1\n"
          "    |\n"
          " 10 | ten\n"
          "    | ^^^\n"
          "note: the other one\n"
          "   --> a:1:1\n"
          "    |\n"
          "  1 | one\n"
          "    | ^\n"
          "note: no place\n");
}

TEST_CASE("a diagnostic without a file") {
    Diagnostic diagnostic;
    diagnostic.code = DiagnosticCode::Unreachable;
    diagnostic.message = "x";
    CHECK(render(diagnostic, false) == "warning[W0303]: x\n");
}

TEST_CASE("tabs in front of the place are kept in step") {
    Source source("a", "\tab\tcd\n");
    CHECK(shown(at(source, 4, 6)) == std::pair<std::string, std::string>(" 1 | \tab\tcd", "   | \t  \t^^"));
    CHECK(shown(at(source, 2, 6)) ==
          std::pair<std::string, std::string>(" 1 | \tab    cd", "   | \t ^^^^^^^"));
}

TEST_CASE("control bytes and invalid bytes are visible, and the underline follows") {
    Source source("a", "\x1b[1m x \xff y\n");
    CHECK(shown(at(source, 5, 6)) ==
          std::pair<std::string, std::string>(" 1 | \\x1b[1m x \\xff y", "   |         ^"));
    CHECK(shown(at(source, 7, 8)) ==
          std::pair<std::string, std::string>(" 1 | \\x1b[1m x \\xff y", "   |           ^^^^"));
    CHECK(render(at(source, 0, 1), false).find('\x1b') == std::string::npos);
}

TEST_CASE("characters of several bytes count once") {
    Source source("a", "äöü x\n");
    CHECK(shown(at(source, 7, 8)) == std::pair<std::string, std::string>(" 1 | äöü x", "   |     ^"));
    CHECK(shown(at(source, 2, 4)) == std::pair<std::string, std::string>(" 1 | äöü x", "   |  ^"));
}

TEST_CASE("the end of a line, and a range over several lines") {
    Source source("a", "ab\ncd\n");
    CHECK(shown(at(source, 2, 2)).second == "   |   ^");
    CHECK(shown(at(source, 1, 5)).second == "   |  ^");
}

TEST_CASE("an overlong line is cut around the place") {
    Source source("a", std::string(1000, 'a') + "XY" + std::string(1000, 'b') + "\n");
    auto [text, underline] = shown(at(source, 1000, 1002));
    CHECK(text == " 1 | …" + std::string(40, 'a') + "XY" + std::string(78, 'b') + "…");
    CHECK(underline == "   | " + std::string(41, ' ') + "^^");
    CHECK(shown(at(source, 0, 1)).first == " 1 | " + std::string(120, 'a') + "…");
    CHECK(shown(at(source, 2002, 2002)).second == "   | " + std::string(121, ' ') + "^");
}

TEST_CASE("colour only when asked for") {
    Source source("a", "x\n");
    auto diagnostic = at(source, 0, 1);
    diagnostic.hint = "h";
    CHECK(render(diagnostic, false).find('\x1b') == std::string::npos);
    CHECK(render(diagnostic, true).starts_with("\x1b[1;31merror[E0205]\x1b[0m"));
}
