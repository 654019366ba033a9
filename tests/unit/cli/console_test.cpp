// A stream that is read too late, by nobody, or by somebody who goes away.
#include "tools/screen/console.h"

#include <csignal>
#include <string>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tools/cli/output.h"
#include "vm/base/fd.h"

using namespace relux;
using namespace relux::cli;

namespace {

struct Pipe {
    Pipe() {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        reading = Fd(ends[0]);
        writing = Fd(ends[1]);
    }
    Fd reading;
    Fd writing;
};

std::string read_until(int descriptor, std::string_view end) {
    std::string text;
    char block[65536];
    while (!text.ends_with(end)) {
        const auto count = ::read(descriptor, block, sizeof block);
        if (count <= 0) break;
        text.append(block, static_cast<std::size_t>(count));
    }
    return text;
}

const std::string kLine = std::string(1023, 'x') + "\n";

}  // namespace

TEST_CASE("nothing that is printed moves the cursor or turns text around") {
    CHECK(printable("plain\ttext\n") == "plain\ttext\n");
    CHECK(printable("\x1b[1;31mred\x1b[0m") == "\x1b[1;31mred\x1b[0m");
    CHECK(printable("\x1b[2J\x1b]0;title\a\r") == "\\x1b[2J\\x1b]0;title\\x07\\r");
    CHECK(printable("gr\u00fc\u00df\u202e\xff\x1b[0m\xc2\x9b"
                    "1m") == "gr\u00fc\u00df\\u202e\\xff\x1b[0m\\xc2\\x9b1m");
    CHECK(printable("\x1b") == "\\x1b");
    CHECK(printable("").empty());
}

TEST_CASE("what is read at once is written at once, in order") {
    Pipe pipe;
    Console console(pipe.writing.get());
    console.print("one\n");
    console.print_result("two\n");
    CHECK(!console.is_behind());
    CHECK(read_until(pipe.reading.get(), "two\n") == "one\ntwo\n");
    HeldInterrupts held(false);
    console.finish(held);
}

TEST_CASE("who reads late gets everything up to the bound, a note of how much is left out, and the result") {
    Pipe pipe;
    Console console(pipe.writing.get());
    constexpr std::size_t kLines = Console::kMostWaiting / 1024 + 3000;
    for (std::size_t number = 0; number < kLines; ++number)
        console.print(kLine);
    CHECK(console.is_behind());
    console.print_result("the result\n");
    std::string text;
    std::thread reader([&] { text = read_until(pipe.reading.get(), "the result\n"); });
    HeldInterrupts held(false);
    console.finish(held);
    reader.join();
    const auto note = text.find("note: ");
    REQUIRE(note != std::string::npos);
    CHECK(note % kLine.size() == 0);
    CHECK(note >= Console::kMostWaiting - kLine.size());
    const auto shown = note / kLine.size();
    CHECK(text.substr(note) ==
          "note: " + std::to_string(kLines - shown) + " lines left out here: nobody read them\nthe result\n");
}

TEST_CASE("a signal ends the waiting for a reader, and so does an end that was told before") {
    Pipe pipe;
    Console console(pipe.writing.get());
    for (int number = 0; number < 100; ++number)
        console.print(kLine);
    HeldInterrupts told(true);
    console.finish(told);
    HeldInterrupts held(false);
    CHECK(!held.told_to_end());
    ::kill(::getpid(), SIGTERM);
    console.finish(held);
    CHECK(console.is_behind());
}

TEST_CASE("a reader who has gone away is no reason to wait") {
    Pipe pipe;
    std::signal(SIGPIPE, [](int) {});
    Console console(pipe.writing.get());
    for (int number = 0; number < 100; ++number)
        console.print(kLine);
    CHECK(console.is_behind());
    pipe.reading.reset();
    HeldInterrupts held(false);
    console.finish(held);
    CHECK(!console.is_behind());
    std::signal(SIGPIPE, SIG_DFL);
}
