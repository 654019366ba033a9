// What a failure says about a pattern that nearly matched. Each row is a pattern, output behind the cursor,
// and a part of the one sentence that is expected; without one there must be none.
#include "vm/run/near_miss.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace relux;
using namespace relux::run;
using namespace std::string_view_literals;

namespace {

struct Row {
    std::string_view pattern;
    std::string_view output;
    std::string_view sentence;
    std::string_view sent{};
};

std::string all(const std::vector<std::string>& sentences) {
    std::string text;
    for (const auto& sentence : sentences)
        text += sentence + "\n";
    return text;
}

HeldOutput held(std::string_view output, std::string_view sent = {}) {
    HeldOutput made;
    made.shell = "s";
    made.text = output;
    made.last_sent = sent;
    made.prompt = "relux> ";
    return made;
}

void check(const Row& row, bool is_regex) {
    CAPTURE(row.pattern);
    CAPTURE(row.output);
    const auto said = all(near_misses(row.pattern, is_regex, held(row.output, row.sent), {}));
    if (row.sentence.empty()) {
        CHECK(said == "");
    } else {
        CHECK_MESSAGE(said.find(row.sentence) != std::string::npos, said);
        CHECK(std::count(said.begin(), said.end(), '\n') == 1);
    }
}

void check_regexes(std::initializer_list<Row> rows) {
    for (const auto& row : rows)
        check(row, true);
}

void check_literals(std::initializer_list<Row> rows) {
    for (const auto& row : rows)
        check(row, false);
}

}  // namespace

TEST_CASE("near misses: what is not seen") {
    check_regexes({
        {"^PASS$", "\x1b[32mPASS\x1b[0m\r\n",
         "it would match but for escape sequences: `\\x1b[32mPASS\\x1b[0m`"},
        {"^hello$", "\x1b[?2004lhello\r\n", "but for escape sequences"},
        {"^hello$", "\x1b]0;title\x07hello\r\n", "but for escape sequences"},
        {"^PASS$", "\x1b[32mFAIL\x1b[0m\r\n", ""},
        {"^PASS$", "[32mPASS[0m\r\n", ""},
        {"^ab$", "a\0b\r\n"sv, "it would match but for a NUL byte: `a\\x00b`"},
        {"^ab$", "a\0c\r\n"sv, ""},
        {"^x OK$", "x |\b/\bOK\r\n", "it would match but for backspaces: `x |\\x08/\\x08OK`"},
        {"^x OK$", "x |\b/\bNO\r\n", ""},
        {"^xy cd$", "ab cd\rxy\r\n", "but for a carriage return that draws the line again"},
        {"^caf\u00e9$", "cafe\u0301\r\n",
         "but for Unicode normalisation: `e` and U+0301 instead of `\u00e9`: `cafe\u0301`"},
        {"^cafe\u0301$", "caf\u00e9\r\n",
         "but for Unicode normalisation: the pattern has a letter and a mark"},
        {"^caf\u00e9$", "cafe\r\n", ""},
        {"first\nsecond", "first\r\nsecond\r\n", "but for carriage returns"},
        {"first\\nsecond", "first\r\nsecond\r\n", "but for carriage returns"},
        {"first\\nsecond", "first\r\nthird\r\n", "the closest line is `first`"},
    });
    check_literals({{"a bold word", "a \x1b[1mbold\x1b[22m word\r\n", "but for escape sequences"},
                    {"a bold word", "a \x1b[1mbald\x1b[22m word\r\n", ""}});
}

TEST_CASE("near misses: white space") {
    check_regexes({
        {"^a +b$", "a\tb\r\n", "it would match but for a tab: `a\\tb`"},
        {"^a +b$", "a_b\r\n", ""},
        {"^ready now$", "ready  now\r\n", "but for the number of spaces: `ready  now`"},
        {"^ready now$", "readynow\r\n", "the closest line"},
        {"^name\\tsize$", "name    size\r\n", "but for spaces where the pattern has a tab"},
        {"^ready$", "ready \r\n", "but for white space at the end of the line"},
        {"^ready$", "  ready\r\n", "but for white space at the beginning of the line"},
        {"^ready now $", "ready now\r\n", "but for white space at the end of the pattern"},
        {"ready now  ", "ready now\r\n", "but for white space at the end of the pattern"},
        {"^ready now$", "ready\u00a0now\r\n", "but for a no-break space"},
        {"everything is ready now", "everything is\r\nready now\r\n", "but for a line break"},
        {"everything is ready now", "everything is\r\nnot ready now\r\n", "the closest line"},
        {"abcdefghij", "abcde\r\nfghij\r\n", "but for a line break"},
    });
}

TEST_CASE("near misses: case, and two things at once") {
    check_regexes({
        {"^server ready$", "Server Ready\r\n", "it would match but for upper and lower case: `Server Ready`"},
        {"^server ready$", "Server Reads\r\n", ""},
        {"y", "Y\r\n", ""},
        {"^server ready$", "\x1b[1mServer Ready\x1b[0m\r\n",
         "but for escape sequences and upper and lower case"},
        {"^server ready$", "\x1b[1mserver  ready\x1b[0m\r\n",
         "but for escape sequences and the number of spaces"},
    });
}

TEST_CASE("near misses: anchors") {
    check_regexes({
        {"\\[y/N\\] $", "Continue? [y/N] ",
         "it would match without `$`: `$` stands before a line end that has come"},
        {"\\[y/N\\] $", "Continue? [y/n] ", ""},
        {"Continue\\? \\[y/N\\] $", "Continue? [y/N] yes\r\n", "has it, but goes on behind it: `$`"},
        {"^job finished$", "\r\nrelux> job finished\r\n",
         "the line `relux> job finished` has it, but not at its beginning"},
        {"^job finished$", "\r\nrelux> job finished\r\n", "the prompt is before it"},
        {"^job finished$", "[1] job finished\r\n",
         "the line `[1] job finished` has it, but not at its beginning: `^`\n"},
        {"^job finished$", "job finished with 3\r\n",
         "the line `job finished with 3` has it, but goes on behind it: `$`"},
        {"^job finished$", "relux> echo job finished\r\n", "it stands only in the echo of the command",
         "echo job finished"},
    });
}

TEST_CASE("near misses: characters that mean something") {
    check_regexes({
        {"^[INFO] started (pid 42)$", "[INFO] started (pid 42)\r\n",
         "it would match if `[`, `]`, `(` and `)` stood for themselves"},
        {"^[INFO] started (pid 42)$", "[INFO] started (pid 43)\r\n", ""},
        {"total: 3 * 4 = 12?", "total: 3 * 4 = 12?\r\n", "write `total: 3 \\* 4 = 12\\?`, or use `<=`"},
    });
    check_literals({
        {"^ready$", "ready\r\n",
         "it would match as a regular expression: in `<=` `^` and `$` stand for themselves"},
        {"port \\d+", "port 8080\r\n", "it would match as a regular expression"},
        {"^ready$", "not yet\r\n", ""},
        {"Server Ready", "server ready\r\n", "upper and lower case"},
    });
}

TEST_CASE("near misses: places") {
    const std::string file = "relux/tests/a.relux";
    const std::vector<Consumption> consumptions = {{8, &file, 3}, {22, &file, 5}};
    auto own = held("relux> ", "echo x");
    own.text = "booted\r\nserver ready\r\nrelux> ";
    own.cursor = own.text.size() - own.prompt.size();
    own.consumptions = &consumptions;
    CHECK(all(near_misses("^server ready$", true, own, {})) ==
          "it stands before the cursor, already consumed: `server ready`, by the statement at "
          "relux/tests/a.relux:5\n");
    CHECK(all(near_misses("^client ready$", true, own, {})) == "");
    auto other = held("");
    other.shell = "web";
    other.text = "GET /health 200\r\n";
    CHECK(all(near_misses("GET /health", false, held("nothing\r\n"), {other})) ==
          "it stands in the output of shell 'web': `GET /health 200`\n");
    CHECK(all(near_misses("GE", false, held("nothing\r\n"), {other})) == "");
}

TEST_CASE("near misses: the closest line") {
    check_regexes({
        {"^listening on port 8080$", "booting\r\nlistening on port 8081\r\n",
         "the closest line is `listening on port 8081`: it has `1` where the pattern has `0$`"},
        {"^listening on port 8080$", "listening on port\r\n", "it ends where the pattern has ` 8080$`"},
        {"^listening on port 8080$", "connected\r\n", ""},
        {"^(one|two) items? of \\d+ sold$", "two items of many sold\r\n",
         "it has `many sold` where the pattern has `\\d+ sold$`"},
    });
}
