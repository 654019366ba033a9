// Which names a glob covers, and that none takes long.
#include "vm/base/glob.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using relux::glob_matches;
using relux::glob_matches_name;

namespace {

struct Row {
    std::string_view text;
    std::string_view glob;
    bool matches;
};

}  // namespace

TEST_CASE("stars, question marks and sets") {
    for (const auto& row :
         std::vector<Row>{{"a.yaml", "*.yaml", true}, {"a.yaml", "*", true},    {"a.yaml", "a*l", true},
                          {"a.yaml", "*.yml", false}, {"", "*", true},          {"", "", true},
                          {"a", "", false},           {"", "?", false},         {"ab", "??", true},
                          {"ab", "?", false},         {"abcabc", "*abc", true}, {"abcabd", "*abc", false},
                          {"aXbXc", "a*X*c", true},   {"b", "[abc]", true},     {"d", "[abc]", false},
                          {"b", "[a-c]", true},       {"d", "[a-c]", false},    {"d", "[!a-c]", true},
                          {"b", "[!a-c]", false},     {"b", "[^a-c]", false},   {"]", "[]]", true},
                          {"a", "[]]", false},        {"a", "[!]]", true},      {"-", "[a-]", true},
                          {"-", "[-a]", true},        {"[a", "[a", true},       {"a", "[a", false},
                          {"[", "[", true},           {"x[", "x[", true},       {"a*b", "a*b", true},
                          {"1a", "[0-9][a-z]", true}, {"a.b", "a.b", true},     {"aXb", "a.b", false},
                          {"ab", "a**b", true},       {"a/b", "a*b", true},     {"echo x", "echo", false}}) {
        CAPTURE(row.text);
        CAPTURE(row.glob);
        CHECK(glob_matches(row.glob, row.text) == row.matches);
    }
}

TEST_CASE("a character is a code point, or a byte that is part of none") {
    for (const auto& row : std::vector<Row>{{"é", "?", true},
                                            {"é", "??", false},
                                            {"é", "*??", false},
                                            {"éa", "?a", true},
                                            {"\xff", "?", true},
                                            {"\xc3", "?", true},
                                            {"ö", "[ä-ü]", true},
                                            {"x", "[ä-ü]", false},
                                            {"é", "[é]", true},
                                            {"\xc3", "[é]", false}}) {
        CAPTURE(row.text);
        CAPTURE(row.glob);
        CHECK(glob_matches(row.glob, row.text) == row.matches);
    }
}

TEST_CASE("a backslash takes the meaning from what follows") {
    for (const auto& row : std::vector<Row>{{"a*b", "a\\*b", true},
                                            {"axb", "a\\*b", false},
                                            {"[x]", "\\[x]", true},
                                            {"?", "\\?", true},
                                            {"\\", "\\\\", true},
                                            {"a\\", "a\\", true},
                                            {"é", "\\é", true},
                                            {"]", "[\\]a]", true},
                                            {"a", "[\\]a]", true},
                                            {"-", "[a\\-z]", true},
                                            {"b", "[a\\-z]", false}}) {
        CAPTURE(row.text);
        CAPTURE(row.glob);
        CHECK(glob_matches(row.glob, row.text) == row.matches);
    }
}

TEST_CASE("classes of ASCII characters in sets") {
    for (const auto& row : std::vector<Row>{{"7", "[[:digit:]]", true},
                                            {"x", "[[:digit:]]", false},
                                            {"x", "[![:digit:]]", true},
                                            {"x", "[[:digit:]x]", true},
                                            {"Q", "[[:lower:][:upper:]]", true},
                                            {"é", "[[:alpha:]]", false},
                                            {"d]", "[[:none:]]", false},
                                            {"o]", "[[:none:]]", true}}) {
        CAPTURE(row.text);
        CAPTURE(row.glob);
        CHECK(glob_matches(row.glob, row.text) == row.matches);
    }
}

TEST_CASE("only a dot takes the dot of a hidden name") {
    CHECK_FALSE(glob_matches_name("*", ".git"));
    CHECK_FALSE(glob_matches_name("?git", ".git"));
    CHECK_FALSE(glob_matches_name("[.]git", ".git"));
    CHECK(glob_matches_name(".*", ".git"));
    CHECK(glob_matches_name("\\.*", ".git"));
    CHECK(glob_matches_name("*.git", "a.git"));
}

TEST_CASE("a glob that would backtrack without end does not") {
    std::string glob;
    for (int i = 0; i < 2000; ++i)
        glob += "a*";
    CHECK_FALSE(glob_matches(glob + "c", std::string(2000, 'a') + "b"));
}
