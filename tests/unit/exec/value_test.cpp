// Values: shared, immutable, constants not counted.
#include "vm/exec/value.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using relux::exec::Value;

TEST_CASE("a value holds any bytes") {
    CHECK(Value().view() == "");
    CHECK(Value("").empty());
    CHECK(Value(std::string_view("a\0b", 3)).view() == std::string_view("a\0b", 3));
}

TEST_CASE("copies share, moves take") {
    Value a("text");
    Value b = a;
    CHECK(a.view().data() == b.view().data());
    Value c = std::move(a);
    CHECK(c.view().data() == b.view().data());
    auto& same = b;
    b = same;
    CHECK(b.view() == "text");
    b = Value("other");
    CHECK(c.view() == "text");
}

TEST_CASE("concat joins all parts") {
    std::vector<Value> parts = {Value("a"), Value(), Value("bc")};
    CHECK(Value::concat(parts).view() == "abc");
    CHECK(Value::concat({}).empty());
}

TEST_CASE("constants outlive their copies and are released by their owner") {
    auto constant = Value::immortal("k");
    {
        Value copy = constant;
        CHECK(copy.view() == "k");
    }
    CHECK(constant.view() == "k");
    Value::release_immortal(constant);
    CHECK(constant.empty());
    Value::release_immortal(constant);
}
