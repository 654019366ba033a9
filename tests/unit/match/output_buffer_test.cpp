#include "vm/match/output_buffer.h"

#include <string>

#include <doctest/doctest.h>

namespace relux::match {

TEST_CASE("positions survive appending, consuming and releasing") {
    OutputBuffer buffer(1 << 20);
    CHECK(buffer.append("hello world") == 0);
    CHECK(buffer.end() == 11);
    buffer.consume(6);
    CHECK(buffer.cursor() == 6);
    CHECK(buffer.unread() == "world");
    buffer.consume(3);
    CHECK(buffer.cursor() == 6);
    buffer.release(6);
    CHECK(buffer.begin() == 0);
    CHECK(buffer.view(0, 5) == "hello");
    CHECK(buffer.view(11, 11).empty());
}

TEST_CASE("release keeps the history before the cursor and what is asked for") {
    OutputBuffer buffer(1 << 24);
    std::string expected;
    for (int i = 0; i < 300'000; ++i)
        expected += static_cast<char>('a' + i % 26);
    buffer.append(expected);
    buffer.consume(250'000);
    buffer.release(100'000);
    CHECK(buffer.begin() == 100'000);
    CHECK(buffer.view(100'000, 300'000) == std::string_view(expected).substr(100'000));
    buffer.release(250'000);
    CHECK(buffer.begin() == 250'000 - OutputBuffer::kHistory);
    CHECK(buffer.view(buffer.begin(), 300'000) ==
          std::string_view(expected).substr(250'000 - OutputBuffer::kHistory));
    buffer.release(10);
    CHECK(buffer.begin() == 250'000 - OutputBuffer::kHistory);
    buffer.append("!");
    CHECK(buffer.end() == 300'001);
    CHECK(buffer.view(299'999, 300'001) == std::string{expected.back(), '!'});
}

TEST_CASE("past the limit the oldest unread bytes are dropped and the cursor moves") {
    OutputBuffer buffer(10);
    CHECK(buffer.append("0123456789") == 0);
    CHECK(buffer.append("abc") == 3);
    CHECK(buffer.cursor() == 3);
    CHECK(buffer.unread() == "3456789abc");
    CHECK(buffer.append("a much longer piece than ten") == 28);
    CHECK(buffer.unread() == "e than ten");
    CHECK(buffer.dropped() == 31);
    CHECK(buffer.end() == 41);
}

TEST_CASE("a long stream under a small limit keeps positions and contents") {
    OutputBuffer buffer(1000);
    Position end = 0;
    for (int i = 0; i < 5000; ++i) {
        auto piece = std::to_string(i) + "\n";
        buffer.append(piece);
        end += piece.size();
        REQUIRE(buffer.end() == end);
        REQUIRE(buffer.view(end - piece.size(), end) == piece);
        REQUIRE(buffer.cursor() - buffer.begin() <= OutputBuffer::kHistory);
    }
    CHECK(buffer.unread().size() == 1000);
    CHECK(buffer.dropped() == end - 1000);
}

TEST_CASE("a buffer without more budget drops its oldest bytes, and gives back what it had") {
    MemoryBudget budget(1 << 20);
    {
        OutputBuffer buffer(1 << 24, &budget);
        std::string piece(10'000, 'x');
        Position end = 0;
        for (int i = 0; i < 1000; ++i) {
            piece.back() = static_cast<char>('a' + i % 26);
            buffer.append(piece);
            end += piece.size();
            REQUIRE(buffer.end() == end);
            REQUIRE(buffer.view(end - piece.size(), end) == piece);
            REQUIRE(budget.held() <= 1 << 20);
            REQUIRE(buffer.cursor() + buffer.unread().size() == end);
        }
        CHECK(buffer.ran_out_of_budget());
        CHECK(buffer.dropped() == buffer.cursor());
        CHECK(buffer.unread().size() >= 1 << 18);
        // Output that was read is the first to go.
        const auto dropped = buffer.dropped();
        buffer.consume(end);
        buffer.append(piece);
        CHECK(buffer.dropped() == dropped);
    }
    CHECK(budget.held() == 0);
}

TEST_CASE("a buffer has a little whatever others hold, and a single output whole") {
    MemoryBudget budget(0);
    OutputBuffer buffer(1 << 24, &budget);
    CHECK(buffer.append(std::string(100'000, 'x')) == 0);
    CHECK(buffer.append(std::string(100'000, 'x')) == 0);
    CHECK(!buffer.ran_out_of_budget());
    CHECK(buffer.append(std::string(1'000'000, 'y')) == 200'000);
    CHECK(buffer.unread() == std::string(1'000'000, 'y'));
}

TEST_CASE("what one buffer lets go another may have") {
    MemoryBudget budget(3 << 20);
    OutputBuffer one(1 << 24, &budget);
    OutputBuffer other(1 << 24, &budget);
    CHECK(one.append(std::string(2 << 20, 'x')) == 0);
    CHECK(other.append(std::string(100, 'y')) == 0);
    CHECK(other.append(std::string(2 << 20, 'y')) == 100);
    one.consume(one.end());
    one.release(one.end());
    CHECK(budget.held() < 3 << 20);
    CHECK(other.append(std::string(1 << 18, 'y')) == 0);
}

TEST_CASE("closing is remembered") {
    OutputBuffer buffer(10);
    CHECK(!buffer.closed());
    buffer.close();
    CHECK(buffer.closed());
}

}  // namespace relux::match
