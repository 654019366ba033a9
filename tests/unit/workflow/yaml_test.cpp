// YAML to nodes: types, keys, aliases, places, and every way in which a file is no good.
#include "frontend/workflow/yaml.h"

#include <doctest/doctest.h>

#include "tests/unit/workflow/memory_files.h"

using namespace relux::workflow;
using namespace relux::workflow::test;

namespace {

struct Parsed {
    YamlFile file;
    Lines problems;
};

Parsed parse(const std::string& text, const YamlLimits& limits = {}) {
    Problems problems;
    auto file = parse_yaml("f", 0, text, problems, limits);
    return {std::move(file), rendered(problems.take_sorted())};
}

/// The tree in one line, with types: `{a: 5, b: "x"}`.
std::string shown(const Node& node) {
    if (node.is_list()) {
        std::string text = "[";
        for (std::size_t i = 0; i < node.items.size(); ++i)
            text += (i == 0 ? "" : ", ") + shown(node.items[i]);
        return text + "]";
    }
    if (node.is_map()) {
        std::string text = "{";
        for (const auto& [key, value] : node.entries)
            text += (text.size() == 1 ? "" : ", ") + key.text + ": " + shown(value);
        return text + "}";
    }
    struct Shower {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(std::uint64_t value) const { return std::to_string(value) + "u"; }
        std::string operator()(double value) const { return "float " + std::to_string(value); }
        std::string operator()(const std::string& value) const { return '"' + value + '"'; }
    };
    return std::visit(Shower{}, node.scalar);
}

/// The documents with ` --- ` between them, or the problems with ` | `.
std::string tree(const std::string& text, const YamlLimits& limits = {}) {
    auto parsed = parse(text, limits);
    std::string result;
    for (const auto& problem : parsed.problems)
        result += (result.empty() ? "" : " | ") + problem;
    if (!result.empty()) return result;
    for (const auto& document : parsed.file.documents)
        result += (result.empty() ? "" : " --- ") + shown(document.root);
    return result;
}

struct Row {
    std::string text;
    std::string expected;
};

void check(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        CAPTURE(row.text);
        CHECK(tree(row.text) == row.expected);
    }
}

std::string scalar(const std::string& text) {
    return tree("- " + text);
}

}  // namespace

TEST_CASE("strings stay strings") {
    for (const char* text : {"\"5\"", "'5'", "! 5", "!!str 5"}) {
        CAPTURE(text);
        CHECK(scalar(text) == "[\"5\"]");
    }
    CHECK(scalar("'true'") == "[\"true\"]");
    CHECK(scalar("\"null\"") == "[\"null\"]");
    CHECK(scalar("\"\"") == "[\"\"]");
    CHECK(scalar("~x") == "[\"~x\"]");
    CHECK(scalar("1.2.3") == "[\"1.2.3\"]");
    CHECK(scalar("5 apples") == "[\"5 apples\"]");
}

TEST_CASE("what YAML 1.1 took for booleans, octals and sexagesimals is not in the core schema") {
    for (const char* text :
         {"yes", "no", "on", "off", "y", "1_000", "1:30", "0b11", "0o8", "0x", "+-5", "-", "."}) {
        CAPTURE(text);
        CHECK(scalar(text).front() == '[');
        CHECK(scalar("\"" + std::string(text) + "\"") == "[\"" + std::string(text) + "\"]");
    }
    CHECK(scalar("yes") == "[\"yes\"]");
    CHECK(scalar("1:30") == "[\"1:30\"]");
    CHECK(scalar("012") == "[12]");
}

TEST_CASE("integers") {
    CHECK(scalar("5") == "[5]");
    CHECK(scalar("-5") == "[-5]");
    CHECK(scalar("+5") == "[5]");
    CHECK(scalar("0o17") == "[15]");
    CHECK(scalar("0x1F") == "[31]");
    CHECK(scalar("9223372036854775807") == "[9223372036854775807]");
    CHECK(scalar("-9223372036854775808") == "[-9223372036854775808]");
    CHECK(scalar("18446744073709551615") == "[18446744073709551615u]");
    CHECK(scalar("!!int \"7\"") == "[7]");
}

TEST_CASE("numbers with a fraction") {
    CHECK(scalar("1.5") == "[float 1.500000]");
    CHECK(scalar("-.5") == "[float -0.500000]");
    CHECK(scalar("1.") == "[float 1.000000]");
    CHECK(scalar("1e3") == "[float 1000.000000]");
    CHECK(scalar("+1.5E+2") == "[float 150.000000]");
    CHECK(scalar("1e-999") == "[float 0.000000]");
    CHECK(scalar("!!float 5") == "[float 5.000000]");
}

TEST_CASE("booleans and null") {
    for (const char* text : {"true", "True", "TRUE", "!!bool \"true\""})
        CHECK(scalar(text) == "[true]");
    for (const char* text : {"false", "False", "FALSE"})
        CHECK(scalar(text) == "[false]");
    for (const char* text : {"null", "Null", "NULL", "~", "", "!!null ''"})
        CHECK(scalar(text) == "[null]");
    CHECK(scalar("tRue") == "[\"tRue\"]");
}

TEST_CASE("numbers that JSON cannot hold are refused") {
    CHECK(tree("a: 18446744073709551616") ==
          "f#1: a: the integer does not fit into 64 bits; quote it to make it a string (line 1, column 4)");
    CHECK(tree("a: [.inf, -.inf]\nb: .nan\nc: 1e999") ==
          "f#1: a[0]: JSON has no such number; quote it to make it a string (line 1, column 5) | "
          "f#1: a[1]: JSON has no such number; quote it to make it a string (line 1, column 11) | "
          "f#1: b: JSON has no such number; quote it to make it a string (line 2, column 4) | "
          "f#1: c: JSON has no such number; quote it to make it a string (line 3, column 4)");
    CHECK(tree("a: '.inf'") == "{a: \".inf\"}");
}

TEST_CASE("tags that do not fit or are not known are refused") {
    CHECK(tree("a: !!int x") == "f#1: a: the value does not fit its tag (line 1, column 10)");
    CHECK(tree("a: !!binary x") ==
          "f#1: YAML: the tag `tag:yaml.org,2002:binary` is not known; quote a text that begins with `!` "
          "(line 1, column 13)");
    CHECK(tree("a: !mine {b: 1}").starts_with("f#1: YAML: the tag `!mine` is not known"));
    CHECK(tree("a: [$.x, !=, 5]").starts_with("f#1: YAML: the tag `!=` is not known; quote a text"));
    CHECK(tree("a: !!seq [1]") == "{a: [1]}");
    CHECK(tree("a: !!map {b: 1}") == "{a: {b: 1}}");
}

TEST_CASE("styles of text") {
    check({{"a: |\n  x\n  y\n", "{a: \"x\ny\n\"}"},
           {"a: |-\n  x\n", "{a: \"x\"}"},
           {"a: >\n  x\n  y\n", "{a: \"x y\n\"}"},
           {"a: x\n  y\n", "{a: \"x y\"}"},
           {"a: 'it''s'\n", "{a: \"it's\"}"},
           {"a: \"x\\ty\\u00e9\"\n", "{a: \"x\tyé\"}"},
           {"a: \"x\n  y\"\n", "{a: \"x y\"}"},
           {"a: x # comment\n", "{a: \"x\"}"},
           {"a: |\n  # no comment\n", "{a: \"# no comment\n\"}"}});
}

TEST_CASE("line breaks of other systems and byte-order marks") {
    CHECK(tree("a: 1\r\nb: |\r\n  x\r\n  y\r\n") == "{a: 1, b: \"x\ny\n\"}");
    CHECK(tree("a: 1\rb: 2\r") == "{a: 1, b: 2}");
    CHECK(tree("\xEF\xBB\xBF"
               "a: 1\n") == "{a: 1}");
}

TEST_CASE("documents") {
    check({{"a: 1\n---\nb: 2\n", "{a: 1} --- {b: 2}"},
           {"---\na: 1\n---\nb: 2\n---\n", "{a: 1} --- {b: 2}"},
           {"---\n---\n# c\n---\n\n---\na: 1\n...\n", "{a: 1}"},
           {"# c\n---\na: 1\n", "{a: 1}"},
           {"%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n", "{a: 1} --- {b: 2}"},
           {"a: 1\n...\nb: 2\n", "{a: 1} --- {b: 2}"},
           {"--- {a: 1}\n--- [b]\n", "{a: 1} --- [\"b\"]"},
           {"--- # c\n--- # c\nx\n", "\"x\""},
           {"a: |\n  ---\n  x\n", "{a: \"---\nx\n\"}"},
           {"----\n", "\"----\""},
           {"~\n---\nnull\n", ""},
           {"", ""},
           {"\n\n# only comments\n", ""},
           {"%TAG ! !x-\n---\n", ""}});
}

TEST_CASE("documents are counted without the empty ones") {
    auto parsed = parse("---\n---\na: 1\n---\n# c\n---\nb: [\n---\nc: 1\n");
    REQUIRE(parsed.file.documents.size() == 3);
    CHECK(parsed.file.documents[0].number == 1);
    CHECK(parsed.file.documents[1].number == 2);
    CHECK(parsed.file.documents[1].damaged);
    CHECK(parsed.file.documents[2].number == 3);
    CHECK(shown(parsed.file.documents[2].root) == "{c: 1}");
}

TEST_CASE("a syntax error ends its document, not the file") {
    CHECK(tree("a: [1\n---\nb: 'x\n---\nc: : 1\n") ==
          "f#1: YAML: the list's `]` is missing, or a value that holds `[` or `{` needs quotes (line 2, "
          "column 1) | "
          "f#2: YAML: the quoted text is not ended (line 3, column 4) | "
          "f#3: YAML: a `:` in the middle of a value, or a wrong indentation; quote a value that holds `: ` "
          "(line 5, column 4)");
}

TEST_CASE("syntax errors in words that help") {
    auto error = [](const std::string& text) {
        auto found = tree(text);
        constexpr std::string_view prefix = "f#1: YAML: ";
        return found.starts_with(prefix) ? found.substr(prefix.size()) : "no syntax error: " + found;
    };
    CHECK(error("a: b: c\n").starts_with("a `:` in the middle of a value"));
    CHECK(error("a: x\n b: y\n").starts_with("a `:` in the middle of a value, or a wrong indentation"));
    CHECK(error("a: @x\n") == "a value cannot begin with this character; quote it (line 1, column 4)");
    CHECK(error("a: `x`\n") == "a value cannot begin with this character; quote it (line 1, column 4)");
    CHECK(error("a: 1\n- b\n") ==
          "this does not belong to the map above: check the indentation (line 2, column 1)");
    CHECK(error("- b\na: 1\n") == "unexpected text after the end of the document (line 2, column 1)");
    CHECK(error("\"a\" b\n") == "unexpected text after the end of the document (line 1, column 5)");
    CHECK(error("{a: 1}\nb: 2\n") == "unexpected text after the end of the document (line 2, column 1)");
    CHECK(error("a: {b: 1\n") ==
          "the map's `}` is missing, or a value that holds `[` or `{` needs quotes (line 2, column 1)");
    CHECK(error("a: [$.b[0], eq, 1]\n") ==
          "the list's `]` is missing, or a value that holds `[` or `{` needs quotes (line 1, column 8)");
    CHECK(error("a: 1\n]\n") == "a `]` or `}` that nothing opened (line 2, column 1)");
    CHECK(error("a:\n\t- b\n")
              .starts_with("a list item `- ` cannot stand here: check the indentation, and that it"));
    CHECK(error("a: \"\\q\"\n") == "unknown escape character: q (line 1, column 7)");
    CHECK(error("a: *b\n").starts_with(
        "the alias names no anchor before it; quote a text that begins with `*`"));
    CHECK(error("%YAML 9.1\n---\na: 1\n").starts_with("YAML major version too large"));
}

TEST_CASE("truncated files") {
    CHECK(tree("a: \"abc") == "f#1: YAML: the quoted text is not ended (line 1, column 8)");
    CHECK(tree("a: \"abc\n") == "f#1: YAML: the quoted text is not ended (line 1, column 4)");
    CHECK(tree("a: 'it''s\n") == "f#1: YAML: the quoted text is not ended (line 1, column 4)");
    CHECK(tree("a: &x \"abc\n") == "f#1: YAML: the quoted text is not ended (line 1, column 7)");
    CHECK(tree("a: \"abc\\\"\n") == "f#1: YAML: the quoted text is not ended (line 1, column 4)");
    CHECK(tree("a: [b, {c: 1").find("is missing") != std::string::npos);
    CHECK(tree("a: \"b\n---\nc: 1\n").find("the quoted text is not ended") != std::string::npos);
}

TEST_CASE("bytes that are no text") {
    using namespace std::string_literals;
    CHECK(tree("a: x\0y\n"s) == "f: a NUL byte: this is no text file (line 1, column 5)");
    CHECK(tree("\xFF\xFE"
               "a\0"s) == "f: the file is UTF-16; save it as UTF-8 (line 1, column 1)");
    CHECK(tree("\xFE\xFF\0a"s) == "f: the file is UTF-16; save it as UTF-8 (line 1, column 1)");
    CHECK(tree("a: 1\nb: \xC3\x28\n") == "f: the byte 0xc3 is not valid UTF-8 (line 2, column 4)");
    CHECK(tree("a: \xE4\n") == "f: the byte 0xe4 is not valid UTF-8 (line 1, column 4)");
    CHECK(tree("a: \x1b[0m\n") == "f: the control byte 0x1b is not allowed in YAML (line 1, column 4)");
    CHECK(tree("a: \x7f\n") == "f: the control byte 0x7f is not allowed in YAML (line 1, column 4)");
    CHECK(tree("a: \x04\n") == "f: the control byte 0x04 is not allowed in YAML (line 1, column 4)");
}

TEST_CASE("duplicate keys, at every level") {
    CHECK(tree("a: 1\nb: 2\na: 3\n") ==
          "f#1: a: duplicate key `a`; it is there in line 1 already (line 3, column 1)");
    CHECK(tree("x:\n  - {k: 1, k: 2}\n") ==
          "f#1: x[0].k: duplicate key `k`; it is there in line 2 already (line 2, column 12)");
    CHECK(tree("\"a\": 1\na: 2\n") ==
          "f#1: a: duplicate key `a`; it is there in line 1 already (line 2, column 1)");
    CHECK(tree("a: 1\na: 2\na: 3\n").find("line 3, column 1") != std::string::npos);
    CHECK(tree("1: a\n0x1: b\n") == "{1: \"a\", 0x1: \"b\"}");
}

TEST_CASE("keys that are no text") {
    CHECK(tree("a: {{ b }}\n") ==
          "f#1: a: a key cannot be a map; a template needs quotes: \"{{ name }}\" (line 1, column 5)");
    CHECK(tree("? [a]\n: b\n") == "f#1: a key cannot be a list (line 1, column 3)");
    CHECK(tree("5: a\ntrue: b\n~: c\n") == "{5: \"a\", true: \"b\", null: \"c\"}");
}

TEST_CASE("anchors and aliases") {
    check({{"a: &x 5\nb: *x\n", "{a: 5, b: 5}"},
           {"a: &x [1, {b: 2}]\nc: [*x, *x]\n", "{a: [1, {b: 2}], c: [[1, {b: 2}], [1, {b: 2}]]}"},
           {"a: &x 1\nb: &x 2\nc: *x\n", "{a: 1, b: 2, c: 2}"},
           {"a: &x\nb: *x\n", "{a: null, b: null}"},
           {"&k a: 1\nb: *k\n", "{a: 1, b: \"a\"}"},
           {"a: &x k\n*x : 1\n", "{a: \"k\", k: 1}"},
           {"a: &x [*x]\n", "f#1: YAML: the alias stands inside what it names (line 1, column 8)"},
           {"a: &x {b: {c: *x}}\n", "f#1: YAML: the alias stands inside what it names (line 1, column 15)"}});
}

TEST_CASE("an anchor ends with its document") {
    CHECK(tree("a: &x 1\n---\nb: *x\n") ==
          "f#2: YAML: the alias names no anchor before it; quote a text that begins with `*` (line 3, column "
          "4)");
}

TEST_CASE("merge keys") {
    check({{"a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n", "{a: {b: 1, c: 2}, d: {b: 1, c: 3}}"},
           {"a: &x {b: 1}\nd:\n  c: 3\n  <<: *x\n", "{a: {b: 1}, d: {c: 3, b: 1}}"},
           {"a: &x {b: 1}\nc: &y {b: 2, d: 4}\ne:\n  <<: [*x, *y]\n",
            "{a: {b: 1}, c: {b: 2, d: 4}, e: {b: 1, d: 4}}"},
           {"a: &x {b: 1}\nc: &y {<<: *x, d: 2}\ne: {<<: *y}\n",
            "{a: {b: 1}, c: {b: 1, d: 2}, e: {b: 1, d: 2}}"},
           {"a: {<<: {b: 1}}\n", "{a: {b: 1}}"},
           {"a: {\"<<\": 1}\n", "{a: {<<: 1}}"},
           {"a: {<<: 5}\n", "f#1: a[\"<<\"]: only maps can be merged, not the integer 5 (line 1, column 9)"},
           {"a: {<<: [{b: 1}, x]}\n",
            "f#1: a[\"<<\"]: only maps can be merged, not the string `x` (line 1, column 18)"}});
}

TEST_CASE("aliases cannot multiply without end") {
    std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
    for (char c = 'b'; c < 'z'; ++c) {
        std::string before(1, static_cast<char>(c - 1));
        bomb += std::string(1, c) + ": &" + c + " [";
        for (int i = 0; i < 10; ++i)
            bomb += "*" + before + ",";
        bomb += "]\n";
    }
    CHECK(tree(bomb).find("the file has too many values; an alias counts as all that it stands for") !=
          std::string::npos);
    std::string texts = "a: &a \"" + std::string(1'000'000, 'x') + "\"\nb: [";
    for (int i = 0; i < 1000; ++i)
        texts += "*a,";
    CHECK(tree(texts + "]\n").find("an alias counts as all") != std::string::npos);
}

TEST_CASE("nesting is limited, through aliases too") {
    auto nested = [](int depth) { return "a: " + std::string(depth, '[') + std::string(depth, ']') + "\n"; };
    CHECK(parse(nested(99)).problems.empty());
    CHECK(tree(nested(100)) == "f#1: YAML: nested too deeply: at most 100 levels (line 1, column 103)");
    CHECK(tree("a: " + std::string(1'000'000, '[')).find("nested too deeply") != std::string::npos);
    std::string text;
    for (int i = 0; i < 100'000; ++i)
        text += "- ";
    CHECK(tree(text).find("nested too deeply") != std::string::npos);
    std::string chain = "a0: &a0 [x]\n";
    for (int i = 1; i < 120; ++i)
        chain +=
            "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    CHECK(tree(chain).find("nested too deeply") != std::string::npos);
}

TEST_CASE("size and number of documents are limited") {
    YamlLimits limits;
    limits.file_bytes = std::size_t{1} << 20;
    limits.documents = 3;
    CHECK(tree(std::string((1 << 20) + 1, 'x'), limits) == "f: the file is larger than 1 MiB");
    auto parsed = parse("a\n---\nb\n---\nc\n---\nd\n---\ne\n", limits);
    CHECK(parsed.problems == Lines{"f: the file has more than 3 documents"});
    CHECK(parsed.file.documents.size() == 3);
    limits.nodes = 5;
    CHECK(tree("[a, b, c, d]\n", limits) == "[\"a\", \"b\", \"c\", \"d\"]");
    CHECK(tree("[a, b, c, d, e]\n", limits).find("too many values") != std::string::npos);
}

TEST_CASE("nodes know where they begin") {
    auto parsed = parse("a: 1\nb:\n  - x\n  - &y !!str 'q'\n  - *y\nc:\n---\nd: 5\n");
    REQUIRE(parsed.problems.empty());
    const auto& root = parsed.file.documents[0].root;
    CHECK(at(root.place) == "1:1");
    CHECK(at(root.find("a")->place) == "1:4");
    CHECK(at(root.find("b")->place) == "3:3");
    CHECK(at(root.find("b")->items[0].place) == "3:5");
    CHECK(at(root.find("b")->items[1].place) == "4:14");
    CHECK(at(root.find("b")->items[2].place) == "4:14");  // an alias: where the value is
    CHECK(at(root.find("c")->place) == "6:1");            // nothing there: the key
    CHECK(at(parsed.file.documents[1].root.find("d")->place) == "8:4");
    CHECK(root.find("nope") == nullptr);
}

TEST_CASE("places within texts") {
    auto place = [](const std::string& text, std::size_t offset) {
        auto parsed = parse(text);
        REQUIRE(parsed.problems.empty());
        return at(TextPlaces(parsed.file, parsed.file.documents[0].root.entries[0].value)(offset));
    };
    CHECK(place("a: hello\n", 3) == "1:7");
    CHECK(place("a: 'hello'\n", 3) == "1:8");
    CHECK(place("a: \"hello\"\n", 5) == "1:10");
    CHECK(place("a: |\n  one\n  two\n", 5) == "3:4");
    CHECK(place("a: |\n\n    one\n     two\n", 1) == "3:5");
    CHECK(place("a: |2\n    one\n", 3) == "2:6");
    CHECK(place("a: >\n  one\n\n  two\n", 2) == "2:5");
    CHECK(place("a: \"x\\ty z\"\n", 1) == "1:6");
    CHECK(place("a: \"x\\ty z\"\n", 4) == "1:4");  // behind an escape: where the text begins
    CHECK(place("a: one\n  two\n", 5) == "1:4");   // behind a folded line
    CHECK(place("a: é|x\n", 3) == "1:7");
}

TEST_CASE("values describe themselves") {
    auto described = [](const std::string& text) {
        return describe(parse("- " + text).file.documents[0].root.items[0]);
    };
    CHECK(described("5") == "the integer 5");
    CHECK(described("1.50") == "the number 1.50");
    CHECK(described("true") == "the boolean true");
    CHECK(described("x") == "the string `x`");
    CHECK(described("") == "nothing");
    CHECK(described("[]") == "a list");
    CHECK(described("{}") == "a map");
    CHECK(described("\"" + std::string(100, 'x') + "\"") == "the string `" + std::string(60, 'x') + "…`");
    CHECK(described("\"a\\e[0m\"") == "the string `a\\x1b[0m`");
}
