// Deadlines and cancellation on virtual time; values.
#include <limits>

#include <doctest/doctest.h>

#include "tests/support/fake_loop.h"
#include "vm/clients/call_queue.h"
#include "vm/clients/json_value.h"

using namespace relux;
using namespace relux::clients;
using namespace std::chrono_literals;

namespace {

io::Task<void> wait_until_stopped(CallGuard& guard, io::Time& ended, int& looks) {
    while (!guard.stopped()) {
        ++looks;
        co_await guard.wait();
    }
    ended = guard.loop().now();
}

io::Task<void> take_turn(io::Loop& loop, CallQueue& queue, CallLimits limits, std::string name,
                         io::Signal& release, std::string& log) {
    CallGuard guard(loop, limits);
    CallQueue::Place place(queue, guard);
    const bool my_turn = co_await place.turn();
    log += (my_turn ? "+" : "-") + name;
    if (my_turn) co_await release.wait();
}

}  // namespace

TEST_CASE("a call ends at its deadline, exactly") {
    io::FakeLoop loop;
    io::Scope scope;
    io::Time ended{};
    int looks = 0;
    const io::Time start = loop.now();
    CallGuard guard(loop, CallLimits(250ms));
    scope.start(wait_until_stopped(guard, ended, looks));
    loop.call_at(start + 100ms, [&] {
        guard.wake();
        guard.wake();
    });
    loop.run();
    CHECK(ended - start == 250ms);
    CHECK(looks == 2);
    CHECK(guard.failure("call", "halfway").message == "call: timed out after 250ms, halfway");
    CHECK(guard.failure("call", "").kind == FailureKind::TimedOut);
}

TEST_CASE("a call that is cancelled ends in the next turn, one that begins later at once") {
    io::FakeLoop loop;
    io::Scope scope;
    io::Time ended{};
    int looks = 0;
    Cancellation cancellation;
    CallGuard guard(loop, CallLimits(Duration::max(), &cancellation));
    scope.start(wait_until_stopped(guard, ended, looks));
    loop.call_at(loop.now() + 30ms, [&] {
        cancellation.cancel();
        CHECK(scope.running() == 1);
    });
    loop.run();
    CHECK(scope.running() == 0);
    CHECK(guard.failure("call", "").message == "call: cancelled after 30.0 ms");
    CallGuard late(loop, CallLimits(1s, &cancellation));
    CHECK(late.stopped());
}

TEST_CASE("a wake-up before the wait is not lost") {
    io::FakeLoop loop;
    io::Scope scope;
    io::Time ended{};
    int looks = 0;
    CallGuard guard(loop, CallLimits(1s));
    guard.wake();
    scope.start(wait_until_stopped(guard, ended, looks));
    loop.run();
    CHECK(looks == 2);
}

TEST_CASE("calls take turns in order; one that gives up leaves its place") {
    io::FakeLoop loop;
    io::Scope scope;
    io::Signal release;
    CallQueue queue;
    std::string log;
    for (const auto& [name, timeout] : {std::pair("a", 10s), std::pair("b", 1s), std::pair("c", 10s)})
        scope.start(take_turn(loop, queue, CallLimits(timeout), name, release, log));
    loop.call_at(loop.now() + 2s, [&] { release.notify_all(); });
    loop.call_at(loop.now() + 3s, [&] { release.notify_all(); });
    loop.run();
    CHECK(log == "+a-b+c");
    CHECK(scope.running() == 0);
}

TEST_CASE("numbers as JSON has them, all else as text") {
    CHECK(number_value("42").is_number_integer());
    CHECK(number_value("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
    CHECK(number_value("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
    CHECK(number_value("18446744073709551616").is_number_float());
    CHECK(number_value("1.10") == 1.1);
    CHECK(number_value("1e400") == "1e400");
    CHECK(number_value("NaN") == "NaN");
    CHECK(number_value("-Infinity") == "-Infinity");
    CHECK(number_value("") == "");
    CHECK(number_value(std::numeric_limits<double>::infinity()) == "Infinity");
}

TEST_CASE("text that is not UTF-8 becomes printable") {
    CHECK(valid_utf8("a\xC3\xA9z") == "a\xC3\xA9z");
    CHECK(valid_utf8("a\xFFz") == "a\xEF\xBF\xBDz");
    CHECK(valid_utf8("\xE2\x82") == "\xEF\xBF\xBD");
    CHECK(valid_utf8("\xC3") == "\xEF\xBF\xBD");
    CHECK(hexadecimal(std::string_view("\0\xAB", 2)) == "\\x00ab");
}

TEST_CASE("an excerpt is on one line and not long") {
    CHECK(excerpt("a\nb") == "`a b`");
    CHECK(excerpt("a\x1b") == "`a\\x1b`");
    const std::string text = excerpt(std::string(199, 'x') + "\xC3\xA9");
    CHECK(text == "`" + std::string(199, 'x') + "...`");
}
