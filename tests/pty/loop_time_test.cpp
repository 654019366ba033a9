// Timers of the real loop: never early, not held up by a flood; posting and signals.
#include <algorithm>
#include <signal.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/pty/terminal_session.h"

using namespace relux;
using namespace relux::io;
using namespace std::chrono_literals;

TEST_CASE("no timer fires early, whatever the loop did before it was armed") {
    auto loop = make_uv_loop().value();
    int early = 0;
    int fired = 0;
    Time deadline{};
    std::unique_ptr<Timer> timer;
    timer = loop->make_timer([&] {
        if (loop->now() < deadline) ++early;
        if (++fired == 500) return loop->stop();
        const Time work = loop->now() + Time(fired % 7 * 100'000);
        while (loop->now() < work) {
        }
        deadline = loop->now() + Time(1 + fired * 3001 % 1'500'000);
        timer->arm(deadline);
    });
    timer->arm(deadline = loop->now() + 1ms);
    loop->run();
    CHECK(early == 0);
    CHECK(fired == 500);
}

TEST_CASE("a timer of the past fires; a disarmed one does not") {
    auto loop = make_uv_loop().value();
    auto never = loop->make_timer([] { FAIL("it was disarmed"); });
    auto past = loop->make_timer([&] { loop->stop(); });
    never->arm(loop->now() + 1ms);
    past->arm(Time(0));
    never->disarm();
    CHECK_FALSE(never->armed());
    loop->run();
    auto later = loop->make_timer([&] { loop->stop(); });
    later->arm(loop->now() + 3ms);
    loop->run();
}

TEST_CASE("a timer fires while other terminals flood the loop") {
    auto loop = make_uv_loop().value();
    std::vector<std::unique_ptr<TerminalSession>> floods;
    long received = 0;
    for (int i = 0; i < 3; ++i) {
        floods.push_back(std::make_unique<TerminalSession>(*loop));
        floods.back()->output_hook = [&](std::string_view bytes) {
            received += static_cast<long>(bytes.size());
        };
        REQUIRE(floods.back()->open({"yes"}));
    }
    REQUIRE(run_until(*loop, [&] { return received > 1'000'000; }));
    std::vector<Time> delays;
    Time deadline{};
    std::unique_ptr<Timer> timer;
    timer = loop->make_timer([&] {
        delays.push_back(loop->now() - deadline);
        if (delays.size() == 100) return loop->stop();
        timer->arm(deadline = loop->now() + 2ms);
    });
    timer->arm(deadline = loop->now() + 2ms);
    loop->run();
    std::sort(delays.begin(), delays.end());
    MESSAGE("delay: median " << delays[50].count() / 1000 << " us, worst " << delays.back().count() / 1000
                             << " us");
    // Starved timers would never get here at all.
    CHECK(delays.front() >= 0ns);
}

TEST_CASE("post() from another thread, in order, on the loop's thread") {
    auto loop = make_uv_loop().value();
    std::vector<int> order;
    const auto here = std::this_thread::get_id();
    std::thread other([&] {
        for (int i = 0; i < 100; ++i) {
            loop->post([&, i] {
                CHECK(std::this_thread::get_id() == here);
                order.push_back(i);
                if (i == 99) loop->stop();
            });
        }
    });
    loop->run();
    other.join();
    CHECK(order.size() == 100);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("interrupts are told, by their number") {
    auto loop = make_uv_loop().value();
    std::vector<int> signals;
    loop->watch_interrupts([&](int signal) {
        signals.push_back(signal);
        if (signals.size() == 1) ::kill(::getpid(), SIGTERM);
        if (signals.size() == 2) loop->stop();
    });
    ::kill(::getpid(), SIGINT);
    loop->run();
    CHECK(signals == std::vector<int>{SIGINT, SIGTERM});
}

TEST_CASE("every signal that would end the process is told, but those that somebody watches by themselves") {
    // Whoever starts this program in the background may have it ignore SIGQUIT.
    ::signal(SIGQUIT, SIG_DFL);
    auto loop = make_uv_loop().value();
    std::vector<int> signals;
    loop->watch_interrupts([&](int signal) {
        signals.push_back(signal);
        if (signals.size() == 3) loop->stop();
    });
    int asked = 0;
    const auto watch = loop->watch_signal(SIGUSR1, [&] { ++asked; });
    for (const int signal : {SIGUSR1, SIGQUIT, SIGXFSZ, SIGRTMAX})
        ::kill(::getpid(), signal);
    loop->run();
    std::sort(signals.begin(), signals.end());
    CHECK(signals == std::vector<int>{SIGQUIT, SIGXFSZ, SIGRTMAX});
    CHECK(asked == 1);
}
