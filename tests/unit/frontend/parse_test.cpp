// Tests what callers of parse() rely on: views, ranges, text taken apart, what is left of damaged files.
#include "frontend/parse.h"

#include <doctest/doctest.h>

using namespace relux::frontend;

namespace {

struct Parsed {
    explicit Parsed(std::string text, Edition edition = Edition::V0_4)
        : source("t.relux", std::move(text)), module(parse(source, edition, sink)) {}
    std::string_view at(SourceRange range) const {
        return source.text().substr(range.begin, range.end - range.begin);
    }
    std::string messages() const {
        std::string all;
        for (const auto& diagnostic : sink.diagnostics()) {
            auto position = source.position(diagnostic.range.begin);
            all += std::to_string(position.line) + ":" + std::to_string(position.column) + " " +
                   diagnostic.message + "\n";
        }
        return all;
    }
    Source source;
    DiagnosticSink sink;
    ModuleSyntax module;
};

const Statement& statement(const Parsed& parsed, std::size_t index) {
    REQUIRE(parsed.module.functions.size() == 1);
    REQUIRE(parsed.module.functions[0].body.size() > index);
    return parsed.module.functions[0].body[index];
}

const Text& sent(const Parsed& parsed, std::size_t index) {
    return std::get<Send>(statement(parsed, index).node).text;
}

}  // namespace

TEST_CASE("an empty file is an empty module") {
    for (const char* text : {"", "\n\n", "// a\n\n# b\n", "   \t\n"}) {
        Parsed parsed(text);
        CHECK(parsed.messages() == "");
        CHECK(!parsed.module.has_errors);
        CHECK(parsed.module.source == &parsed.source);
    }
}

TEST_CASE("a payload is the rest of the line: all space before it dropped, the rest kept") {
    Parsed parsed("fn f() {\n    > echo a  \n    >   two\n    >\n    > curl http://x # y\n    >\t\n}\n");
    CHECK(parsed.messages() == "");
    CHECK(sent(parsed, 0).constant() == "echo a  ");
    CHECK(sent(parsed, 1).constant() == "two");
    CHECK(sent(parsed, 2).constant() == "");
    CHECK(sent(parsed, 2).parts.empty());
    CHECK(sent(parsed, 3).constant() == "curl http://x # y");
    CHECK(sent(parsed, 4).constant() == "");
    CHECK(parsed.at(statement(parsed, 0).range) == "> echo a  ");
    CHECK(parsed.at(sent(parsed, 0).range) == "echo a  ");
}

TEST_CASE("no operator needs a space before what follows it") {
    for (const char* statement :
         {">echo", "=>raw", "<?^a$", "<=a", "<~5s?a", "<@5s=a", "!?a", "!=a", "x ?a"}) {
        CAPTURE(statement);
        Parsed parsed("fn f(x) {\n    " + std::string(statement) + "\n}\n");
        CHECK(parsed.messages() == "");
    }
}

TEST_CASE("text without escapes is a view into the source") {
    Parsed parsed("fn f() {\n    > echo $HOME $(x) $? ${x:-1} ${ y } ${\n    > a \\n\n}\n");
    CHECK(parsed.messages() == "");
    auto plain = *sent(parsed, 0).constant();
    CHECK(plain == "echo $HOME $(x) $? ${x:-1} ${ y } ${");
    CHECK(plain.data() >= parsed.source.text().data());
    CHECK(plain.data() < parsed.source.text().data() + parsed.source.text().size());
    CHECK(sent(parsed, 1).constant() == "a \n");
    CHECK(parsed.module.decoded.size() == 1);
}

TEST_CASE("interpolations and literal dollars") {
    Parsed parsed("fn f() {\n    > a$$b${c}${1}d${E.f}$${g}\n}\n");
    const auto& parts = sent(parsed, 0).parts;
    REQUIRE(parts.size() == 6);
    CHECK(parts[0].text == "a$b");
    CHECK(parsed.at(parts[0].range) == "a$$b");
    CHECK(parts[1].kind == TextPart::Kind::Variable);
    CHECK(parts[1].text == "c");
    CHECK(parsed.at(parts[1].range) == "${c}");
    CHECK(parts[2].kind == TextPart::Kind::Capture);
    CHECK(parts[2].capture == 1);
    CHECK(parts[3].text == "d");
    CHECK(parts[4].kind == TextPart::Kind::AliasVariable);
    CHECK(parts[4].text == "E");
    CHECK(parts[4].member == "f");
    CHECK(parts[5].text == "${g}");
}

TEST_CASE("escapes are decoded in text and left alone in regexes") {
    Parsed parsed(
        "fn f() {\n    > \\n\\t\\r\\\\\\\"\\0\\a\\b\\f\\v\\e\n    <? \\n\\q\\$${x}\\\\${y}\n    !? \\d\n}\n");
    CHECK(parsed.messages() == "");
    CHECK(sent(parsed, 0).constant() == std::string_view("\n\t\r\\\"\0\a\b\f\v\x1b", 11));
    const auto& match = std::get<Match>(statement(parsed, 1).node);
    REQUIRE(match.pattern->parts.size() == 2);
    CHECK(match.pattern->parts[0].text == "\\n\\q\\${x}\\\\");
}

TEST_CASE("resets and clears have no pattern, not an empty one") {
    Parsed parsed("fn f() {\n    <?\n    <= \t\n    !?  \n    !=\n    <~1s?\n    <@2s= x\n}\n");
    CHECK(parsed.messages() == "");
    CHECK(!std::get<Match>(statement(parsed, 0).node).pattern);
    CHECK(!std::get<Match>(statement(parsed, 1).node).pattern);
    CHECK(!std::get<FailPattern>(statement(parsed, 2).node).pattern);
    CHECK(!std::get<FailPattern>(statement(parsed, 3).node).pattern);
    const auto& reset = std::get<Match>(statement(parsed, 4).node);
    CHECK(!reset.pattern);
    CHECK(!reset.timeout->value.is_assertion());
    CHECK(reset.timeout->value.written.count() == 1'000'000'000);
    const auto& literal = std::get<Match>(statement(parsed, 5).node);
    CHECK(literal.timeout->value.is_assertion());
    CHECK(literal.kind == PatternKind::Literal);
    CHECK(parsed.at(literal.timeout->range) == "@2s");
}

TEST_CASE("one line is enough for blocks whose statements end before the brace") {
    Parsed parsed(
        "pure fn f(a) { \"x${a}\" }\ntest \"t\" { shell s { } cleanup { f(1) } }\neffect E { expect A }\n");
    CHECK(parsed.messages() == "");
    CHECK(parsed.module.tests.at(0).body.cleanup->size() == 1);
    CHECK(parsed.module.effects.at(0).body.expects.size() == 1);
}

TEST_CASE("ranges cover what they name") {
    Parsed parsed(
        "import a/b { c as d }\n# skip if X = \"y\"\npure fn f(a) {\n}\ntest \"n\" ~1s {\n    start E as e { "
        "K = f(1) }\n"
        "    shell e.s {\n    }\n    cleanup {\n    }\n}\n");
    CHECK(parsed.messages() == "");
    const auto& import = parsed.module.imports.at(0);
    CHECK(parsed.at(import.range) == "import a/b { c as d }");
    CHECK(parsed.at(import.path_range) == "a/b");
    CHECK(parsed.at(import.items.at(0).alias->range) == "d");
    const auto& function = parsed.module.functions.at(0);
    CHECK(parsed.at(function.range) == "pure fn f(a) {\n}");
    CHECK(parsed.at(function.header_range) == "pure fn f(a)");
    CHECK(parsed.at(function.markers.at(0).range) == "# skip if X = \"y\"");
    const auto& test = parsed.module.tests.at(0);
    CHECK(parsed.at(test.header_range) == "test \"n\" ~1s");
    CHECK(parsed.at(test.range).ends_with("    }\n}"));
    CHECK(parsed.at(test.name.range) == "\"n\"");
    CHECK(parsed.at(test.body.starts.at(0).range) == "start E as e { K = f(1) }");
    CHECK(parsed.at(test.body.starts.at(0).overlay.at(0).value->range) == "f(1)");
    CHECK(parsed.at(test.body.shells.at(0).header_range) == "shell e.s");
    CHECK(parsed.at(test.body.cleanup_range) == "cleanup {\n    }");
}

TEST_CASE("a docstring loses its quotes and common indentation") {
    Parsed parsed("test \"t\" {\n    \"\"\"\n    One\n      two\n\n    three  \n    \"\"\"\n}\n");
    CHECK(parsed.module.tests.at(0).docstring->text == "One\n  two\n\nthree");
    Parsed line("test \"t\" {\n    \"\"\" One line. \"\"\"\n    let x = 1\n}\n");
    CHECK(line.messages() == "");
    CHECK(line.module.tests.at(0).docstring->text == "One line.");
    Parsed empty("test \"t\" {\n    \"\"\"\"\"\"\n}\n");
    CHECK(empty.module.tests.at(0).docstring->text == "");
}

TEST_CASE("the same line in both editions") {
    const char* text = "fn f(x) {\n    x = y\n}\n";
    Parsed earlier(text, Edition::V0_4);
    CHECK(std::holds_alternative<Assign>(statement(earlier, 0).node));
    Parsed later(text, Edition::V0_8);
    const auto& assertion = std::get<Assertion>(statement(later, 0).node);
    CHECK(assertion.kind == PatternKind::Literal);
    CHECK(assertion.pattern.constant() == "y");
    for (auto edition : {Edition::V0_4, Edition::V0_8}) {
        Parsed both("fn f(x) {\n    let y := 1\n    x := y\n    x ? ^y$\n    <{\n        = z\n    }\n}\n",
                    edition);
        CHECK(both.messages() == "");
        CHECK(both.module.functions.at(0).body.size() == 4);
    }
    CHECK(Parsed("effect E {\n    expose s\n}\n", Edition::V0_4).messages() == "");
    CHECK(Parsed("test \"t\" {\n    start E as e\n}\n", Edition::V0_4).messages() == "");
    CHECK(Parsed("# skip if A = b\nfn f() {\n}\n", Edition::V0_8).messages() == "");
}

TEST_CASE("keywords are names only as overlay keys and in import paths") {
    Parsed parsed(
        "import test/shell\ntest \"t\" {\n    start E { let = 1, shell\n        test := 2\n        start\n   "
        " }\n}\n");
    CHECK(parsed.messages() == "");
    CHECK(parsed.module.tests.at(0).body.starts.at(0).overlay.size() == 4);
    CHECK(Parsed("fn f(if, unless, skip, var) {\n    let run = var\n}\n").messages() == "");
}

TEST_CASE("tests with errors inside are still there") {
    Parsed parsed(
        "test \"one\" {\n    shell s {\n        )\n    }\n}\ntest \"two\" ~5q {\n}\ntest \"three\" oops "
        "{\n}\ntest \"four\" {\n}\n");
    CHECK(parsed.module.has_errors);
    REQUIRE(parsed.module.tests.size() == 4);
    CHECK(parsed.module.tests[0].name.text == "one");
    CHECK(parsed.module.tests[2].name.text == "three");
    CHECK(parsed.messages() ==
          "3:9 parse error: expected a statement, found `)`\n"
          "6:13 parse error: expected duration, found `5q`: unknown unit `q`: use ns, us, ms, s, m, h or d\n"
          "8:14 parse error: expected `{` or a time-out, found `oops`\n");
}

TEST_CASE("earlier diagnostics of the sink do not make a file wrong") {
    Source source("t", "fn f() {\n}\n");
    DiagnosticSink sink;
    sink.report({DiagnosticCode::ParseError, nullptr, {}, "elsewhere", {}, ""});
    CHECK(!parse(source, Edition::V0_4, sink).has_errors);
}

TEST_CASE("deep nesting is an error, not a crash") {
    std::string deep = "fn f() {\n    ";
    for (int i = 0; i < 100'000; ++i)
        deep += "f(";
    Parsed parsed(deep + "\n}\n");
    CHECK(parsed.messages() == "2:406 parse error: limit exceeded: calls are nested more than 200 deep\n");
}

TEST_CASE("tokens, one a line") {
    Source source("t", "fn f() {\n    > a\n    x(1)\n}\n");
    CHECK(dump_tokens(source, Edition::V0_4) ==
          "1:1 Fn fn\n1:4 Name f\n1:5 LeftParenthesis (\n1:6 RightParenthesis )\n1:8 OpenBody {\n2:5 "
          "SendLine > a\n"
          "2:8 Eol\n3:5 Name x\n3:6 LeftParenthesis (\n3:7 Number 1\n3:8 RightParenthesis )\n3:9 Eol\n4:1 "
          "Close }\n"
          "4:3 End\n");
}

TEST_CASE("blocks nested deeper than any stack begins with") {
    std::string text = "fn f() {\n";
    for (int i = 0; i < 5000; ++i)
        text += "let {\n";
    Parsed parsed(text);
    CHECK(parsed.module.has_errors);
    CHECK(parsed.messages().find("expected `}` before the end of the file") != std::string::npos);
}
