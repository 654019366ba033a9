// Tests what a matcher says after each piece of output. A case is a pattern and a script of steps, one word
// each:
//   'text'   output arrives and the matcher looks      quiet   it looks again, settled
//   close    the buffer closes and it looks
// and after each step `-> more`, `-> tentative`, `-> complex`, or `-> [match][group 1]…` with `-` for a group
// unset.
#include "vm/match/matcher.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace relux::match {

namespace {

enum class Kind { Literal, Regex };

struct Step {
    const char* action;  ///< "quiet", "close", or '+' and the output that arrives
    const char* expected;
};

struct Case {
    Kind kind;
    const char* pattern;
    std::vector<Step> steps;
};

std::shared_ptr<const Pattern> make(Kind kind, std::string_view text) {
    if (kind == Kind::Literal) return Pattern::literal(text);
    auto pattern = Pattern::regex(text);
    REQUIRE_MESSAGE(bool(pattern), std::string(text));
    return *pattern;
}

std::string describe(Matcher::State state, const Matcher& matcher, const OutputBuffer& buffer) {
    switch (state) {
        case Matcher::State::NeedMore:
            return "more";
        case Matcher::State::Tentative:
            return "tentative";
        case Matcher::State::TooComplex:
            return "complex";
        case Matcher::State::Unfinished:
            return "unfinished";
        case Matcher::State::Matched:
            break;
    }
    std::string text;
    for (const auto& group : matcher.found().groups) {
        bool unset = group.begin == Found::npos;
        text += unset ? "-" : "[" + std::string(buffer.view(group.begin, group.end)) + "]";
    }
    return text;
}

void run(const Case& tried) {
    OutputBuffer buffer(1 << 20);
    Matcher matcher(make(tried.kind, tried.pattern), 0);
    std::string history = std::string(tried.pattern) + ":";
    for (const auto& step : tried.steps) {
        std::string_view action = step.action;
        history += " " + std::string(action);
        if (action.front() == '+') buffer.append(action.substr(1));
        if (action == "close") buffer.close();
        auto state = matcher.advance(buffer, action == "quiet");
        CHECK_MESSAGE(describe(state, matcher, buffer) == step.expected, history);
    }
}

}  // namespace

TEST_CASE("a literal counts at once, wherever it was cut") {
    run({Kind::Literal, "hello", {{"+say hel", "more"}, {"quiet", "more"}, {"+lo", "[hello]"}}});
    run({Kind::Literal, "aab", {{"+aa", "more"}, {"+aa", "more"}, {"+ab", "[aab]"}}});
    run({Kind::Literal, "\xc3\xbc", {{"+\xc3", "more"}, {"+\xbc", "[\xc3\xbc]"}}});
    run({Kind::Literal, "\r", {{"+ok\r", "[\r]"}}});
    run({Kind::Literal, "x.y", {{"+xzy", "more"}, {"+x.y", "[x.y]"}}});
    run({Kind::Literal, "no", {{"+yes", "more"}, {"close", "more"}}});
}

TEST_CASE("a regex that ends before the end of the data counts at once") {
    run({Kind::Regex, "hello", {{"+hello", "[hello]"}}});
    run({Kind::Regex, "port (\\d+)", {{"+port 80\r", "[port 80][80]"}}});
    run({Kind::Regex, "^a$", {{"+a\r\n", "[a]"}}});
    run({Kind::Regex, "(a)|(b)", {{"+b", "[b]-[b]"}}});
}

TEST_CASE("a look past the end is tentative until output, quiet or the end settles it") {
    run({Kind::Regex, "\\d+", {{"+port 8", "tentative"}, {"+0", "tentative"}, {"+ ", "[80]"}}});
    run({Kind::Regex, "\\d+", {{"+port 80", "tentative"}, {"quiet", "[80]"}}});
    run({Kind::Regex, "\\d+", {{"+port 80", "tentative"}, {"close", "[80]"}}});
    run({Kind::Regex,
         "foo(?!bar)",
         {{"+foo", "tentative"}, {"+ba", "tentative"}, {"+r foo", "tentative"}, {"quiet", "[foo]"}}});
    run({Kind::Regex, "\\bok\\b", {{"+ok", "tentative"}, {"+ay ok", "tentative"}, {"+.", "[ok]"}}});
    run({Kind::Regex, "(?s)a.*b", {{"+ab", "tentative"}, {"+b", "tentative"}, {"quiet", "[abb]"}}});
}

TEST_CASE("$ matches before a terminator that has arrived, or at the end once closed") {
    run({Kind::Regex, "^hello$", {{"+hello", "tentative"}, {"quiet", "more"}, {"+\r\n", "[hello]"}}});
    run({Kind::Regex, "^hello$", {{"+hello", "tentative"}, {"quiet", "more"}, {"close", "[hello]"}}});
    run({Kind::Regex,
         "^hello$",
         {{"+hello", "tentative"}, {"quiet", "more"}, {"+ world\r\nhello\n", "[hello]"}}});
    run({Kind::Regex, "^hello$", {{"+hello\r", "[hello]"}}});
    run({Kind::Regex, "x$|y", {{"+zzz x", "tentative"}, {"+y", "[y]"}}});
}

TEST_CASE("a carriage return at the end is judged with its line feed where that matters") {
    run({Kind::Regex, "a\\R", {{"+a\r", "tentative"}, {"+\n", "[a\r\n]"}}});
    run({Kind::Regex, "a\\r(?!\\n)", {{"+a\r", "tentative"}, {"+\na\r", "tentative"}, {"+b", "[a\r]"}}});
    run({Kind::Regex, "(?<=\\s)^b", {{"+a\r", "tentative"}, {"+\nb", "[b]"}}});
    run({Kind::Regex, "c", {{"+a\r", "more"}, {"quiet", "more"}, {"+\nc", "[c]"}}});
}

TEST_CASE("half a character at the end waits for the other half") {
    run({Kind::Regex, "\\x{fc}", {{"+\xc3", "tentative"}, {"quiet", "more"}, {"+\xbc", "[\xc3\xbc]"}}});
    run({Kind::Regex, ".x", {{"+\xf0\x9f\x98", "tentative"}, {"+\x80x", "[\xf0\x9f\x98\x80x]"}}});
    run({Kind::Regex, "o", {{"+n\xff\xc3(", "more"}, {"+o", "[o]"}}});
}

TEST_CASE("an empty match is a match") {
    run({Kind::Regex, "a*", {{"+b", "[]"}}});
    run({Kind::Regex, "x*", {{"quiet", "[]"}}});
    run({Kind::Regex, "(?=b)", {{"+a", "tentative"}, {"quiet", "more"}, {"+b", "[]"}}});
}

TEST_CASE("nothing before the base can be looked at") {
    OutputBuffer buffer(1000);
    buffer.append("foobar\nbar");
    Matcher behind(make(Kind::Regex, "(?<=foo)bar"), 3);
    CHECK(behind.advance(buffer, true) == Matcher::State::NeedMore);
    Matcher anchored(make(Kind::Regex, "\\A^\\bbar"), 3);
    REQUIRE(anchored.advance(buffer, false) == Matcher::State::Matched);
    CHECK(anchored.found().groups[0].begin == 3);
    CHECK(anchored.found().groups[0].end == 6);
}

TEST_CASE("a pattern that backtracks without bound is too complex, also across pieces") {
    std::string many(100, 'a');
    auto text = "+" + many + "b";
    run({Kind::Regex, "^(a+)+$", {{text.c_str(), "complex"}, {"quiet", "complex"}}});
    run({Kind::Regex, "^(a+)+$", {{"+aaaa", "tentative"}, {text.c_str(), "complex"}}});
}

TEST_CASE("a match across many reads is found however long it has been pending") {
    auto pattern = make(Kind::Regex, "(?s)BEGIN(.*?)END");
    OutputBuffer buffer(1 << 20);
    Matcher matcher(pattern, 0);
    buffer.append("noise BEGIN");
    CHECK(matcher.advance(buffer, false) == Matcher::State::Tentative);
    std::string line(99, '.');
    line += '\n';
    for (int i = 0; i < 2000; ++i) {
        buffer.append(line);
        REQUIRE(matcher.advance(buffer, false) == Matcher::State::Tentative);
    }
    CHECK(matcher.needs_from() <= 6);
    buffer.append("END and more");
    auto state = matcher.advance(buffer, false);
    if (state != Matcher::State::Matched) state = matcher.advance(buffer, true);
    REQUIRE(state == Matcher::State::Matched);
    CHECK(matcher.found().groups[0].begin == 6);
    CHECK(matcher.found().groups[1].end == 6 + 5 + 200'000);
}

TEST_CASE("a scan put off is made up for by quiet, and a quiet spell without a match needs no other") {
    auto pattern = make(Kind::Regex, "(?s)a.*?b");
    OutputBuffer buffer(1 << 20);
    Matcher matcher(pattern, 0);
    buffer.append("a" + std::string(100'000, '.'));
    CHECK(matcher.advance(buffer, false) == Matcher::State::Tentative);
    buffer.append(".");
    CHECK(matcher.advance(buffer, false) == Matcher::State::Tentative);
    CHECK(matcher.advance(buffer, true) == Matcher::State::NeedMore);
    CHECK(matcher.advance(buffer, false) == Matcher::State::NeedMore);
    buffer.append("b");
    CHECK(matcher.advance(buffer, false) == Matcher::State::Tentative);
    CHECK(matcher.advance(buffer, true) == Matcher::State::Matched);
}

TEST_CASE("what a later call may look at is kept, and no more") {
    auto pattern = make(Kind::Regex, "(?<=start )stop");
    OutputBuffer buffer(1 << 20);
    Matcher matcher(pattern, 0);
    for (int i = 0; i < 100; ++i) {
        buffer.append(std::string(10'000, '.'));
        CHECK(matcher.advance(buffer, false) == Matcher::State::NeedMore);
        CHECK(matcher.needs_from() + 100 > buffer.end());
    }
    buffer.append("start ");
    matcher.advance(buffer, false);
    buffer.consume(matcher.needs_from());
    buffer.release(matcher.needs_from());
    buffer.append("stop");
    REQUIRE(matcher.advance(buffer, false) == Matcher::State::Matched);
    CHECK(matcher.found().groups[0].begin == 1'000'006);
}

TEST_CASE("a search that is finished elsewhere gives what it gives here, however the output is cut") {
    struct Long {
        const char* pattern;
        std::string text;
    };
    const std::string line = std::string(4000, 'x');
    const Long cases[] = {
        {"x*x*yo", line + "\r\nis yo\r\nrest"},
        {"x*x*yo", line + "\r\n" + line + "\r\nis yo"},
        {"x*x*yo$", line + "\nyo, yo"},
        {"x*x*yo", line + "\xe9\n\xe9 is yo"},
        {"x*x*yo", line + "\noy\n"},
        {"^(?:x+x+)+y", line + "\noy\n"},
        {"x*x*yo|\\Gq", line + "\nis yo"},
    };
    for (const auto& tried : cases) {
        CAPTURE(tried.pattern);
        for (const std::size_t piece : {std::size_t(1300), std::size_t(2999), tried.text.size()}) {
            CAPTURE(piece);
            std::string results[2];
            int unfinished = 0;
            for (const bool elsewhere : {false, true}) {
                const auto effort = elsewhere ? Pattern::Effort::Short : Pattern::Effort::Whole;
                OutputBuffer buffer(1 << 20);
                Matcher matcher(make(Kind::Regex, tried.pattern), 0);
                auto state = Matcher::State::NeedMore;
                std::size_t arrived = 0;
                const auto more_arrives = [&] {
                    buffer.append(std::string_view(tried.text).substr(arrived, piece));
                    arrived = std::min(arrived + piece, tried.text.size());
                };
                const auto look = [&](bool settled) {
                    state = matcher.advance(buffer, settled, effort);
                    while (state == Matcher::State::Unfinished) {
                        ++unfinished;
                        auto search = matcher.long_search(buffer);
                        more_arrives();
                        CHECK(matcher.advance(buffer, true, effort) == Matcher::State::Unfinished);
                        search.run();
                        matcher.take(search, buffer);
                        state = matcher.advance(buffer, settled, effort);
                    }
                };
                while (arrived < tried.text.size()) {
                    more_arrives();
                    look(false);
                }
                look(true);
                buffer.close();
                look(true);
                results[elsewhere ? 1 : 0] = describe(state, matcher, buffer);
            }
            CHECK(unfinished > 0);
            CHECK(results[0] == results[1]);
        }
    }
}

TEST_CASE("bytes dropped by the buffer's limit are no longer searched") {
    auto pattern = make(Kind::Regex, "(?s)a.*b");
    OutputBuffer buffer(100);
    Matcher matcher(pattern, 0);
    buffer.append("a");
    CHECK(matcher.advance(buffer, false) == Matcher::State::Tentative);
    for (int i = 0; i < 20; ++i) {
        buffer.append(std::string(OutputBuffer::kHistory / 10, 'a'));
        matcher.advance(buffer, false);
    }
    buffer.append("b");
    REQUIRE(matcher.advance(buffer, true) == Matcher::State::Matched);
    CHECK(matcher.found().groups[0].begin >= buffer.begin());
    CHECK(matcher.found().groups[0].end == buffer.end());
}

}  // namespace relux::match
