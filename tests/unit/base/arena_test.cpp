#include "vm/base/arena.h"

#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using relux::Arena;
using relux::GrowingList;

TEST_CASE("what an arena gives is aligned, apart from everything else, and stays") {
    Arena arena;
    std::vector<std::pair<std::uint64_t*, char*>> given;
    for (std::uint64_t i = 0; i < 10000; ++i) {
        given.emplace_back(arena.make(i), arena.make(static_cast<char>('a' + i % 26)));
        CHECK(reinterpret_cast<std::uintptr_t>(given.back().first) % alignof(std::uint64_t) == 0);
    }
    for (std::uint64_t i = 0; i < given.size(); ++i) {
        REQUIRE(*given[i].first == i);
        REQUIRE(*given[i].second == static_cast<char>('a' + i % 26));
    }
}

TEST_CASE("an arena has room for what is larger than its blocks, also after it was cleared") {
    Arena arena;
    for (int round = 0; round < 3; ++round) {
        for (const std::size_t size : {std::size_t{1}, std::size_t{5000}, std::size_t{100},
                                       std::size_t{3} << 20, std::size_t{40} << 20}) {
            auto* const bytes = arena.room<char>(size);
            bytes[0] = 'x';
            bytes[size - 1] = 'y';
        }
        CHECK(arena.copy("text") == "text");
        CHECK(arena.copy("").empty());
        arena.clear();
    }
}

TEST_CASE("a growing list keeps its elements, and copies are its own") {
    Arena arena;
    GrowingList<int> growing(arena);
    CHECK(growing.copy(arena).empty());
    for (int i = 0; i < 1000; ++i)
        growing.push_back(i);
    const auto list = growing.copy(arena);
    growing.clear();
    growing.push_back(7);
    const std::vector<int> more = {8, 9};
    growing.append(more.begin(), more.end());
    REQUIRE(list.size() == 1000);
    for (int i = 0; i < 1000; ++i)
        CHECK(list[static_cast<std::size_t>(i)] == i);
    REQUIRE(growing.list().size() == 3);
    CHECK(growing.list().back() == 9);
    CHECK(growing.front() == 7);
}
