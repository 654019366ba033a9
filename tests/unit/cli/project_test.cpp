// Which project a command means, which files, and what they are called.
#include "tools/project/project.h"

#include <doctest/doctest.h>

#include "tests/unit/cli/project_directory.h"

using namespace relux::cli;
using Paths = std::vector<std::filesystem::path>;

namespace {

std::vector<std::string> names(const Selection& selection) {
    std::vector<std::string> result;
    for (const auto& file : selection.files)
        result.push_back(module_name(selection.project.root, file));
    return result;
}

Selection selected(const Paths& paths) {
    auto selection = select_files(std::nullopt, paths);
    REQUIRE_MESSAGE(selection, (selection ? std::string() : selection.error().message));
    return std::move(*selection);
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the nearest manifest upward is the project's") {
    ProjectDirectory disk;
    disk.write("Relux.toml", "[run]\njobs = 2\n");
    disk.write("relux/tests/a.relux", "");
    disk.enter("relux/tests");
    auto project = open_project(std::nullopt);
    REQUIRE(project);
    CHECK(project->root == disk.root());
    CHECK(project->manifest.asked_jobs.count == 2);
    CHECK(project->manifest.name == disk.root().filename().string());
    CHECK(project->manifest_text == "[run]\njobs = 2\n");
}

TEST_CASE("a mistake in the manifest is told with its file and line") {
    ProjectDirectory disk;
    disk.write("Relux.toml", "\nfoo = 1\n");
    disk.write("relux/x", "");
    disk.enter("relux");
    auto project = open_project(std::nullopt);
    REQUIRE(!project);
    CHECK(project.error().message.starts_with("../Relux.toml:2: unknown key `foo`"));
    CHECK(!open_project(disk.root() / "missing.toml"));
}

TEST_CASE(
    "files are found in the order of their bytes, without hidden directories, output and other projects") {
    ProjectDirectory disk;
    disk.write("Relux.toml", "");
    for (auto file :
         {"relux/tests/b.relux", "relux/tests/a/z.relux", "relux/tests/a-b.relux", "relux/tests/B.relux",
          "relux/tests/note.txt", "relux/tests/.hidden/h.relux", "relux/tests/other/o.relux",
          "relux/tests/other/Relux.toml", "relux/out/run/x.relux", "relux/lib/l.relux"}) {
        disk.write(file, "");
    }
    disk.enter("");
    CHECK(names(selected({})) == Names{"relux/tests/B.relux", "relux/tests/a-b.relux",
                                       "relux/tests/a/z.relux", "relux/tests/b.relux"});
    CHECK(names(selected({"."})) == Names{"relux/lib/l.relux", "relux/tests/B.relux", "relux/tests/a-b.relux",
                                          "relux/tests/a/z.relux", "relux/tests/b.relux"});
    CHECK(names(selected({"relux/tests/b.relux", "relux/tests/a/", "relux/tests/b.relux"})) ==
          Names{"relux/tests/b.relux", "relux/tests/a/z.relux"});
    CHECK(names(selected({"relux/tests/.hidden"})) == Names{"relux/tests/.hidden/h.relux"});
}

TEST_CASE("links to files count, also to none, links to directories and what only looks like a file don't") {
    ProjectDirectory disk;
    disk.write("Relux.toml", "");
    disk.write("elsewhere/far.relux", "");
    disk.write("relux/tests/near.relux", "");
    disk.write("relux/tests/.relux", "");
    disk.write("relux/tests/directory.relux/in.relux", "");
    namespace fs = std::filesystem;
    fs::create_symlink("../../elsewhere/far.relux", disk.root() / "relux/tests/link.relux");
    fs::create_symlink("../../nowhere.relux", disk.root() / "relux/tests/dangling.relux");
    fs::create_directory_symlink("../../elsewhere", disk.root() / "relux/tests/there");
    fs::create_directory_symlink("../../elsewhere", disk.root() / "relux/tests/there.relux");
    disk.enter("");
    CHECK(names(selected({})) == Names{"relux/tests/dangling.relux", "relux/tests/directory.relux/in.relux",
                                       "relux/tests/link.relux", "relux/tests/near.relux"});
}

TEST_CASE("a directory with a manifest of its own, given alone, is the project") {
    ProjectDirectory disk;
    disk.write("Relux.toml", "");
    disk.write("docs/services/Relux.toml", "name = \"services\"\n");
    disk.write("docs/services/relux/tests/t.relux", "");
    disk.write("docs/services/relux/lib/l.relux", "");
    disk.enter("");
    auto selection = selected({"docs/services"});
    CHECK(selection.project.root == disk.root() / "docs/services");
    CHECK(selection.project.manifest.name == "services");
    CHECK(names(selection) == Names{"relux/tests/t.relux"});
}

TEST_CASE("what does not exist, or is no test file, is an error") {
    ProjectDirectory disk;
    disk.write("Relux.toml", "");
    disk.write("a.txt", "");
    disk.enter("");
    auto error_of = [](const Paths& paths) {
        auto selection = select_files(std::nullopt, paths);
        REQUIRE(!selection);
        return selection.error().message;
    };
    CHECK(error_of({"nowhere.relux"}) == "nowhere.relux does not exist");
    CHECK(error_of({"a.txt"}) ==
          "a.txt is neither a directory nor a .relux file nor a workflow (.yaml, .yml)");
    CHECK(error_of({}) == (disk.root() / "relux/tests").string() + " does not exist");
}

TEST_CASE("names of files in reports and of their logs") {
    CHECK(module_name("/p", "/p/relux/tests/a.relux") == "relux/tests/a.relux");
    CHECK(module_name("/p", "/q/a.relux") == "../q/a.relux");
    CHECK(test_path("relux/tests/tasks/smoke.relux") == "tasks/smoke.relux");
    CHECK(test_path("checks/a.relux") == "checks/a.relux");
    CHECK(log_directory("relux/tests/tasks/smoke.relux") == "logs/relux/tests/tasks/smoke");
    CHECK(log_directory("../q/a.relux") == "logs/_/q/a");
    CHECK(log_directory("/q/a.relux") == "logs/q/a");
    CHECK(log_directory("a/../../.b.relux") == "logs/a/_/_/.b");
    CHECK(log_directory("relux/tests/a.b.relux") == "logs/relux/tests/a.b");
    CHECK(log_directory("relux/tests/.relux") == "logs/relux/tests/.relux");
    CHECK(module_name("/p", "/p2/a.relux") == "../p2/a.relux");
    CHECK(absolute_path("/a/./b/../c/") == "/a/c");
}
