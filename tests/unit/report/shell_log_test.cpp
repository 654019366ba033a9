// Four files per shell: the exact bytes, and the same with a time before every line.
#include "vm/report/shell_log.h"

#include <chrono>
#include <fcntl.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/unit/report/temporary_directory.h"

using namespace relux;
using namespace relux::report;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<ShellLog> open_log(const TemporaryDirectory& directory, std::string_view name) {
    auto log = ShellLog::open(directory.path(), name);
    REQUIRE(log);
    return std::move(log).value();
}

}  // namespace

TEST_CASE("raw bytes are exact and every line has the time of its first byte") {
    TemporaryDirectory directory;
    auto log = open_log(directory, "s");
    log->received("relux> ", 8ms);
    log->sent("echo hi\n", 9ms);
    log->received("echo hi\r\nh", 10ms);
    log->received("i\r\n\xff\0", 12345ms);
    log->received("\n\nend", 3723004ms);
    REQUIRE(log->close());
    CHECK(directory.read("s.stdin.raw") == "echo hi\n");
    CHECK(directory.read("s.stdin.log") == "[+0.009s] echo hi\n");
    CHECK(directory.read("s.stdout.raw") == "relux> echo hi\r\nhi\r\n\xff\n\nend");
    CHECK(directory.read("s.stdout.log") ==
          "[+0.008s] relux> echo hi\r\n[+0.010s] hi\r\n[+12.345s] \xff\n[+3723.004s] \n[+3723.004s] end");
}

TEST_CASE("an idle shell has four empty files") {
    TemporaryDirectory directory;
    REQUIRE(open_log(directory, "idle")->close());
    for (auto name : {"idle.stdin.raw", "idle.stdin.log", "idle.stdout.raw", "idle.stdout.log"}) {
        CHECK(directory.read(name).empty());
    }
}

TEST_CASE("more than a block comes out whole") {
    TemporaryDirectory directory;
    std::string expected;
    auto log = open_log(directory, "big");
    for (int i = 0; i < 20000; ++i) {
        auto line = "line " + std::to_string(i) + "\n";
        log->received(line, 1ms);
        expected += line;
    }
    CHECK(!directory.read("big.stdout.raw").empty());
    REQUIRE(log->close());
    CHECK(directory.read("big.stdout.raw") == expected);
    CHECK(directory.read("big.stdout.log").size() ==
          expected.size() + 20000 * std::string("[+0.001s] ").size());
}

TEST_CASE("names become file names, and shells of one name do not share files") {
    TemporaryDirectory directory;
    REQUIRE(open_log(directory, "../a/b c")->close());
    CHECK(directory.read("-.-a-b-c.stdout.raw").empty());
    auto first = open_log(directory, "db.service");
    auto second = open_log(directory, "db.service");
    first->received("1", 0ms);
    second->received("2", 0ms);
    REQUIRE(first->close());
    REQUIRE(second->close());
    CHECK(directory.read("db.service.stdout.raw") == "1");
    CHECK(directory.read("db.service-2.stdout.raw") == "2");
    REQUIRE(open_log(directory, "")->close());
    CHECK(directory.read("shell.stdout.raw").empty());
}

TEST_CASE("what is buffered is written when the log is dropped unclosed") {
    TemporaryDirectory directory;
    open_log(directory, "s")->received("kept", 0ms);
    CHECK(directory.read("s.stdout.raw") == "kept");
}

TEST_CASE("a directory that is not there is an error at once, and a failing write one at close") {
    TemporaryDirectory directory;
    auto missing = ShellLog::open(directory.path() / "no", "s");
    REQUIRE(!missing);
    CHECK(missing.error().message.find("cannot create") != std::string::npos);

    auto log = open_log(directory, "s");
    std::filesystem::remove(directory.path() / "s.stdout.raw");
    std::filesystem::create_directory(directory.path() / "s.stdout.raw");
    log->received("lost", 0ms);
    log->sent("kept", 0ms);
    auto closed = log->close();
    REQUIRE(!closed);
    CHECK(closed.error().message.find("s.stdout.raw") != std::string::npos);
    CHECK(directory.read("s.stdin.raw") == "kept");
}
