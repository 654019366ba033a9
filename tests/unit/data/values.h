// Short ways to write JSON values and calls in the tables of these tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "vm/data/function.h"
#include "vm/data/json.h"
#include "vm/data/path.h"

namespace relux::data {

/// 2026-03-01T12:34:56.789Z
constexpr std::int64_t kTestTime = 1'772'368'496'789'000'000;

inline Json value_of(std::string_view text) {
    auto value = parse_json(text);
    REQUIRE_MESSAGE(value, std::string(text));
    return *value;
}

inline Path path_of(std::string_view text) {
    auto path = parse_path(text);
    REQUIRE_MESSAGE(path, std::string(text));
    return *path;
}

/// The result as compact JSON, or "! " and the error.
inline std::string outcome_of(const Result<Json>& result) {
    return result ? compact_json(*result) : "! " + result.error().message;
}

inline Context test_context() {
    return Context([] { return kTestTime; });
}

/// Calls a function with the elements of a JSON list.
inline Result<Json> call_named(std::string_view name, std::string_view arguments) {
    const auto* called = value::find_function(name);
    REQUIRE_MESSAGE(called != nullptr, std::string(name));
    auto context = test_context();
    std::vector<Json> values = value_of(arguments);
    return call_function(called->id, values, context);
}

/// A call and what comes of it, as outcome_of writes it.
struct CallCase {
    std::string_view name;
    std::string_view arguments;
    std::string_view outcome;
};

template <class Cases>
void check_calls(const Cases& cases) {
    for (const auto& one : cases) {
        CAPTURE(std::string(one.name) + std::string(one.arguments));
        CHECK(outcome_of(call_named(one.name, one.arguments)) == one.outcome);
    }
}

}  // namespace relux::data
