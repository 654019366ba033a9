// Order, disarming and re-arming of timers, and what callbacks may do to them.
#include "vm/io/timer_queue.h"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace relux::io;
using namespace std::chrono_literals;

TEST_CASE("timers fire by deadline, then in order of arming, and once") {
    TimerQueue queue([] {});
    std::vector<int> fired;
    auto first = queue.make_timer([&] { fired.push_back(1); });
    auto second = queue.make_timer([&] { fired.push_back(2); });
    auto third = queue.make_timer([&] { fired.push_back(3); });
    CHECK_FALSE(queue.next_deadline());
    third->arm(5ms);
    second->arm(7ms);
    first->arm(7ms);
    CHECK(*queue.next_deadline() == Time(5ms));
    CHECK_FALSE(queue.fire_due(Time(5ms) - 1ns));
    CHECK(fired.empty());
    CHECK(queue.fire_due(7ms));
    CHECK(fired == std::vector<int>{3, 2, 1});
    CHECK_FALSE(first->armed());
    CHECK_FALSE(queue.fire_due(1s));
}

TEST_CASE("the owner is told only of an earlier first deadline") {
    int told = 0;
    TimerQueue queue([&] { ++told; });
    auto first = queue.make_timer([] {});
    auto second = queue.make_timer([] {});
    first->arm(5ms);
    CHECK(told == 1);
    second->arm(9ms);
    CHECK(told == 1);
    second->arm(4ms);
    CHECK(told == 2);
}

TEST_CASE("a callback may re-arm, disarm others, and destroy its own timer") {
    TimerQueue queue([] {});
    int ticks = 0;
    std::unique_ptr<Timer> again;
    again = queue.make_timer([&] {
        ++ticks;
        again->arm(0ns);  // already due: waits for the next call
    });
    again->arm(1ms);
    auto victim = queue.make_timer([] { FAIL("it was disarmed"); });
    std::unique_ptr<Timer> once;
    once = queue.make_timer([&] {
        victim->disarm();
        once.reset();
    });
    once->arm(2ms);
    victim->arm(3ms);
    CHECK(queue.fire_due(5ms));
    CHECK(ticks == 1);
    CHECK(queue.fire_due(5ms));
    CHECK(ticks == 2);
    CHECK(once == nullptr);
    CHECK_FALSE(victim->armed());
}

TEST_CASE("random arming and disarming keeps the order") {
    TimerQueue queue([] {});
    std::mt19937 random(7);
    std::vector<std::unique_ptr<Timer>> timers;
    std::vector<Time> deadline(300);
    std::vector<Time> fired;
    for (std::size_t i = 0; i < deadline.size(); ++i) {
        timers.push_back(queue.make_timer([&fired, &deadline, i] { fired.push_back(deadline[i]); }));
    }
    for (int step = 0; step < 5000; ++step) {
        const std::size_t i = random() % deadline.size();
        if (random() % 3 == 0) {
            timers[i]->disarm();
        } else {
            deadline[i] = Time(1 + random() % 100);
            timers[i]->arm(deadline[i]);
        }
    }
    const auto armed =
        std::count_if(timers.begin(), timers.end(), [](const auto& timer) { return timer->armed(); });
    while (queue.next_deadline())
        queue.fire_due(*queue.next_deadline());
    CHECK(static_cast<long>(fired.size()) == armed);
    CHECK(std::is_sorted(fired.begin(), fired.end()));
}
