// Normalising a source and finding lines and columns in it.
#include "frontend/source.h"

#include <doctest/doctest.h>

using relux::frontend::Source;

TEST_CASE("a byte-order mark and carriage returns before newlines disappear") {
    Source source("a.relux", "\xEF\xBB\xBFone\r\ntwo\rthree\r\n");
    CHECK(source.text() == "one\ntwo\rthree\n");
    CHECK(source.name() == "a.relux");
}

TEST_CASE("the text always ends with a newline") {
    CHECK(Source("a", "").text() == "\n");
    CHECK(Source("a", "x").text() == "x\n");
    CHECK(Source("a", "x\n").text() == "x\n");
    CHECK(Source("a", "\r").text() == "\r\n");
}

TEST_CASE("offsets are found as lines and columns in bytes") {
    Source source("a", "ab\n\ncd");
    auto check = [&](std::uint32_t offset, std::uint32_t line, std::uint32_t column) {
        CHECK(source.position(offset).line == line);
        CHECK(source.position(offset).column == column);
    };
    for (std::uint32_t offset = 0; offset < 8; ++offset) {
        for (std::uint32_t line = 1; line <= 3; ++line) {
            CHECK(source.position_near(offset, line).line == source.position(offset).line);
            CHECK(source.position_near(offset, line).column == source.position(offset).column);
        }
    }
    check(0, 1, 1);
    check(2, 1, 3);
    check(3, 2, 1);
    check(4, 3, 1);
    check(6, 3, 3);
    check(7, 3, 4);
    CHECK(source.line(1) == "ab");
    CHECK(source.line(2) == "");
    CHECK(source.line(3) == "cd");
}
