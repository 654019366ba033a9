// Variables: which value a name has, and the words for names that have none.
#include "vm/data/state_bag.h"

#include <string>

#include "tests/unit/data/values.h"

namespace relux::data {

namespace {

using Layer = StateBag::Layer;

StateBag example() {
    StateBag bag;
    bag.set(Layer::Environment, "HOME", Json("/root"));
    bag.set(Layer::Environment, "token", Json("from the environment"));
    bag.set(Layer::Environment, "my-var", Json("dashed"));
    bag.set(Layer::Configuration, "base", Json("http://localhost"));
    bag.set(Layer::Extracted, "user",
            value_of(R"({"name": "ann", "tags": ["a", "b"], "address": {"city": null}, "a b": 1})"));
    bag.set(Layer::Extracted, "one", value_of("[7]"));
    return bag;
}

}  // namespace

TEST_CASE("lookups") {
    struct Case {
        std::string_view variable;
        std::string_view outcome;
    };
    constexpr Case kCases[] = {
        {"HOME", R"("/root")"},
        {"my-var", R"("dashed")"},
        {"base", R"("http://localhost")"},
        {"user.name", R"("ann")"},
        {"user.tags", R"(["a","b"])"},
        {"user.tags[0]", R"("a")"},
        {"user.tags[-1]", R"("b")"},
        {"user.tags[*]", R"(["a","b"])"},
        {"user.tags[5:]", "[]"},
        {"user.address.city", "null"},
        {"user['a b']", "1"},
        {"$.user.name", R"("ann")"},
        {"one[0]", "7"},
        {"tokn", "! undefined variable `tokn`; did you mean `token`?"},
        {"usr.name", "! undefined variable `usr.name`; did you mean `user`?"},
        {"home", "! undefined variable `home`"},
        {"completely_other", "! undefined variable `completely_other`"},
        {"user.nme", "! undefined variable `user.nme`: `user` has no member `nme`; did you mean `name`?"},
        {"user.zip", "! undefined variable `user.zip`: `user` has no member `zip`"},
        {"user.address.cty",
         "! undefined variable `user.address.cty`: `user.address` has no member `cty`; did you mean `city`?"},
        {"user.name.first", "! undefined variable `user.name.first`: `user.name` is a string, not a map"},
        {"user.name[0]", "! undefined variable `user.name[0]`: `user.name` is a string, not a list"},
        {"user.tags[2]", "! undefined variable `user.tags[2]`: `user.tags` has 2 elements"},
        {"user.tags[2].x", "! undefined variable `user.tags[2].x`: `user.tags` has 2 elements"},
        {"one[1]", "! undefined variable `one[1]`: `one` has 1 element"},
        {"user.address.city.x",
         "! undefined variable `user.address.city.x`: `user.address.city` is null, not a map"},
        {"HOME.x", "! undefined variable `HOME.x`: `HOME` is a string, not a map"},
        {"", "! ``: column 1: a path is empty; `$` is the whole document"},
        {"$", "! `$` does not start with the name of a variable"},
        {"[0]", "! `$[0]` does not start with the name of a variable"},
        {"..name", "! `$..name` does not start with the name of a variable"},
        {"user.", "! `user.`: column 6: a name is missing at the end"},
    };
    auto bag = example();
    for (const auto& one : kCases) {
        CAPTURE(one.variable);
        CHECK(outcome_of(bag.lookup(one.variable)) == one.outcome);
    }
}

TEST_CASE("the newest value wins, an older one shows again when it is gone") {
    StateBag bag;
    bag.set(Layer::Extracted, "name", Json(3));
    bag.set(Layer::Environment, "name", Json("1"));
    bag.set(Layer::Configuration, "name", Json("2"));
    CHECK(*bag.find("name") == Json(3));
    bag.remove(Layer::Extracted, "name");
    CHECK(*bag.find("name") == Json("2"));
    bag.remove(Layer::Configuration, "name");
    CHECK(*bag.find("name") == Json("1"));
    bag.remove(Layer::Environment, "name");
    bag.remove(Layer::Environment, "name");
    CHECK(bag.find("name") == nullptr);
}

TEST_CASE("an extracted null hides the environment, and the last extraction hides the one before") {
    StateBag bag;
    bag.set(Layer::Environment, "id", Json("7"));
    bag.set(Layer::Extracted, "id", Json());
    CHECK(outcome_of(bag.lookup("id")) == "null");
    bag.set(Layer::Extracted, "id", Json(8));
    CHECK(outcome_of(bag.lookup("id")) == "8");
}

TEST_CASE("values keep their type") {
    StateBag bag;
    for (auto text : {"null", "true", "5", "5.5", R"("5")", "[1,\"2\"]", R"({"a":{"b":[]}})"}) {
        bag.set(Layer::Extracted, "value", value_of(text));
        CHECK(bag.lookup("value")->type() == value_of(text).type());
        CHECK(outcome_of(bag.lookup("value")) == text);
    }
}

TEST_CASE("bags do not share anything") {
    auto first = example();
    auto second = first;
    second.set(Layer::Extracted, "user", Json("other"));
    CHECK(outcome_of(first.lookup("user.name")) == R"("ann")");
    CHECK(outcome_of(second.lookup("user")) == R"("other")");
}

TEST_CASE("res is a variable like any other") {
    StateBag bag;
    bag.set(Layer::Extracted, "res", value_of(R"({"a": 1})"));
    CHECK(outcome_of(bag.lookup("res.a")) == "1");
    CHECK(outcome_of(bag.lookup("res.b")) == "! undefined variable `res.b`: `res` has no member `b`");
    CHECK(outcome_of(StateBag().lookup("res.a")) == "! undefined variable `res.a`");
}

TEST_CASE("names are sorted and there once") {
    auto bag = example();
    bag.set(Layer::Extracted, "token", Json(1));
    auto names = bag.names();
    CHECK(names == std::vector<std::string_view>{"HOME", "base", "my-var", "one", "token", "user"});
}

}  // namespace relux::data
