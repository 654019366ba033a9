// The rows of the functions of templates.
#include "vm/value/function.h"

#include <set>
#include <string>

#include <doctest/doctest.h>

using namespace relux::value;

TEST_CASE("every function of the language is there, once, with its documentation") {
    constexpr std::string_view kNames =
        "upper lower upperFirst lowerFirst trim replace contains startsWith endsWith split join truncate "
        "padLeft padRight repeat regexMatch regexFind add sub mul div mod min max round abs ceil floor now "
        "nowUnix "
        "addMinutes addHours addDays formatDate parseDate dateSub jsonStringify jsonParse jsonPick jsonKeys "
        "jsonValues object merge toInt toFloat toString len";
    std::set<std::string_view> seen;
    for (const auto& one : functions()) {
        CAPTURE(one.name);
        CHECK(seen.insert(one.name).second);
        CHECK((" " + std::string(kNames) + " ").find(" " + std::string(one.name) + " ") != std::string::npos);
        CHECK(one.doc.starts_with(std::string(one.name) + "("));
        CHECK(find_function(one.name) == &one);
        CHECK(&function(one.id) == &one);
        CHECK((one.maximum_arity == Function::kAnyNumber || one.minimum_arity <= one.maximum_arity));
    }
    CHECK(seen.size() == 47);
    CHECK(find_function("Upper") == nullptr);
    CHECK(find_function("") == nullptr);
}
