// Flags beat the manifest, and a flag that makes no sense is named.
#include "tools/running/run_options.h"

#include <chrono>
#include <limits>

#include <doctest/doctest.h>

#include "vm/run/machine_load.h"

using namespace relux;
using namespace relux::cli;
using namespace std::chrono_literals;

namespace {

std::string error_of(const RunOptions& options) {
    auto settings = resolve_settings(Manifest{}, options);
    REQUIRE(!settings);
    return settings.error().message;
}

}  // namespace

TEST_CASE("without flags the manifest decides") {
    Manifest manifest;
    manifest.asked_jobs.count = 3;
    manifest.language = frontend::Edition::V0_8;
    manifest.timeout.match = 7s;
    manifest.flaky_retries = 2;
    manifest.port_range_start = 4000;
    auto settings = resolve_settings(manifest, RunOptions{});
    REQUIRE(settings);
    CHECK(settings->jobs == 3);
    CHECK(settings->test_timeout_cancels);
    CHECK(settings->timeout.match == 7s);
    CHECK(settings->timeout.multiplier == 1.0);
    CHECK(settings->timeout.test_origin == "[timeout] test");
    CHECK(settings->flaky_retries == 2);
    CHECK(settings->port_range_start == 4000);
    CHECK(!settings->fail_fast);
}

TEST_CASE("flags beat the manifest and are named as the origin") {
    RunOptions options;
    options.jobs.count = 8;
    options.timeout_multiplier = 0.5;
    options.flaky_retries = 0;
    options.flaky_multiplier = 3.0;
    options.test_timeout = "1m 30s";
    options.suite_timeout = "2h";
    options.fail_fast = true;
    Manifest manifest;
    manifest.flaky_retries = 5;
    auto settings = resolve_settings(manifest, options);
    REQUIRE(settings);
    CHECK(settings->jobs == 8);
    CHECK(settings->timeout.multiplier == 0.5);
    CHECK(settings->flaky_retries == 0);
    CHECK(settings->flaky_multiplier == 3.0);
    CHECK(settings->timeout.test == 90s);
    CHECK(settings->timeout.test_origin == "--test-timeout");
    CHECK(settings->timeout.suite == 2h);
    CHECK(settings->timeout.suite_origin == "--suite-timeout");
    CHECK(settings->fail_fast);
}

TEST_CASE("no jobs means one per core") {
    RunOptions options;
    options.jobs.count = 0;
    auto settings = resolve_settings(Manifest{}, options);
    REQUIRE(settings);
    CHECK(settings->jobs >= 1);
}

TEST_CASE("the number of jobs is chosen automatically when flag or manifest say so, and the flag beats it") {
    Manifest manifest;
    manifest.asked_jobs.count = 0;
    manifest.asked_jobs.automatic = true;
    RunOptions options;
    auto settings = resolve_settings(manifest, options);
    REQUIRE(settings);
    CHECK(settings->automatic_jobs);
    CHECK(settings->jobs >= 1);
    options.jobs.count = 3;
    settings = resolve_settings(manifest, options);
    REQUIRE(settings);
    CHECK(!settings->automatic_jobs);
    CHECK(settings->jobs == 3);
    options = {};
    options.jobs.automatic = true;
    manifest = {};
    manifest.asked_jobs.count = 7;
    settings = resolve_settings(manifest, options);
    REQUIRE(settings);
    CHECK(settings->automatic_jobs);
    CHECK(settings->jobs == run::usable_processors());
}

TEST_CASE("senseless values are errors that name the flag") {
    RunOptions options;
    options.jobs.count = -1;
    CHECK(error_of(options) == "--jobs must not be negative");
    options = {};
    options.flaky_retries = -1;
    CHECK(error_of(options) == "--flaky-retries must not be negative");
    for (double multiplier :
         {0.0, -1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
        options = {};
        options.timeout_multiplier = multiplier;
        CHECK(error_of(options) == "--timeout-multiplier must be a finite number greater than 0");
    }
    options = {};
    options.flaky_multiplier = 1.0;
    CHECK(error_of(options) == "--flaky-multiplier must be a finite number greater than 1");
    options = {};
    options.test_timeout = "soon";
    CHECK(error_of(options).starts_with("--test-timeout: "));
}
