// Patterns for names of files, on a real directory.
#include "frontend/workflow/file_names.h"

#include <filesystem>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/support/temporary_directory.h"
#include "tests/unit/workflow/memory_files.h"

using namespace relux::workflow;
using namespace relux::workflow::test;
namespace fs = std::filesystem;

namespace {

/// Files that names may match.
class Directory {
  public:
    void add(const std::string& name) { directory_.write(name, "x"); }
    const fs::path& path() const { return directory_.path(); }
    /// The matches with blanks between them, or the problem.
    std::string expand(const std::string& name) const {
        auto names = expand_file_names({name}, path());
        std::string text;
        for (const auto& problem : names.problems)
            text += "! " + render(problem);
        for (const auto& file : names.files)
            text += (text.empty() ? "" : " ") + file;
        return text;
    }

  private:
    relux::test_support::TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("names that are expanded, sorted by bytes") {
    Directory directory;
    for (const char* name :
         {"b.yaml", "a.yaml", "B.yaml", "a10.yaml", "a9.yaml", "c.yml", "é.yaml", ".hidden.yaml"})
        directory.add(name);
    CHECK(directory.expand("*.yaml") == "B.yaml a.yaml a10.yaml a9.yaml b.yaml é.yaml");
    CHECK(directory.expand("*.y*ml") == "B.yaml a.yaml a10.yaml a9.yaml b.yaml c.yml é.yaml");
    CHECK(directory.expand("?.yaml") == "B.yaml a.yaml b.yaml é.yaml");
    CHECK(directory.expand("[ab]*.yaml") == "a.yaml a10.yaml a9.yaml b.yaml");
    CHECK(directory.expand(".*.yaml") == ".hidden.yaml");
}

TEST_CASE("names in directories") {
    Directory directory;
    for (const char* name :
         {"tests/a.yaml", "tests/x/b.yaml", "tests/x/y/c.yaml", "tests/.git/d.yaml", "e.yaml"})
        directory.add(name);
    CHECK(directory.expand("tests/*.yaml") == "tests/a.yaml");
    CHECK(directory.expand("tests/**/*.yaml") == "tests/a.yaml tests/x/b.yaml tests/x/y/c.yaml");
    CHECK(directory.expand("**/*.yaml") == "e.yaml tests/a.yaml tests/x/b.yaml tests/x/y/c.yaml");
    CHECK(directory.expand("**") == "e.yaml tests/a.yaml tests/x/b.yaml tests/x/y/c.yaml");
    CHECK(directory.expand("**/**/**/b.yaml") == "tests/x/b.yaml");
    CHECK(directory.expand("*/*/b.yaml") == "tests/x/b.yaml");
    CHECK(directory.expand("t*//x/b*") == "tests/x/b.yaml");
    CHECK(directory.expand("tests/.git/*") == "tests/.git/d.yaml");
    CHECK(directory.expand("./*.yaml") == "./e.yaml");
    CHECK(directory.expand("tests/x/../*.yaml") == "tests/x/../a.yaml");
    CHECK(directory.expand("**/y/*") == "tests/x/y/c.yaml");
}

TEST_CASE("absolute patterns") {
    Directory directory;
    directory.add("sub/a.yaml");
    auto base = directory.path().string();
    CHECK(directory.expand(base + "/*/a.yaml") == base + "/sub/a.yaml");
}

TEST_CASE("a name that is a file is that file, whatever is in it") {
    Directory directory;
    directory.add("a*.yaml");
    directory.add("ab.yaml");
    directory.add("[x].yaml");
    directory.add("x.yaml");
    CHECK(directory.expand("a*.yaml") == "a*.yaml");
    CHECK(directory.expand("[x].yaml") == "[x].yaml");
}

TEST_CASE("a name without wildcards stays, whether it is there or not") {
    Directory directory;
    CHECK(directory.expand("nope.yaml") == "nope.yaml");
    CHECK(directory.expand("").empty());
}

TEST_CASE("no match is an error") {
    Directory directory;
    directory.add("a.yaml");
    fs::create_directories(directory.path() / "d.yml");
    CHECK(directory.expand("*.json") == "! *.json: no file matches the pattern");
    CHECK(directory.expand("nope/*.yaml") == "! nope/*.yaml: no file matches the pattern");
    CHECK(directory.expand("*.yml") == "! *.yml: no file matches the pattern");
    CHECK(directory.expand("a.yaml/*") == "! a.yaml/*: no file matches the pattern");
}

TEST_CASE("patterns do not find config files") {
    Directory directory;
    for (const char* name : {"a.yaml", "replay.yaml", "sub/replay.yml", "sub/b.yml", ".replay.yaml"})
        directory.add(name);
    CHECK(directory.expand("**/*.y*ml") == "a.yaml sub/b.yml");
    CHECK(directory.expand("re*.yaml") == "! re*.yaml: no file matches the pattern");
    CHECK(directory.expand("replay.yaml") == "replay.yaml");
}

TEST_CASE("several names keep their order") {
    Directory directory;
    for (const char* name : {"a.yaml", "b.yaml", "c.yaml"})
        directory.add(name);
    auto names = expand_file_names({"c.yaml", "[ab].yaml", "x*", "a.yaml"}, directory.path());
    CHECK(names.files == std::vector<std::string>{"c.yaml", "a.yaml", "b.yaml", "a.yaml"});
    CHECK(rendered(names.problems) == Lines{"x*: no file matches the pattern"});
}

TEST_CASE("symbolic links that go in a circle") {
    Directory directory;
    directory.add("sub/a.yaml");
    fs::create_directory_symlink("..", directory.path() / "sub/up");
    fs::create_symlink("nowhere", directory.path() / "broken.yaml");
    CHECK(directory.expand("**/*.yaml") == "sub/a.yaml");
    CHECK(directory.expand("sub/up/sub/*.yaml") == "sub/up/sub/a.yaml");
    CHECK(directory.expand("*.yaml") == "! *.yaml: no file matches the pattern");
}
