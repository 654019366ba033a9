#include "vm/match/pattern.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace relux::match {

namespace {

std::shared_ptr<const Pattern> regex(std::string_view text) {
    auto pattern = Pattern::regex(text);
    REQUIRE_MESSAGE(bool(pattern), std::string(text));
    return *pattern;
}

using Outcome = Pattern::Outcome;

/// Searches a value, as an assertion does.
Outcome searched(std::string_view pattern, const std::string& value, std::vector<Span>& spans) {
    return regex(pattern)->search(value, 0, false, true, spans);
}

}  // namespace

TEST_CASE("a bad pattern is an error with PCRE2's message and the offset") {
    auto pattern = Pattern::regex("ab(c");
    REQUIRE(!pattern);
    CHECK(pattern.error().message == "missing closing parenthesis at offset 4");
    CHECK(pattern.error().code == 4);
    auto checked = check_regex("[z-a]");
    REQUIRE(!checked);
    CHECK(checked.error().message == "range out of order in character class at offset 3");
    CHECK(bool(check_regex("^ok$")));
}

TEST_CASE("invalid UTF-8 and \\C in a pattern are errors") {
    CHECK(!Pattern::regex("a\xff"));
    CHECK(!Pattern::regex("\xc3"));
    CHECK(!Pattern::regex("\\C"));
    CHECK(bool(Pattern::regex("\xc3\xbc")));
}

TEST_CASE("the first searches for a pattern, which are interpreted, find what later ones find") {
    struct Case {
        const char* pattern;
        std::string subject;
    };
    const Case cases[] = {
        {"^token-(\\d+)$", "echo token-1\r\ntoken-1\r\nrelux> "},
        {"^never$", "some\r\nlines\r\nof text"},
        {"a.*b|c", "xx a then b and c"},
        {"(?<=: )\\w+", "name: value"},
        {"(\\w)(?=\\1)", "hello"},
        {"one\\s+two", "one \n"},
        {"(?<!a)b{2,}$", "abb\ncbbb"},
        {"^(?:x+x+)+y", std::string(40, 'x')},  // beyond what the interpreter is given
        {"(?i)READY", "not yet, ready"},
        {"", "anything"},
    };
    for (const auto& test : cases) {
        CAPTURE(test.pattern);
        for (const bool more : {true, false}) {
            CAPTURE(more);
            const auto pattern = regex(test.pattern);
            std::vector<Span> first;
            const auto outcome = pattern->search(test.subject, 0, more, false, first);
            for (int again = 0; again < 60; ++again) {
                std::vector<Span> spans;
                REQUIRE(pattern->search(test.subject, 0, more, false, spans) == outcome);
                if (outcome != Outcome::Match && outcome != Outcome::Partial) continue;
                REQUIRE(spans.size() == first.size());
                for (std::size_t i = 0; i < spans.size(); ++i) {
                    REQUIRE(spans[i].begin == first[i].begin);
                    REQUIRE(spans[i].end == first[i].end);
                }
            }
        }
    }
}

TEST_CASE("a short search ends soon, and says so where it has found out nothing") {
    using Effort = Pattern::Effort;
    std::vector<Span> spans;
    const std::string line(4000, 'x');
    for (const char* pattern : {"x*x*yo", "^(?:x+x+)+y", "(x|x)+y$"}) {
        CAPTURE(pattern);
        for (const auto& subject : {line + "\noy\n", line + line + line + line + line + "\noy\n"}) {
            for (const bool more : {true, false}) {
                CHECK(regex(pattern)->search(subject, 0, more, false, spans, Effort::Short) ==
                      Outcome::Unfinished);
            }
        }
    }
    // Where it finds an answer, that is the answer of the whole search.
    CHECK(regex("x+y")->search("axxxyb", 0, false, true, spans, Effort::Short) == Outcome::Match);
    CHECK(spans[0].begin == 1);
    CHECK(regex("x+y")->search("axxxb", 0, false, true, spans, Effort::Short) == Outcome::NoMatch);
    CHECK(regex("x+y")->search("axxx", 0, true, false, spans, Effort::Short) == Outcome::Partial);
    CHECK(regex("^begin .*? end$")
              ->search("begin " + line + line + line + " end\n", 0, false, true, spans, Effort::Short) ==
          Outcome::Match);
}

TEST_CASE("values: groups, Unicode, NUL, case, invalid bytes") {
    std::vector<Span> spans;
    REQUIRE(searched("(\\d+)-(x)?", "id 42-", spans) == Outcome::Match);
    REQUIRE(spans.size() == 3);
    CHECK(spans[0].begin == 3);
    CHECK(spans[1].end == 5);
    CHECK(spans[2].begin == Span::npos);
    CHECK(searched("^\\w+$", "gr\xc3\xbc\xc3\x9f\x65", spans) == Outcome::Match);
    CHECK(searched("(?i)\xc3\x84", "\xc3\xa4", spans) == Outcome::Match);
    CHECK(searched("a\\x00b", std::string("a\0b", 3), spans) == Outcome::Match);
    CHECK(searched("b", "\xff\xc3 b", spans) == Outcome::Match);
    CHECK(searched("^$", "", spans) == Outcome::Match);
    CHECK(searched("^b$", "a\rb\r\nc", spans) == Outcome::Match);
    CHECK(searched("a.b", "a\nb", spans) == Outcome::NoMatch);
    CHECK(searched("(?<x>ab\\K)?(?=c)", "abc", spans) == Outcome::Match);
}

TEST_CASE("a byte that is not UTF-8 is the character of its number") {
    struct Case {
        const char* pattern;
        std::string subject;
        std::size_t begin;
        std::size_t end;
    };
    const std::string large(20'000, 'x');
    const Case cases[] = {
        {"caf.", "un caf\xe9 noir", 3, 7},
        {"caf[^a-z]$", "caf\xe9", 0, 4},
        {"caf\\xe9", "caf\xe9", 0, 4},
        {"caf\\xe9", "caf\xc3\xa9", 0, 5},
        {"caf[\\xe8-\\xea] n", "caf\xe9 noir", 0, 6},
        {"^.{4}$", "\xe4\xf6\xfc\xdf", 0, 4},
        {"\\w+", "--\xe4\xf6\xfc--", 2, 5},
        {"(?i)\\xc4", "\xe4", 0, 1},
        {"\\xff\\xfe", "a\xff\xfe", 1, 3},
        {"\\x80", "\xe2\x82\xac\x80", 3, 4},  // not the last byte of a character
        {"(?<=\\xe9)n", "e\xe9n\xc3\xa9n", 2, 3},
        {"\\bnoir", "caf\xe9 noir", 5, 9},
        {"\xe2\x82\xac.\xe2\x82\xac", "\xe9\xe2\x82\xac\xe9\xe2\x82\xac", 1, 8},
        {".*done", "caf\xe9 is done\n", 0, 12},
        {"(?s).*?done", "caf\xe9 is done\n", 0, 12},
        {"^\\xe9 is (done)$", large + "\n\xe9 is done", 20'001, 20'010},
        {"(?:.{0,}d|\\N*d)one", large + "\xe9 is done", 0, 20'009},
    };
    for (const auto& test : cases) {
        CAPTURE(test.pattern);
        std::vector<Span> spans;
        REQUIRE(searched(test.pattern, test.subject, spans) == Outcome::Match);
        CHECK(spans[0].begin == test.begin);
        CHECK(spans[0].end == test.end);
    }
    std::vector<Span> spans;
    CHECK(searched("[^\\xe9]", "\xe9", spans) == Outcome::NoMatch);
    CHECK(searched("\\xe9", "\xc3", spans) == Outcome::NoMatch);
    // The beginning of a match that may go on is told in bytes of the subject.
    REQUIRE(regex("\\xe9+n")->search("a\xe8\xe9\xe9", 0, true, false, spans) == Outcome::Partial);
    CHECK(spans[0].begin == 2);
    // A group that took no part stays out.
    REQUIRE(searched("(x)?\\xe9", "\xe9", spans) == Outcome::Match);
    CHECK(spans[1].begin == Span::npos);
}

TEST_CASE("a group that sets \\K from a look-ahead gives no range with its end before its beginning") {
    std::vector<Span> spans;
    REQUIRE(searched("(?(DEFINE)(?<x>ab\\K))(?=(?&x))a", "ab", spans) == Outcome::Match);
    CHECK(spans[0].begin <= spans[0].end);
}

TEST_CASE("a search ends after a bounded number of steps") {
    std::vector<Span> spans;
    CHECK(searched("^(a+)+$", std::string(100, 'a') + "b", spans) == Outcome::TooComplex);
    CHECK(searched("(a|a)*b?$", std::string(5000, 'a') + "c", spans) == Outcome::TooComplex);
    CHECK(searched("(?s).*.*.*.*x\\d", std::string(3000, 'y') + "x", spans) == Outcome::TooComplex);
    // Every attempt is cheap, but there are two million of them.
    CHECK(searched("[a-z]+\\d", std::string(2'000'000, 'a'), spans) == Outcome::TooComplex);
    // Text that is never given back is counted too.
    CHECK(searched("[a-z]*+\\d", std::string(2'000'000, 'a'), spans) == Outcome::TooComplex);
    CHECK(searched("(?>[a-z]*)(*SKIP)(*FAIL)|[a-z]*+\\d", std::string(2'000'000, 'a'), spans) ==
          Outcome::NoMatch);
}

TEST_CASE("deep recursion is not too complex while there is memory for it") {
    std::vector<Span> spans;
    CHECK(searched("^(?:a|b)*c", std::string(5'000, 'a') + "c", spans) == Outcome::Match);
    CHECK(searched("^(?:(a)|b)*c", std::string(200'000, 'a') + "c", spans) == Outcome::Match);
    CHECK(searched("^(?:(a)|b)*c", std::string(300'000, 'a') + "c", spans) == Outcome::Match);
    CHECK(searched("^(?:(a)|b)*c", std::string(2'000'000, 'a') + "c", spans) == Outcome::TooComplex);
}

TEST_CASE("large texts are searched with the same result as small ones") {
    std::vector<Span> spans;
    auto text = std::string(500'000, '.') + "one 1\r\ntwo 22 \r\n";
    REQUIRE(searched("(*UTF)(*ANYCRLF)^two (\\d+)|zzz", text, spans) == Outcome::Match);
    CHECK(spans[0].begin == 500'007);
    CHECK(spans[1].end - spans[1].begin == 2);
    REQUIRE(searched("zzz|22", text, spans) == Outcome::Match);
    CHECK(spans[0].begin == 500'011);
    REQUIRE(regex("\\d+ $")->search(text, 0, true, false, spans) == Outcome::Match);
    CHECK(spans[0].begin == 500'011);
    REQUIRE(regex("\\s+x")->search(text, 0, true, false, spans) == Outcome::Partial);
    CHECK(spans[0].begin == 500'013);
}

TEST_CASE("the cache gives the same pattern for the same text and forgets the least recently used") {
    PatternCache cache(2);
    auto first = *cache.regex("a");
    auto second = *cache.regex("b");
    CHECK(*cache.regex("a") == first);
    auto third = *cache.regex("c");
    CHECK(*cache.regex("a") == first);
    CHECK(*cache.regex("c") == third);
    CHECK(*cache.regex("b") != second);
    CHECK(second->text() == "b");
    CHECK(!cache.regex("("));
    CHECK(*cache.regex("b") != second);
}

}  // namespace relux::match
