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
Outcome search(std::string_view pattern, const std::string& value, std::vector<Span>& spans) {
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

TEST_CASE("values: groups, Unicode, NUL, case, invalid bytes") {
    std::vector<Span> spans;
    REQUIRE(search("(\\d+)-(x)?", "id 42-", spans) == Outcome::Match);
    REQUIRE(spans.size() == 3);
    CHECK(spans[0].begin == 3);
    CHECK(spans[1].end == 5);
    CHECK(spans[2].begin == Span::npos);
    CHECK(search("^\\w+$", "gr\xc3\xbc\xc3\x9f\x65", spans) == Outcome::Match);
    CHECK(search("(?i)\xc3\x84", "\xc3\xa4", spans) == Outcome::Match);
    CHECK(search("a\\x00b", std::string("a\0b", 3), spans) == Outcome::Match);
    CHECK(search("b", "\xff\xc3 b", spans) == Outcome::Match);
    CHECK(search("^$", "", spans) == Outcome::Match);
    CHECK(search("^b$", "a\rb\r\nc", spans) == Outcome::Match);
    CHECK(search("a.b", "a\nb", spans) == Outcome::NoMatch);
    CHECK(search("(?<x>ab\\K)?(?=c)", "abc", spans) == Outcome::Match);
}

TEST_CASE("a leading `.*` finds what begins after an invalid byte") {
    std::vector<Span> spans;
    for (const char* pattern : {".*done", "(?s).*done", "(.*)done", "(?:.{0,}d|\\N*d)one", "(?s).*?done"}) {
        CAPTURE(pattern);
        REQUIRE(search(pattern, "caf\xe9 is done\n", spans) == Outcome::Match);
        CHECK(spans[0].begin == 4);
        CHECK(spans[0].end == 12);
        // The form for large texts, which calls back.
        REQUIRE(search(pattern, std::string(20'000, 'x') + "\xe9 is done", spans) == Outcome::Match);
        CHECK(spans[0].begin == 20'001);
    }
}

TEST_CASE("a group that sets \\K from a look-ahead gives no range with its end before its beginning") {
    std::vector<Span> spans;
    REQUIRE(search("(?(DEFINE)(?<x>ab\\K))(?=(?&x))a", "ab", spans) == Outcome::Match);
    CHECK(spans[0].begin <= spans[0].end);
}

TEST_CASE("a search ends after a bounded number of steps") {
    std::vector<Span> spans;
    CHECK(search("^(a+)+$", std::string(100, 'a') + "b", spans) == Outcome::TooComplex);
    CHECK(search("(a|a)*b?$", std::string(5000, 'a') + "c", spans) == Outcome::TooComplex);
    CHECK(search("(?s).*.*.*.*x\\d", std::string(3000, 'y') + "x", spans) == Outcome::TooComplex);
    // Every attempt is cheap, but there are two million of them.
    CHECK(search("[a-z]+\\d", std::string(2'000'000, 'a'), spans) == Outcome::TooComplex);
    // What is never given back is counted too.
    CHECK(search("[a-z]*+\\d", std::string(2'000'000, 'a'), spans) == Outcome::TooComplex);
    CHECK(search("(?>[a-z]*)(*SKIP)(*FAIL)|[a-z]*+\\d", std::string(2'000'000, 'a'), spans) ==
          Outcome::NoMatch);
}

TEST_CASE("deep recursion is not too complex while there is memory for it") {
    std::vector<Span> spans;
    CHECK(search("^(?:a|b)*c", std::string(5'000, 'a') + "c", spans) == Outcome::Match);
    CHECK(search("^(?:(a)|b)*c", std::string(200'000, 'a') + "c", spans) == Outcome::Match);
    CHECK(search("^(?:(a)|b)*c", std::string(300'000, 'a') + "c", spans) == Outcome::Match);
    CHECK(search("^(?:(a)|b)*c", std::string(2'000'000, 'a') + "c", spans) == Outcome::TooComplex);
}

TEST_CASE("large texts are searched with the same result as small ones") {
    std::vector<Span> spans;
    auto text = std::string(500'000, '.') + "one 1\r\ntwo 22 \r\n";
    REQUIRE(search("(*UTF)(*ANYCRLF)^two (\\d+)|zzz", text, spans) == Outcome::Match);
    CHECK(spans[0].begin == 500'007);
    CHECK(spans[1].end - spans[1].begin == 2);
    REQUIRE(search("zzz|22", text, spans) == Outcome::Match);
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
