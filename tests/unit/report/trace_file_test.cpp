// A trace is a whole document at every moment.
#include "vm/report/trace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/support/temporary_directory.h"
#include "vm/base/files.h"

namespace relux::report {

using namespace std::chrono_literals;

namespace {

std::string text_of(const std::filesystem::path& file) {
    const auto text = read_file(file);
    REQUIRE(text);
    return *text;
}

constexpr std::string_view kBegin = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[";

}  // namespace

TEST_CASE("events are written as the viewers want them, one a line") {
    const test_support::TemporaryDirectory directory;
    const auto file = directory.path() / "t.json";
    auto trace = TraceFile::create(file, 42);
    REQUIRE(trace);
    (*trace)->name_process("run");
    (*trace)->name_track(1, "tests 1", 7);
    (*trace)->begin(1, 1500ns, "test", "a \"b\"", {{"source", "x:4"}, {"count", std::int64_t{3}}});
    (*trace)->instant(1, 2ms, "failed", "failed", {});
    (*trace)->counter(3ms, "tests", {{"running", std::int64_t{2}}});
    (*trace)->end(1, 3ms, {});
    REQUIRE((*trace)->close());
    CHECK(
        text_of(file) ==
        std::string(kBegin) +
            "\n{\"ph\":\"M\",\"pid\":42,\"tid\":0,\"name\":\"process_name\",\"args\":{\"name\":\"run\"}},"
            "\n{\"ph\":\"M\",\"pid\":42,\"tid\":1,\"name\":\"thread_name\",\"args\":{\"name\":\"tests 1\"}},"
            "\n{\"ph\":\"M\",\"pid\":42,\"tid\":1,\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":7}}"
            ","
            "\n{\"ph\":\"B\",\"pid\":42,\"tid\":1,\"ts\":1.5,\"cat\":\"test\",\"name\":\"a \\\"b\\\"\","
            "\"args\":{\"source\":\"x:4\",\"count\":3}},"
            "\n{\"ph\":\"i\",\"pid\":42,\"tid\":1,\"ts\":2000.0,\"s\":\"t\",\"cat\":\"failed\","
            "\"name\":\"failed\"},"
            "\n{\"ph\":\"C\",\"pid\":42,\"tid\":0,\"ts\":3000.0,\"name\":\"tests\",\"args\":{\"running\":2}},"
            "\n{\"ph\":\"E\",\"pid\":42,\"tid\":1,\"ts\":3000.0}\n]}\n");
}

TEST_CASE("what has been flushed is whole, and goes on where it ended") {
    const test_support::TemporaryDirectory directory;
    const auto file = directory.path() / "t.json";
    auto trace = TraceFile::create(file, 1);
    REQUIRE(trace);
    (*trace)->end(1, 1us, {});
    (*trace)->flush();
    const std::string first = std::string(kBegin) + "\n{\"ph\":\"E\",\"pid\":1,\"tid\":1,\"ts\":1.0}";
    CHECK(text_of(file) == first + "\n]}\n");
    (*trace)->end(1, 2us, {});
    CHECK(text_of(file) == first + "\n]}\n");
    (*trace)->flush();
    CHECK(text_of(file) == first + ",\n{\"ph\":\"E\",\"pid\":1,\"tid\":1,\"ts\":2.0}\n]}\n");
    REQUIRE((*trace)->close());
    CHECK(text_of(file) == first + ",\n{\"ph\":\"E\",\"pid\":1,\"tid\":1,\"ts\":2.0}\n]}\n");
}

TEST_CASE("much is written while it comes, not held") {
    const test_support::TemporaryDirectory directory;
    const auto file = directory.path() / "t.json";
    auto trace = TraceFile::create(file, 1);
    REQUIRE(trace);
    for (int i = 0; i < 100'000; ++i)
        (*trace)->end(1, std::chrono::microseconds(i), {});
    const auto size = std::filesystem::file_size(file);
    CHECK(size > 3'000'000);
    REQUIRE((*trace)->close());
    CHECK(std::filesystem::file_size(file) - size < 128 * 1024);
    CHECK(text_of(file).ends_with("\"ts\":99999.0}\n]}\n"));
}

TEST_CASE("an error names the file") {
    const test_support::TemporaryDirectory directory;
    const auto file = directory.path() / "none" / "t.json";
    const auto trace = TraceFile::create(file, 1);
    REQUIRE(!trace);
    CHECK(trace.error().message == "cannot write the trace " + file.string() + ": No such file or directory");
}

TEST_CASE("a full disk is told at the end, once, and costs nothing but the trace") {
    auto trace = TraceFile::create("/dev/full", 1);
    REQUIRE(trace);
    for (int i = 0; i < 10'000; ++i)
        (*trace)->end(1, std::chrono::microseconds(i), {});
    const auto closed = (*trace)->close();
    REQUIRE(!closed);
    CHECK(closed.error().message == "cannot write the trace /dev/full: No space left on device");
}

TEST_CASE("a pipe gets one whole document") {
    const test_support::TemporaryDirectory directory;
    const auto file = directory.path() / "pipe";
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    std::string read;
    std::thread reader([&] {
        const Fd pipe(::open(file.c_str(), O_RDONLY));
        std::string block(4096, '\0');
        for (;;) {
            const auto count = ::read(pipe.get(), block.data(), block.size());
            if (count <= 0) return;
            read.append(block, 0, static_cast<std::size_t>(count));
        }
    });
    auto trace = TraceFile::create(file, 1);
    REQUIRE(trace);
    (*trace)->end(1, 1us, {});
    (*trace)->flush();
    (*trace)->end(1, 2us, {});
    const auto closed = (*trace)->close();
    reader.join();
    CHECK(closed);
    CHECK(read == std::string(kBegin) +
                      "\n{\"ph\":\"E\",\"pid\":1,\"tid\":1,\"ts\":1.0},"
                      "\n{\"ph\":\"E\",\"pid\":1,\"tid\":1,\"ts\":2.0}\n]}\n");
}

}  // namespace relux::report
