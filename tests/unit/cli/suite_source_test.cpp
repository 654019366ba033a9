// Test cases out of files and names: each has a directory for its logs that no other has.
#include "tools/project/suite_source.h"

#include <set>

#include <doctest/doctest.h>

using namespace relux::cli;

TEST_CASE("log directories are unique, whatever tests and files are called") {
    Texts texts;
    const std::vector<std::string> files = {"relux/tests/a.relux", "../x.relux", "_/x.relux", "broken.relux"};
    const std::vector<TestModule> valid = {{files[0], {"a b", "a-b", "A?B", "a b 2", "!", "?"}},
                                           {files[1], {"one"}},
                                           {files[2], {"one", "two"}}};
    const auto tests = make_test_cases(files, valid, {{"broken.relux", "t", "why"}}, texts);
    std::vector<std::string> directories;
    for (const auto& test : tests)
        directories.push_back(test.log_directory());
    CHECK(directories == std::vector<std::string>{"logs/relux/tests/a/a-b", "logs/relux/tests/a/a-b-2",
                                                  "logs/relux/tests/a/a-b-3", "logs/relux/tests/a/a-b-2-2",
                                                  "logs/relux/tests/a/test", "logs/relux/tests/a/test-2",
                                                  "logs/_/x/one", "logs/_/x/one-2", "logs/_/x/two", ""});
    CHECK(tests[3].number == 3);
    CHECK(tests[6].number == 0);
    CHECK(tests[0].path == "a.relux");
    CHECK(tests[9].invalid_reason == "why");
    CHECK(tests[9].name == "t");
    CHECK(tests[9].module.empty());
}

TEST_CASE("thousands of tests of one slug each have their number") {
    Texts texts;
    std::vector<std::string> names;
    for (int i = 0; i < 2000; ++i)
        names.push_back(std::string(static_cast<std::size_t>(i), '!') + "same");
    TestModule module{"relux/tests/a.relux", {names.begin(), names.end()}};
    std::set<std::string> directories;
    for (const auto& test : make_test_cases({"relux/tests/a.relux"}, {module}, {}, texts))
        directories.insert(test.log_directory());
    CHECK(directories.size() == 2000);
    CHECK(directories.contains("logs/relux/tests/a/same-2000"));
}
