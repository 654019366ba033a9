#include "vm/base/text.h"

#include <array>
#include <string>

#include <doctest/doctest.h>

#include "vm/base/shortened_text.h"

using namespace std::string_view_literals;

namespace relux {

TEST_CASE("control bytes and invalid bytes become visible, text stays") {
    CHECK(visible("a\x1b[0m\r\n\t\x7f\0"sv, false) == "a\\x1b[0m\\r\\n\\t\\x7f\\x00");
    CHECK(visible("a\r\nb\n", true) == "a\\r\nb\n");
    CHECK(visible("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", false) == "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
    CHECK(visible("\xff\xc3(\xe2\x82", false) == "\\xff\\xc3(\\xe2\\x82");
    CHECK(visible("\xc0\x80\xed\xa0\x80", false) == "\\xc0\\x80\\xed\\xa0\\x80");
    CHECK(visible("\xc2\x9b"
                  "31m",
                  false) == "\\xc2\\x9b31m");
    CHECK(visible("", true).empty());
    CHECK(visible("a\u202a\u202e\u2066\u2069b", false) == "a\\u202a\\u202e\\u2066\\u2069b");
    CHECK(visible("\u2029\u202f\u2065\u206a", false) == "\u2029\u202f\u2065\u206a");
}

TEST_CASE("the nearest name is within a third of the length") {
    constexpr std::array<std::string_view, 4> kNames{"match_ok", "match_prompt", "sleep", "log"};
    CHECK(nearest_name("match_okk", kNames) == "match_ok");
    CHECK(nearest_name("slepe", kNames) == "sleep");
    CHECK(nearest_name("mtach_promt", kNames) == "match_prompt");
    CHECK(nearest_name("lgo", kNames) == "log");
    CHECK(nearest_name("lo", kNames).empty());
    CHECK(nearest_name("something", kNames).empty());
    CHECK(nearest_name("", kNames).empty());
    CHECK(nearest_name("log", {}).empty());
}

TEST_CASE("the incomplete tail is what more bytes could complete") {
    CHECK(incomplete_utf8_tail("") == 0);
    CHECK(incomplete_utf8_tail("abc") == 0);
    CHECK(incomplete_utf8_tail("a\xc3\xbc") == 0);
    CHECK(incomplete_utf8_tail("a\xc3") == 1);
    CHECK(incomplete_utf8_tail("a\xe2\x82") == 2);
    CHECK(incomplete_utf8_tail("a\xf0\x9f\x98") == 3);
    CHECK(incomplete_utf8_tail("\xf0\x9f") == 2);
    CHECK(incomplete_utf8_tail("\xf0\x9f\x98\x80") == 0);
    CHECK(incomplete_utf8_tail("\x80\x80\x80") == 0);
    CHECK(incomplete_utf8_tail("\xff") == 0);
    CHECK(incomplete_utf8_tail("\xe0\x80") == 0);
    CHECK(incomplete_utf8_tail("\xed\xa0") == 0);
    CHECK(incomplete_utf8_tail("\xf4\x90") == 0);
    CHECK(incomplete_utf8_tail("\xc3\x80\x80") == 0);
}

TEST_CASE("the first invalid byte is found") {
    constexpr auto kNone = std::string_view::npos;
    CHECK(find_invalid_utf8("") == kNone);
    CHECK(find_invalid_utf8("plain text, longer than a word") == kNone);
    CHECK(find_invalid_utf8("gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x98\x80 and so on") == kNone);
    CHECK(find_invalid_utf8("0123456789\xff") == 10);
    CHECK(find_invalid_utf8("ab\xc3") == 2);
    CHECK(find_invalid_utf8("ab\xc3\xbc\xc0\x80") == 4);
    CHECK(find_invalid_utf8("\xed\xa0\x80") == 0);
    CHECK(find_invalid_utf8("\xf4\x90\x80\x80") == 0);
}

TEST_CASE("long texts are cut between characters") {
    CHECK(shortened_text("abc", 3) == "abc");
    CHECK(shortened_text("abcd", 3) == "abc…");
    CHECK(shortened_text("ab\xc3\xbc", 3) == "ab…");
    CHECK(shortened_text("ab\xc3\xbc", 4) == "ab\xc3\xbc");
    CHECK(shortened_text("", 0).empty());
}

}  // namespace relux
