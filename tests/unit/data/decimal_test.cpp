// Exact numbers, checked against the machine's own arithmetic.
#include <cmath>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include "vm/data/number.h"

namespace relux::data {

namespace {

class Random {
  public:
    std::uint64_t next() {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return (state_ >> 33) << 32 ^ state_ >> 17;
    }

  private:
    std::uint64_t state_ = 42;
};

}  // namespace

TEST_CASE("any two whole numbers compare as the machine compares them") {
    Random random;
    for (int i = 0; i < 20'000; ++i) {
        auto left = static_cast<std::int64_t>(random.next() >> random.next() % 64);
        auto right = i % 3 == 0 ? left + static_cast<std::int64_t>(random.next() % 3) - 1
                                : static_cast<std::int64_t>(random.next() >> random.next() % 64);
        if (i % 2 == 0) right = -right;
        CAPTURE(left);
        CAPTURE(right);
        REQUIRE(compare(*decimal_of(Json(left)), *decimal_of(Json(std::to_string(right)))) == left <=> right);
        REQUIRE(compare(Number(Wide(left)), Number(Wide(right))) == left <=> right);
    }
}

TEST_CASE("any two doubles compare as the machine compares them, and read back from their text") {
    Random random;
    for (int i = 0; i < 20'000; ++i) {
        auto left =
            std::ldexp(static_cast<double>(random.next() % 1000), static_cast<int>(random.next() % 40) - 20);
        auto right =
            std::ldexp(static_cast<double>(random.next() % 1000), static_cast<int>(random.next() % 40) - 20);
        if (i % 2 == 0) left = -left;
        if (i % 5 < 2) right = -right;
        CAPTURE(left);
        CAPTURE(right);
        bool less = compare(Decimal::of(left), Decimal::of(right)) < 0;
        REQUIRE(less == (left < right));
        REQUIRE(std::stod(Decimal::of(left).text()) == left);
    }
}

TEST_CASE("what reads as a number") {
    for (auto text : {"0", "-0", "+5", "5.", ".5", "1e5", "1E+05", "00012", "1e999999999", "-.5e-3"}) {
        CAPTURE(text);
        CHECK(Decimal::read(text));
    }
    for (auto text : {"", "+", ".", "e5", "1e", "1e+", "1e1234567890", "1.2.3", "0x1", "1 ", " 1", "1,5",
                      "--1", "inf", "nan", "1_0", "\xd9\xa1"}) {
        CAPTURE(text);
        CHECK_FALSE(Decimal::read(text));
    }
    CHECK(Decimal::read("000.1200e3")->text() == "120");
    CHECK(Decimal::read("-0.000")->text() == "0");
    CHECK(Decimal::read("12345678901234567890123")->text() == "1.2345678901234567890123e+22");
    CHECK(Decimal::read("1e999999999")->text() == "1e+999999999");
}

TEST_CASE("rounding goes by the digits, and carries") {
    auto rounded = [](std::string_view text, int places) {
        return Decimal::read(text)->rounded(places).text();
    };
    CHECK(rounded("0.5", 0) == "1");
    CHECK(rounded("0.49999", 0) == "0");
    CHECK(rounded("-0.5", 0) == "-1");
    CHECK(rounded("-0.4", 0) == "0");
    CHECK(rounded("999.995", 2) == "1000");
    CHECK(rounded("1.25", 1) == "1.3");
    CHECK(rounded("1.04", 1) == "1");
    CHECK(rounded("0.0049", 2) == "0");
    CHECK(rounded("0.005", 2) == "0.01");
    CHECK(rounded("12", 5) == "12");
    CHECK(rounded("0", 2) == "0");
    CHECK(rounded("1e-999999999", 15) == "0");
}

}  // namespace relux::data
