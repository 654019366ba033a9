// Four files per shell: the exact bytes, and the same with a time before every line.
#include "vm/report/shell_log.h"

#include <chrono>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/temporary_directory.h"

using namespace relux;
using namespace relux::report;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<ShellLog> open_log(const test_support::TemporaryDirectory& directory, std::string_view name) {
    auto log = ShellLog::open(directory.path(), name);
    REQUIRE(log);
    return std::move(log).value();
}

// Without anybody who writes beside.
Status close(ShellLog& log) {
    std::optional<Status> closed;
    log.close([&closed](Status status) { closed = std::move(status); });
    REQUIRE(closed);
    return *closed;
}

}  // namespace

TEST_CASE("raw bytes are exact and every line has the time of its first byte") {
    test_support::TemporaryDirectory directory;
    auto log = open_log(directory, "s");
    log->received("relux> ", 8ms);
    log->sent("echo hi\n", 9ms);
    log->received("echo hi\r\nh", 10ms);
    log->received("i\r\n\xff\0", 12345ms);
    log->received("\n\nend", 3723004ms);
    REQUIRE(close(*log));
    CHECK(directory.read("s.stdin.raw") == "echo hi\n");
    CHECK(directory.read("s.stdin.log") == "[+0.009s] echo hi\n");
    CHECK(directory.read("s.stdout.raw") == "relux> echo hi\r\nhi\r\n\xff\n\nend");
    CHECK(directory.read("s.stdout.log") ==
          "[+0.008s] relux> echo hi\r\n[+0.010s] hi\r\n[+12.345s] \xff\n[+3723.004s] \n[+3723.004s] end");
}

TEST_CASE("an idle shell has four empty files") {
    test_support::TemporaryDirectory directory;
    REQUIRE(close(*open_log(directory, "idle")));
    for (auto name : {"idle.stdin.raw", "idle.stdin.log", "idle.stdout.raw", "idle.stdout.log"}) {
        CHECK(directory.read(name).empty());
    }
}

TEST_CASE("more than a block comes out whole") {
    test_support::TemporaryDirectory directory;
    std::string expected;
    auto log = open_log(directory, "big");
    for (int i = 0; i < 20000; ++i) {
        auto line = "line " + std::to_string(i) + "\n";
        log->received(line, 1ms);
        expected += line;
    }
    CHECK(!directory.read("big.stdout.raw").empty());
    REQUIRE(close(*log));
    CHECK(directory.read("big.stdout.raw") == expected);
    CHECK(directory.read("big.stdout.log").size() ==
          expected.size() + 20000 * std::string("[+0.001s] ").size());
}

TEST_CASE("names become file names, and shells of one name do not share files") {
    test_support::TemporaryDirectory directory;
    REQUIRE(close(*open_log(directory, "../a/b c")));
    CHECK(directory.read("-.-a-b-c.stdout.raw").empty());
    auto first = open_log(directory, "db.service");
    auto second = open_log(directory, "db.service");
    first->received("1", 0ms);
    second->received("2", 0ms);
    REQUIRE(close(*first));
    REQUIRE(close(*second));
    CHECK(directory.read("db.service.stdout.raw") == "1");
    CHECK(directory.read("db.service-2.stdout.raw") == "2");
    REQUIRE(close(*open_log(directory, "")));
    CHECK(directory.read("shell.stdout.raw").empty());
}

TEST_CASE("what is buffered is written when the log is dropped unclosed") {
    test_support::TemporaryDirectory directory;
    open_log(directory, "s")->received("kept", 0ms);
    CHECK(directory.read("s.stdout.raw") == "kept");
}

TEST_CASE("blocks are written beside, one batch at a time and in order, also when the log has gone") {
    test_support::TemporaryDirectory directory;
    std::vector<std::pair<std::function<void()>, std::function<void()>>> beside;
    auto opened = ShellLog::open(directory.path(), "s", nullptr, [&beside](auto work, auto done) {
        beside.emplace_back(std::move(work), std::move(done));
    });
    REQUIRE(opened);
    auto log = std::move(opened).value();
    const std::string block(64 * 1024, 'a');
    log->received(block, 1ms);
    log->received(std::string(64 * 1024, 'b'), 1ms);
    bool closed = false;
    SUBCASE("it is closed") {
        log->close([&closed](const Status& status) { closed = bool(status); });
    }
    SUBCASE("it is dropped") {
        log.reset();
    }
    REQUIRE(beside.size() == 1);
    CHECK(directory.read("s.stdout.raw").empty());
    for (std::size_t i = 0; i < beside.size(); ++i) {
        CHECK_FALSE(closed);
        const auto [work, done] = beside[i];
        work();
        CHECK(beside.size() == i + 1);
        done();
    }
    CHECK(beside.size() == 2);
    CHECK(closed == (log != nullptr));
    CHECK(directory.read("s.stdout.raw") == block + std::string(64 * 1024, 'b'));
    CHECK(directory.read("s.stdin.log").empty());
}

TEST_CASE("a log that the disk does not keep up with waits for it and loses nothing") {
    test_support::TemporaryDirectory directory;
    std::optional<std::jthread> writer;
    std::vector<std::function<void()>> ends;
    auto opened = ShellLog::open(directory.path(), "s", nullptr, [&](auto work, auto done) {
        writer.emplace(std::move(work));
        ends.push_back(std::move(done));
    });
    REQUIRE(opened);
    auto log = std::move(opened).value();
    std::string expected;
    for (char letter = 'a'; expected.size() < 24U * 1024 * 1024;
         letter = letter == 'z' ? 'a' : char(letter + 1)) {
        const std::string block(64 * 1024, letter);
        log->received(block, 1ms);
        expected += block;
    }
    bool closed = false;
    log->close([&closed](const Status& status) { closed = bool(status); });
    for (std::size_t i = 0; i < ends.size(); ++i) {
        writer.reset();
        const auto end = ends[i];
        end();
    }
    CHECK(closed);
    CHECK((directory.read("s.stdout.raw") == expected));
}

TEST_CASE("a directory that is not there is an error at once, and a failing write one at close") {
    test_support::TemporaryDirectory directory;
    auto missing = ShellLog::open(directory.path() / "no", "s");
    REQUIRE(!missing);
    CHECK(missing.error().message.find("cannot create") != std::string::npos);

    auto log = open_log(directory, "s");
    std::filesystem::remove(directory.path() / "s.stdout.raw");
    std::filesystem::create_directory(directory.path() / "s.stdout.raw");
    log->received("lost", 0ms);
    log->sent("kept", 0ms);
    auto closed = close(*log);
    REQUIRE(!closed);
    CHECK(closed.error().message.find("s.stdout.raw") != std::string::npos);
    CHECK(directory.read("s.stdin.raw") == "kept");
}
