#include "vm/base/shell_words.h"

#include <doctest/doctest.h>

using relux::shell_words;
using relux::ShellWord;

namespace {

std::optional<std::string> variable(std::string_view name) {
    if (name == "ROOT") return "/p";
    if (name == "HOME") return "/home";
    if (name == "EMPTY") return "";
    return std::nullopt;
}

/// `!` before commands, `>` before outputs, `=` before settings; each word in brackets.
std::string words_of(std::string_view line) {
    std::string text;
    for (const auto& word : shell_words(line, variable)) {
        switch (word.role) {
            case ShellWord::Role::Command:
                text += '!';
                break;
            case ShellWord::Role::Output:
                text += '>';
                break;
            case ShellWord::Role::Setting:
                text += '=';
                break;
            case ShellWord::Role::Argument:
                break;
        }
        text += "[" + word.text + "]";
    }
    return text;
}

struct Case {
    const char* line;
    const char* words;
};

}  // namespace

TEST_CASE("words are what a shell makes of a line") {
    const Case cases[] = {
        {"", ""},
        {"  ls   -l a ", "![ls][-l][a]"},
        {"cat 'a b' \"c d\" e\\ f", "![cat][a b][a][b][c d][c][d][e f]"},
        {"cat a'b'\"c\"d", "![cat][abcd]"},
        {"cat ''", "![cat][]"},
        {"cat ~/a b~ '~/c'", "![cat][/home/a][b~][~/c]"},
        {"cat 'open to the end", "![cat][open to the end][open][to][the][end]"},
        {"cat \"a\\\"b\\$c\\d\"", "![cat][a\"b$c\\d][ab\\d]"},
        {"${ROOT}/db.py --data-dir=$ROOT/d", "![/p/db.py][--data-dir=/p/d]"},
        {"cat \"$ROOT/a\" '$ROOT/b'", "![cat][/p/a][$ROOT/b]"},
        {"cat $NONE ${NONE:-c} ${NONE-d} ${ROOT:-e} $EMPTY$1 $?", "![cat][][c][d][/p][][]"},
    };
    for (const auto& [line, words] : cases) {
        CAPTURE(line);
        CHECK(words_of(line) == words);
    }
}

TEST_CASE("commands are told wherever they begin") {
    const Case cases[] = {
        {"a; b && c || d | e & f", "![a]![b]![c]![d]![e]![f]"},
        {"(a b);c", "![a][b]![c]"},
        {"X=1 Y= a Z=2", "=[X=1]=[Y=]![a][Z=2]"},
        {"exec a b", "![exec]![a][b]"},
        {"exec env -i X=1 nice -n 5 a b", "![exec]![env][-i]=[X=1]![nice][-n][5]![a][b]"},
        {"env -u X Y=1 a b", "![env][-u]![X]=[Y=1]![a][b]"},
        {"env -i a b", "![env][-i]![a]![b]"},
        {"if a; then b; else ! c; fi", "[if]![a][then]![b][else][!]![c][fi]"},
        {"for x in a b; do c; done", "[for][x][in][a][b][do]![c][done]"},
        {"echo $(a b) `c d`", "![echo]![a][b]![c][d]"},
        {"echo \"$(a b)\"", "![echo][$(a b)]![a][b]"},
        {"sh -c 'a b; c'", "![sh][-c][a b; c]![a][b]![c]"},
        {"bash -lc \"a 'b c'\"", "![bash][-lc][a 'b c']![a][b c][b][c]"},
        {"echo 'a b'", "![echo][a b][a][b]"},
        {"{ a; }", "[{]![a][}]"},
    };
    for (const auto& [line, words] : cases) {
        CAPTURE(line);
        CHECK(words_of(line) == words);
    }
}

TEST_CASE("redirections tell what is written and what is read") {
    const Case cases[] = {
        {"a > b", "![a]>[b]"},    {"a >b 2>c", "![a]>[b]>[c]"}, {"a >>b", "![a][b]"},
        {"a <b", "![a][b]"},      {">b a", ">[b]![a]"},         {"a 2>&1 >&2", "![a]"},
        {"a &>b", "![a]>[b]"},    {"a >|b", "![a]>[b]"},        {"a x2>b", "![a][x2]>[b]"},
        {"a <<END", "![a][END]"}, {"a <(b c)", "![a]![b][c]"},
    };
    for (const auto& [line, words] : cases) {
        CAPTURE(line);
        CHECK(words_of(line) == words);
    }
}
