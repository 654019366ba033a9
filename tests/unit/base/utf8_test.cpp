// What is a character of UTF-8, for every code point and for what is none.
#include "vm/base/utf8.h"

#include <doctest/doctest.h>

using namespace relux;

TEST_CASE("every code point is written and read back") {
    for (std::uint32_t code_point = 0; code_point < 0x110000; ++code_point) {
        if (code_point >= 0xD800 && code_point < 0xE000) continue;
        std::string text;
        append_utf8(text, code_point);
        const auto read = first_character(text + "x");
        if (read.code_point != code_point || read.size != text.size()) FAIL(code_point);
    }
}

TEST_CASE("what is no UTF-8 is a character for each byte") {
    for (const std::string_view text : {"\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                        "\x80", "\xff\xfe", "\xe2\x82", "\xc3"}) {
        CAPTURE(text);
        CHECK(first_character(text).code_point == Utf8Character::kNone);
        CHECK(first_character(text).size == 1);
        CHECK(count_characters(text) == text.size());
    }
    CHECK(count_characters("a\xff\xc3\xa9\xe2\x82\xac") == 4);
}

TEST_CASE("the beginning of a character is told from what can't be one") {
    CHECK(first_utf8_sequence("\xe2\x82").kind == Utf8Sequence::Kind::Incomplete);
    CHECK(first_utf8_sequence("\xe2\x28").kind == Utf8Sequence::Kind::Invalid);
    CHECK(first_utf8_sequence("\xe0\x80").kind == Utf8Sequence::Kind::Invalid);
    CHECK(first_utf8_sequence("\xe2\x82\xac").size == 3);
}
