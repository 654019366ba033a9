// How many tests run at once, from figures alone: there is no clock and no machine here.
#include "vm/run/job_controller.h"

#include <doctest/doctest.h>

using namespace relux;
using namespace relux::run;
using namespace std::chrono_literals;

namespace {

/// An idle machine that answers fast, with all slots in use.
JobFigures good(const JobController& controller) {
    JobFigures figures;
    figures.round_trips = 20;
    figures.round_trip = 200us;
    figures.lag = 1ms;
    figures.idle = 0.8;
    figures.free = std::uint64_t{8} << 30;
    figures.running = controller.jobs();
    figures.waiting = 1000;
    return figures;
}

JobFigures slow(const JobController& controller) {
    auto figures = good(controller);
    figures.round_trip = 20ms;
    return figures;
}

/// After so many good figures.
JobController raised(JobLimits limits, int times) {
    JobController controller(limits);
    for (int i = 0; i < times; ++i)
        controller.take(good(controller));
    return controller;
}

}  // namespace

TEST_CASE("it begins with the first number and adds one at a time, up to the most") {
    JobController controller({2, 5});
    CHECK(controller.jobs() == 2);
    for (const int expected : {3, 4, 5, 5, 5})
        CHECK(controller.take(good(controller)) == expected);
}

TEST_CASE("nothing is added without a reason") {
    const auto jobs_after = [](auto change) {
        auto controller = raised({4, 50}, 1);
        auto figures = good(controller);
        change(figures);
        return controller.take(figures);
    };
    CHECK(jobs_after([](JobFigures&) {}) == 6);
    CHECK(jobs_after([](JobFigures& figures) { figures.waiting = 0; }) == 5);
    CHECK(jobs_after([](JobFigures& figures) { figures.running = 4; }) == 5);
    CHECK(jobs_after([](JobFigures& figures) { figures.idle = 0.1; }) == 5);
    CHECK(jobs_after([](JobFigures& figures) { figures.idle.reset(); }) == 5);
    CHECK(jobs_after([](JobFigures& figures) { figures.lag = 30ms; }) == 5);
    CHECK(jobs_after([](JobFigures& figures) { figures.round_trip = 4ms; }) == 5);
    CHECK(jobs_after([](JobFigures& figures) { figures.free = std::uint64_t{300} << 20; }) == 5);
}

TEST_CASE("what the system does not tell of memory, and too few round trips, keep nothing back") {
    auto controller = raised({2, 50}, 1);
    auto figures = good(controller);
    figures.free.reset();
    CHECK(controller.take(figures) == 4);
    figures.round_trips = JobController::kFewestRoundTrips - 1;
    figures.round_trip = 10s;
    figures.running = 4;
    CHECK(controller.take(figures) == 5);
}

TEST_CASE("slow round trips, a late loop or little memory take a quarter away") {
    const auto jobs_after = [](auto change) {
        auto controller = raised({8, 50}, 12);
        auto figures = good(controller);
        change(figures);
        return controller.take(figures);
    };
    CHECK(jobs_after([](JobFigures& figures) { figures.round_trip = 20ms; }) == 15);
    CHECK(jobs_after([](JobFigures& figures) { figures.lag = 41ms; }) == 15);
    CHECK(jobs_after([](JobFigures& figures) { figures.free = std::uint64_t{100} << 20; }) == 15);
}

TEST_CASE("a round trip is slow compared with the fastest that were seen") {
    JobController controller({4, 50});
    auto figures = good(controller);
    figures.round_trip = 30ms;
    CHECK(controller.take(figures) == 5);
    CHECK(controller.baseline() == 30ms);
    figures.running = 5;
    figures.round_trip = 80ms;
    CHECK(controller.take(figures) == 5);  // close to slow: nothing is added
    figures.round_trip = 91ms;
    CHECK(controller.take(figures) == 4);
    figures.round_trips = JobController::kFewestRoundTrips;
    figures.round_trip = 100us;
    controller.take(figures);
    CHECK(controller.baseline() == 100us);
}

TEST_CASE("lowering waits until it shows") {
    auto controller = raised({8, 50}, 12);
    auto figures = slow(controller);
    CHECK(controller.take(figures) == 15);
    // Tests that run already are left alone: as long as they do, it is slow because of them.
    for (int i = 0; i < 10; ++i)
        CHECK(controller.take(figures) == 15);
    figures.running = 15;
    for (int i = 0; i < JobController::kSettling; ++i)
        CHECK(controller.take(figures) == 15);
    CHECK(controller.take(figures) == 12);
}

TEST_CASE("one test always runs") {
    JobController controller({3, 10});
    controller.take(good(controller));
    for (int i = 0; i < 100; ++i)
        controller.take(slow(controller));
    CHECK(controller.jobs() == 1);
}

TEST_CASE("up to the first number it comes back on a busy machine too") {
    JobController controller({4, 20});
    controller.take(good(controller));
    REQUIRE(controller.take(slow(controller)) == 4);
    for (int i = 0; i <= JobController::kSettling; ++i)
        controller.take(slow(controller));
    REQUIRE(controller.jobs() == 3);
    for (int i = 0; i < 100; ++i) {
        auto figures = good(controller);
        figures.idle = 0.0;
        controller.take(figures);
    }
    CHECK(controller.jobs() == 4);
}

TEST_CASE("after each lowering it is raised later") {
    auto controller = raised({8, 50}, 4);
    const auto figures_until_raised = [&controller] {
        controller.take(slow(controller));
        const int lowered = controller.jobs();
        int count = 0;
        while (controller.jobs() == lowered) {
            controller.take(good(controller));
            ++count;
        }
        return count;
    };
    CHECK(figures_until_raised() == JobController::kFirstPause + 1);
    CHECK(figures_until_raised() == 2 * JobController::kFirstPause + 1);
    CHECK(figures_until_raised() == 4 * JobController::kFirstPause + 1);
    for (int i = 0; i < 10; ++i)
        figures_until_raised();
    CHECK(figures_until_raised() == JobController::kLongestPause + 1);
}

TEST_CASE("whatever the figures, the number stays within its limits and moves a little at a time") {
    const JobLimits limits{4, 20};
    JobController controller(limits);
    std::uint32_t state = 12345;
    const auto choose = [&state](std::uint32_t below) {
        state = state * 1664525 + 1013904223;
        return (state >> 8) % below;
    };
    for (int i = 0; i < 20'000; ++i) {
        JobFigures figures;
        figures.round_trips = choose(12);
        figures.round_trip = std::chrono::microseconds(choose(3) == 0 ? choose(100'000) : choose(500));
        figures.lag = std::chrono::milliseconds(choose(6) == 0 ? choose(200) : 1);
        if (choose(10) != 0) figures.idle = static_cast<double>(choose(101)) / 100;
        if (choose(10) != 0) figures.free = std::uint64_t{choose(2048)} << 20;
        figures.running = static_cast<int>(choose(25));
        figures.waiting = choose(3);
        const auto before = controller.jobs();
        const auto after = controller.take(figures);
        REQUIRE(after >= 1);
        REQUIRE(after <= limits.most);
        REQUIRE(after - before <= 1);
        REQUIRE(before - after <= std::max(1, before / 4));
    }
}
