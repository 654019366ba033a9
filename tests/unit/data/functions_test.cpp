// The table of functions, and the functions on text, numbers and JSON.
#include <set>
#include <string>

#include "tests/unit/data/values.h"
#include "vm/data/function.h"

namespace relux::data {

TEST_CASE("the number of arguments is checked") {
    constexpr CallCase kCases[] = {
        {"upper", "[]", "! upper: takes 1 argument, got 0"},
        {"upper", R"(["a","b"])", "! upper: takes 1 argument, got 2"},
        {"replace", R"(["a","b"])", "! replace: takes 3 arguments, got 2"},
        {"truncate", R"(["a"])", "! truncate: takes 2 to 3 arguments, got 1"},
        {"add", "[1]", "! add: takes at least 2 arguments, got 1"},
        {"min", "[]", "! min: takes at least 1 argument, got 0"},
        {"nowUnix", "[1]", "! nowUnix: takes no arguments, got 1"},
    };
    check_calls(kCases);
}

TEST_CASE("wrong types name function, position, what is wanted and what is there") {
    constexpr CallCase kCases[] = {
        {"upper", "[null]", "! upper: argument 1 must be a string, got null"},
        {"upper", "[true]", "! upper: argument 1 must be a string, got a boolean"},
        {"replace", R"(["a",[],{}])", "! replace: argument 2 must be a string, got a list"},
        {"replace", R"(["a","b",{}])", "! replace: argument 3 must be a string, got a map"},
        {"replace", "[null,null,null]", "! replace: argument 1 must be a string, got null"},
        {"repeat", R"(["a","x"])",
         "! repeat: argument 2 must be a whole number from 0 to 67108864, got the string \"x\""},
        {"repeat", R"(["a",-1])", "! repeat: argument 2 must be a whole number from 0 to 67108864, got -1"},
        {"repeat", R"(["a",1.5])", "! repeat: argument 2 must be a whole number from 0 to 67108864, got 1.5"},
        {"repeat", R"(["a",null])",
         "! repeat: argument 2 must be a whole number from 0 to 67108864, got null"},
        {"add", R"([1,"5 apples"])", "! add: argument 2 must be a number, got the string \"5 apples\""},
        {"add", R"(["",1])", "! add: argument 1 must be a number, got the string \"\""},
        {"add", R"([1,2,[3]])", "! add: argument 3 must be a number, got a list"},
        {"add", "[true,1]", "! add: argument 1 must be a number, got a boolean"},
        {"join", R"(["a",","])", "! join: argument 1 must be a list, got the string \"a\""},
        {"merge", "[{},[]]", "! merge: argument 2 must be a map, got a list"},
        {"jsonKeys", "[[]]", "! jsonKeys: argument 1 must be a map, got a list"},
        {"jsonKeys", R"(["[1]"])",
         "! jsonKeys: argument 1 must be a map or the JSON text of one, got the string \"[1]\""},
        {"len", "[5]", "! len: argument 1 must be a string, a list or a map, got a number"},
        {"len", "[null]", "! len: argument 1 must be a string, a list or a map, got null"},
        {"toInt", R"(["5 apples"])", "! toInt: argument 1 must be a number, got the string \"5 apples\""},
        {"dateSub", R"([0,0,"weeks"])",
         "! dateSub: argument 3 must be seconds, minutes, hours or days, got the string \"weeks\""},
        {"addDays", "[null,1]",
         "! addDays: argument 1 must be a time (RFC 3339 text or seconds since 1970), got null"},
    };
    check_calls(kCases);
    CHECK(outcome_of(call_named("toInt", "[\"" + std::string(100, 'x') + "\"]")) ==
          "! toInt: argument 1 must be a number, got a string of 100 bytes");
}

TEST_CASE("text in other forms") {
    constexpr CallCase kCases[] = {
        {"upper", R"(["straße"])", R"("STRASSE")"},
        {"upper", R"(["ünïcödé"])", R"("ÜNÏCÖDÉ")"},
        {"upper", R"(["привет"])", R"("ПРИВЕТ")"},
        {"upper", R"(["αβγ"])", R"("ΑΒΓ")"},
        {"upper", R"([""])", R"("")"},
        {"upper", "[5]", R"("5")"},
        {"lower", R"(["ÀÉÎ ΑΒΓ ПРИВЕТ Abc"])", R"("àéî αβγ привет abc")"},
        {"upperFirst", R"(["élan vital"])", R"("Élan vital")"},
        {"upperFirst", R"([""])", R"("")"},
        {"upperFirst", R"(["Abc"])", R"("Abc")"},
        {"lowerFirst", R"(["ABC"])", R"("aBC")"},
        {"lowerFirst", R"(["Öl"])", R"("öl")"},
        {"trim", R"(["  a b \t\r\n"])", R"("a b")"},
        {"trim", R"(["\u00a0\u2003x\u3000\u2028"])", R"("x")"},
        {"trim", R"(["\n"])", R"("")"},
        {"trim", R"([""])", R"("")"},
        {"trim", R"(["é"])", R"("é")"},
        {"trim", "[5.0]", R"("5")"},
        {"replace", R"(["a-b-c","-","+"])", R"("a+b+c")"},
        {"replace", R"(["aaa","aa","b"])", R"("ba")"},
        {"replace", R"(["abc","","x"])", R"("abc")"},
        {"replace", R"(["abc","b",""])", R"("ac")"},
        {"replace", R"(["a.c",".","\\"])", R"("a\\c")"},
        {"replace", R"(["","a","b"])", R"("")"},
    };
    check_calls(kCases);
}

TEST_CASE("what a text contains, and its parts") {
    constexpr CallCase kCases[] = {
        {"contains", R"(["hello","ell"])", "true"},
        {"contains", R"(["hello","Ell"])", "false"},
        {"contains", R"(["hello",""])", "true"},
        {"contains", R"([404,"4"])", "true"},
        {"contains", R"([[1,"2"],2])", "true"},
        {"contains", R"([[1,2],3])", "false"},
        {"contains", R"([[null],null])", "true"},
        {"contains", R"(["a",null])", "! contains: argument 2 must be a string, got null"},
        {"startsWith", R"(["hello","he"])", "true"},
        {"startsWith", R"(["hello","hello!"])", "false"},
        {"startsWith", R"(["hello",""])", "true"},
        {"endsWith", R"(["hello","lo"])", "true"},
        {"endsWith", R"(["hello","hel"])", "false"},
        {"split", R"(["a,b,,c",","])", R"(["a","b","","c"])"},
        {"split", R"(["a, b",", "])", R"(["a","b"])"},
        {"split", R"(["",","])", R"([""])"},
        {"split", R"([",",","])", R"(["",""])"},
        {"split", R"(["abc","x"])", R"(["abc"])"},
        {"split", R"(["aé😀",""])", R"(["a","é","😀"])"},
        {"split", R"(["",""])", "[]"},
        {"join", R"([["a",1,2.0,true,null,[1]],"-"])", R"("a-1-2-true--[1]")"},
        {"join", R"([[],","])", R"("")"},
        {"join", R"([["a"],","])", R"("a")"},
        {"join", R"([["a","b"],""])", R"("ab")"},
    };
    check_calls(kCases);
}

TEST_CASE("text of a length") {
    constexpr CallCase kCases[] = {
        {"truncate", R"(["hello world",5])", R"("hello")"},
        {"truncate", R"(["hello world",8,"..."])", R"("hello...")"},
        {"truncate", R"(["hello",5,"..."])", R"("hello")"},
        {"truncate", R"(["hello",2,"..."])", R"("he")"},
        {"truncate", R"(["hello",3,"..."])", R"("...")"},
        {"truncate", R"(["äöü",2])", R"("äö")"},
        {"truncate", R"(["äöü",0])", R"("")"},
        {"truncate", R"(["abc",99])", R"("abc")"},
        {"truncate", R"(["abc","2"])", R"("ab")"},
        {"padLeft", R"([7,3,"0"])", R"("007")"},
        {"padLeft", R"(["abc",5])", R"("  abc")"},
        {"padLeft", R"(["abc",2])", R"("abc")"},
        {"padLeft", R"(["é",3,"ab"])", R"("abé")"},
        {"padLeft", R"(["x",6,"äö"])", R"("äöäöäx")"},
        {"padLeft", R"(["x",3,""])", "! padLeft: argument 3 must not be empty"},
        {"padRight", R"(["ab",5,"-"])", R"("ab---")"},
        {"padRight", R"(["ab",4])", R"("ab  ")"},
        {"padRight", R"(["",2,"xy"])", R"("xy")"},
        {"repeat", R"(["ab",3])", R"("ababab")"},
        {"repeat", R"(["ab",0])", R"("")"},
        {"repeat", R"(["ab",2.0])", R"("abab")"},
        {"repeat", R"(["",67108864])", R"("")"},
        {"len", R"(["äöü😀"])", "4"},
        {"len", R"([""])", "0"},
        {"len", "[[1,2,3]]", "3"},
        {"len", R"([{"a":1}])", "1"},
    };
    check_calls(kCases);
}

TEST_CASE("text that would be too large is refused before it is made") {
    constexpr CallCase kCases[] = {
        {"repeat", R"(["ab",67108864])", "! repeat: the result is larger than 64 MiB"},
        {"padLeft", R"(["a",67108864,"é"])", "! padLeft: the result is larger than 64 MiB"},
        {"padRight", R"(["a",67108865])",
         "! padRight: argument 2 must be a whole number from 0 to 67108864, got 67108865"},
    };
    check_calls(kCases);
    auto context = test_context();
    std::vector<Json> arguments{Json(std::string(10'000, 'a')), Json("a"), Json(std::string(10'000, 'b'))};
    CHECK(outcome_of(call_function(FunctionId::replace, arguments, context)) ==
          "! replace: the result is larger than 64 MiB");
    auto elements = Json::array();
    for (int i = 0; i < 100'000; ++i)
        elements.push_back("");
    arguments = {std::move(elements), Json(std::string(1000, 'b'))};
    CHECK(outcome_of(call_function(FunctionId::join, arguments, context)) ==
          "! join: the result is larger than 64 MiB");
    arguments = {Json(std::string(5'000'000, 'a')), Json("")};
    CHECK(outcome_of(call_function(FunctionId::split, arguments, context)) ==
          "! split: the result is larger than 64 MiB");
}

TEST_CASE("text with bytes that are not UTF-8 passes through") {
    auto context = test_context();
    auto call = [&](FunctionId id, std::vector<Json> arguments) {
        auto result = call_function(id, arguments, context);
        REQUIRE(result);
        return *result;
    };
    CHECK(call(FunctionId::upper, {Json("a\xff"
                                        "b\xc3")}) == Json("A\xff"
                                                           "B\xc3"));
    CHECK(call(FunctionId::len, {Json("\xff\xfe\xc3\xa9")}) == Json(3));
    CHECK(call(FunctionId::trim, {Json(" \x85 ")}) == Json("\x85"));
    CHECK(call(FunctionId::trim, {Json(" \xe3\x80 ")}) == Json("\xe3\x80"));
}

TEST_CASE("regular expressions") {
    constexpr CallCase kCases[] = {
        {"regexMatch", R"(["order-42","^order-\\d+$"])", "true"},
        {"regexMatch", R"(["order-x","^order-\\d+$"])", "false"},
        {"regexMatch", R"(["a\norder-1\nb","^order-\\d+$"])", "true"},
        {"regexMatch", R"(["anything",""])", "true"},
        {"regexMatch", R"(["ÄÖ","(?i)äö"])", "true"},
        {"regexMatch", "[404,\"^4\"]", "true"},
        {"regexMatch", R"(["a","("])", "!"},
        {"regexFind", R"(["id=42, id=43","id=\\d+"])", R"("id=42")"},
        {"regexFind", R"~(["id=42","id=(\\d+)",1])~", R"("42")"},
        {"regexFind", R"~(["id=42","id=(\\d+)","1"])~", R"("42")"},
        {"regexFind", R"~(["id=42","id=(\\d+)(x)?",2])~", "null"},
        {"regexFind", R"~(["id=42","id=(\\d+)",2])~", "! regexFind: the pattern has no group 2; it has 1"},
        {"regexFind", R"(["abc","\\d+"])", "null"},
        {"regexFind", R"(["abc","x*"])", R"("")"},
        {"regexFind", R"(["größe 5","\\w+"])", R"("größe")"},
        {"regexFind", R"([[],"x"])", "! regexFind: argument 1 must be a string, got a list"},
    };
    for (const auto& one : kCases) {
        CAPTURE(std::string(one.name) + std::string(one.arguments));
        auto outcome = outcome_of(call_named(one.name, one.arguments));
        if (one.outcome == "!") {
            CHECK(outcome.starts_with("! regexMatch: the pattern is wrong: "));
        } else {
            CHECK(outcome == one.outcome);
        }
    }
    auto context = test_context();
    std::vector<Json> endless{Json(std::string(3000, 'a') + "b"), Json("^(a+)+$")};
    CHECK(outcome_of(call_function(FunctionId::regex_match, endless, context)) ==
          "! regexMatch: the pattern takes too long to match this text");
}

TEST_CASE("arithmetic on numbers") {
    constexpr CallCase kCases[] = {
        {"add", "[1,2]", "3"},
        {"add", "[1,2,3,4]", "10"},
        {"add", R"(["1","2"])", "3"},
        {"add", R"(["+1",".5"])", "1.5"},
        {"add", "[1.5,2.5]", "4"},
        {"add", "[9007199254740993,1]", "9007199254740994"},
        {"add", "[9223372036854775807,1]", "9223372036854775808"},
        {"add", "[18446744073709551615,1]", "! add: the result is out of range (overflow)"},
        {"add", "[18446744073709551615,1,-1]", "! add: the result is out of range (overflow)"},
        {"add", "[1e308,1e308]", "! add: the result is out of range (overflow)"},
        {"add", R"(["99999999999999999999",1])", "! add: argument 1: the number is out of range"},
        {"add", R"(["1e400",1])", "! add: argument 1: the number is out of range"},
        {"add", R"(["1e-400",1])", "1"},
        {"sub", "[5,7]", "-2"},
        {"sub", "[-9223372036854775808,1]", "! sub: the result is out of range (overflow)"},
        {"sub", "[18446744073709551615,18446744073709551614]", "1"},
        {"mul", "[6,7]", "42"},
        {"mul", "[2,3,4]", "24"},
        {"mul", "[4294967296,4294967295]", "18446744069414584320"},
        {"mul", "[4294967296,4294967296]", "! mul: the result is out of range (overflow)"},
        {"mul", "[18446744073709551615,18446744073709551615]",
         "! mul: the result is out of range (overflow)"},
        {"mul", "[-1,9223372036854775808]", "-9223372036854775808"},
        {"mul", "[1e300,1e300]", "! mul: the result is out of range (overflow)"},
        {"mul", "[0.1,3]", "0.30000000000000004"},
        {"div", "[6,2]", "3"},
        {"div", "[7,2]", "3.5"},
        {"div", "[-7,2]", "-3.5"},
        {"div", "[1,3]", "0.3333333333333333"},
        {"div", "[1,0]", "! div: division by zero"},
        {"div", R"([1,"0.0"])", "! div: division by zero"},
        {"div", "[0,0]", "! div: division by zero"},
        {"div", R"(["x",0])", "! div: argument 1 must be a number, got the string \"x\""},
        {"div", R"([1,"x"])", "! div: argument 2 must be a number, got the string \"x\""},
        {"div", "[-9223372036854775808,-1]", "9223372036854775808"},
        {"div", "[1e308,1e-308]", "! div: the result is out of range (overflow)"},
        {"mod", "[7,3]", "1"},
        {"mod", "[-7,3]", "-1"},
        {"mod", "[7,-3]", "1"},
        {"mod", "[7.5,2]", "1.5"},
        {"mod", "[7,0]", "! mod: division by zero"},
        {"mod", "[-9223372036854775808,-1]", "0"},
    };
    check_calls(kCases);
}

TEST_CASE("the smallest, the largest, and rounding") {
    constexpr CallCase kCases[] = {
        {"min", "[3,1,2]", "1"},
        {"min", "[[3,1,2]]", "1"},
        {"min", R"(["10",9])", "9"},
        {"min", "[5]", "5"},
        {"min", "[[]]", "! min: the list is empty"},
        {"min", R"([["a"]])", "! min: argument 1 must be a number, got the string \"a\""},
        {"min", "[[1],2]", "! min: argument 1 must be a number, got a list"},
        {"min", "[[[1]]]", "1"},
        {"max", "[3,1,2]", "3"},
        {"max", "[1,1.5]", "1.5"},
        {"max", "[9007199254740992.0,9007199254740993]", "9007199254740993"},
        {"max", "[18446744073709551615,-1]", "18446744073709551615"},
        {"round", "[2.5]", "3"},
        {"round", "[-2.5]", "-3"},
        {"round", "[0.4]", "0"},
        {"round", "[-0.4]", "0"},
        {"round", "[0.5]", "1"},
        {"round", "[9.5]", "10"},
        {"round", "[99.96,1]", "100"},
        {"round", "[0.05,1]", "0.1"},
        {"round", "[0.04,1]", "0"},
        {"round", "[2.675,2]", "2.68"},
        {"round", "[1.005,2]", "1.01"},
        {"round", "[2.5,0]", "3"},
        {"round", "[3.14159,3]", "3.142"},
        {"round", "[1234,2]", "1234"},
        {"round", "[1e300]", "1e+300"},
        {"round", R"(["2.4999999999999999"])", "3"},
        {"round", "[9007199254740993]", "9007199254740993"},
        {"round", "[1.5,16]", "! round: argument 2 must be a whole number from 0 to 15, got 16"},
        {"round", "[1.5,-1]", "! round: argument 2 must be a whole number from 0 to 15, got -1"},
        {"abs", "[-5]", "5"},
        {"abs", "[-9223372036854775808]", "9223372036854775808"},
        {"abs", "[-2.5]", "2.5"},
        {"abs", "[-0.0]", "0"},
        {"ceil", "[1.1]", "2"},
        {"ceil", "[-1.1]", "-1"},
        {"ceil", "[5]", "5"},
        {"floor", "[1.9]", "1"},
        {"floor", "[-1.1]", "-2"},
        {"floor", "[1e300]", "1e+300"},
    };
    check_calls(kCases);
}

TEST_CASE("conversions") {
    constexpr CallCase kCases[] = {
        {"toInt", R"(["42"])", "42"},
        {"toInt", "[5.9]", "5"},
        {"toInt", "[-5.9]", "-5"},
        {"toInt", R"(["5.9"])", "5"},
        {"toInt", R"(["1e3"])", "1000"},
        {"toInt", "[true]", "1"},
        {"toInt", "[false]", "0"},
        {"toInt", R"(["9007199254740993"])", "9007199254740993"},
        {"toInt", "[1e19]", "! toInt: the number does not fit into 64 bits"},
        {"toInt", "[null]", "! toInt: argument 1 must be a number, got null"},
        {"toInt", R"(["42\n"])", "! toInt: argument 1 must be a number, got the string \"42\\n\""},
        {"toFloat", R"(["2.50"])", "2.5"},
        {"toFloat", "[3]", "3"},
        {"toFloat", "[true]", "1"},
        {"toString", "[5.0]", R"("5")"},
        {"toString", "[null]", R"("")"},
        {"toString", "[[1,2]]", R"("[1,2]")"},
        {"toString", R"(["x"])", R"("x")"},
    };
    check_calls(kCases);
}

TEST_CASE("whole numbers stay whole") {
    CHECK(call_named("add", "[1,2]")->is_number_integer());
    CHECK(call_named("div", "[6,2]")->is_number_integer());
    CHECK(call_named("round", "[2.4]")->is_number_integer());
    CHECK(call_named("ceil", "[2.4]")->is_number_integer());
    CHECK(call_named("toInt", "[2.4]")->is_number_integer());
    CHECK(call_named("toFloat", "[3]")->is_number_float());
    CHECK(call_named("add", "[1,2.0]")->is_number_float());
}

TEST_CASE("JSON") {
    constexpr CallCase kCases[] = {
        {"jsonStringify", R"([{"a":[1,2.0]}])", R"("{\"a\":[1,2]}")"},
        {"jsonStringify", R"(["a\"b"])", R"("\"a\\\"b\"")"},
        {"jsonStringify", "[null]", R"("null")"},
        {"jsonParse", R"(["{\"a\":[1,true]}"])", R"({"a":[1,true]})"},
        {"jsonParse", R"(["5"])", "5"},
        {"jsonParse", R"(["\"5\""])", R"("5")"},
        {"jsonParse", R"([" [1] \n"])", "[1]"},
        {"jsonParse", R"([""])", "! jsonParse: line 1, column 1: the JSON ends too early"},
        {"jsonParse", "[[]]", "! jsonParse: argument 1 must be a string, got a list"},
        {"jsonPick", R"([{"a":{"b":[1,2]}},"$.a.b[1]"])", "2"},
        {"jsonPick", R"([{"a":{"b":[1,2]}},"a.b[-1]"])", "2"},
        {"jsonPick", R"(["{\"a\":5}","a"])", "5"},
        {"jsonPick", R"([[{"a":1},{"a":2}],"$[*].a"])", "[1,2]"},
        {"jsonPick", R"([{"a":null},"a"])", "null"},
        {"jsonPick", R"([{"a":1},"b"])", "! jsonPick: nothing at $.b"},
        {"jsonPick", R"([{"a":1},"b","none"])", R"("none")"},
        {"jsonPick", R"([{"a":1},"b",null])", "null"},
        {"jsonPick", R"([{"a":1},"b["])",
         "! jsonPick: argument 2: column 3: a number, `*`, a slice `a:b` or a quoted name is wanted after "
         "`[`, not the end"},
        {"jsonPick", R"(["","a"])", "! jsonPick: argument 1: line 1, column 1: the JSON ends too early"},
        {"jsonPick", R"([{"a":1},5])", "! jsonPick: nothing at $.5"},
        {"jsonKeys", R"([{"b":1,"a":2}])", R"(["b","a"])"},
        {"jsonKeys", R"(["{\"x\":1}"])", R"(["x"])"},
        {"jsonKeys", "[{}]", "[]"},
        {"jsonValues", R"([{"b":1,"a":[2]}])", "[1,[2]]"},
        {"jsonValues", R"(["{\"x\":1}"])", "[1]"},
        {"object", "[]", "{}"},
        {"object", R"(["a",1,"b",[true]])", R"({"a":1,"b":[true]})"},
        {"object", R"(["a",1,"a",2])", R"({"a":2})"},
        {"object", "[5,1]", R"({"5":1})"},
        {"object", R"(["a"])", "! object: takes keys and values in turn, got a key without a value"},
        {"object", "[null,1]", "! object: argument 1 must be a string, got null"},
        {"merge", R"([{"a":1,"b":2},{"b":3,"c":4}])", R"({"a":1,"b":3,"c":4})"},
        {"merge", R"([{"a":{"x":1}},{"a":{"y":2}}])", R"({"a":{"y":2}})"},
        {"merge", "[{}]", "{}"},
        {"merge", "[{},{},{}]", "{}"},
    };
    check_calls(kCases);
}

TEST_CASE("maps do not grow deeper or larger than values may be") {
    auto context = test_context();
    Json value = 1;
    Result<Json> result = value;
    for (std::size_t depth = 0; depth < kMaximumDepth; ++depth) {
        std::vector<Json> arguments{Json("a"), *result};
        result = call_function(FunctionId::object, arguments, context);
        REQUIRE(result);
    }
    std::vector<Json> arguments{Json("a"), *result};
    CHECK(outcome_of(call_function(FunctionId::object, arguments, context)) ==
          "! object: the result has more than 500 lists and maps within each other");
    arguments = {Json("a"), Json(std::string(kMaximumBytes / 2, 'x')), Json("b"),
                 Json(std::string(kMaximumBytes / 2, 'x'))};
    CHECK(outcome_of(call_function(FunctionId::object, arguments, context)) ==
          "! object: the result has a value larger than 64 MiB");
}

}  // namespace relux::data
