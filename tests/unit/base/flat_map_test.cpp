#include "vm/base/flat_map.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using relux::FlatMap;

TEST_CASE("a flat map finds what was put into it, and nothing else") {
    std::vector<std::string> texts;
    for (int i = 0; i < 5000; ++i)
        texts.push_back(std::string(static_cast<std::size_t>(i % 23), 'x') + std::to_string(i));
    FlatMap<std::string_view, int> by_text;
    FlatMap<const std::string*, int> by_address;
    CHECK(by_text.find("0") == nullptr);
    for (int i = 0; i < 5000; ++i) {
        const auto& text = texts[static_cast<std::size_t>(i)];
        CHECK(by_text.try_emplace(text, i).second);
        by_address[&text] = i;
    }
    for (int i = 0; i < 5000; ++i) {
        const auto& text = texts[static_cast<std::size_t>(i)];
        const auto [value, added] = by_text.try_emplace(text, -1);
        CHECK(!added);
        CHECK(*value == i);
        REQUIRE(by_address.find(&text) != nullptr);
        CHECK(*by_address.find(&text) == i);
    }
    CHECK(by_text.size() == 5000);
    CHECK(by_text.find("nothing") == nullptr);
    CHECK(by_text.find("") == nullptr);
    by_text[""] = 7;
    REQUIRE(by_text.find(std::string_view()) != nullptr);
    CHECK(*by_text.find(std::string_view()) == 7);
    FlatMap<std::uint64_t, int> by_number(5000);
    for (int i = 0; i < 5000; ++i)
        CHECK(by_number.try_emplace(static_cast<std::uint64_t>(i) * i + 1, i).second);
    for (int i = 0; i < 5000; ++i)
        CHECK(by_number[static_cast<std::uint64_t>(i) * i + 1] == i);
    CHECK(by_number.find(3) == nullptr);
    CHECK(by_number.size() == 5000);
    const std::string other = texts.front();
    CHECK(by_address.find(&other) == nullptr);
}
