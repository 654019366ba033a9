// Run directories have names of their own, and `latest` follows the newest.
#include "tools/running/run_directory.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/unit/cli/project_directory.h"

using namespace relux::cli;

TEST_CASE("a run directory is named after its time and its id, and latest points at it") {
    ProjectDirectory project;
    auto now = std::chrono::system_clock::from_time_t(1773237848);  // 2026-03-11 14:04:08 UTC
    auto first = create_run_directory(project.root(), now);
    REQUIRE(first);
    CHECK(first->timestamp == "2026-03-11T14:04:08Z");
    CHECK(first->run_id.size() == 10);
    CHECK(std::all_of(first->run_id.begin(), first->run_id.end(),
                      [](unsigned char c) { return std::isalnum(c) != 0; }));
    CHECK(first->path == project.root() / "relux/out" / ("run-2026-03-11-14-04-08-" + first->run_id));
    CHECK(std::filesystem::is_directory(first->path));
    auto latest = project.root() / "relux/out/latest";
    CHECK(std::filesystem::read_symlink(latest) == first->path.filename());

    auto second = create_run_directory(project.root(), now);
    REQUIRE(second);
    CHECK(second->path != first->path);
    CHECK(std::filesystem::canonical(latest) == second->path);
    auto entries = std::filesystem::directory_iterator(project.root() / "relux/out");
    CHECK(std::distance(begin(entries), end(entries)) == 3);
}

TEST_CASE("a place where no directory can be made is an error that names it") {
    ProjectDirectory project;
    project.write("relux", "a file");
    auto directory = create_run_directory(project.root(), std::chrono::system_clock::time_point{});
    REQUIRE(!directory);
    CHECK(directory.error().message.find("cannot create " + (project.root() / "relux/out").string()) !=
          std::string::npos);
}

TEST_CASE("a latest that is no link is not destroyed") {
    ProjectDirectory project;
    project.write("relux/out/latest/keep", "x");
    CHECK(!create_run_directory(project.root(), std::chrono::system_clock::time_point{}));
    CHECK(std::filesystem::exists(project.root() / "relux/out/latest/keep"));
}
