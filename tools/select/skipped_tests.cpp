// Markers evaluated on a host that has the environment and nothing else.
#include "tools/select/skipped_tests.h"

#include <algorithm>

#include "vm/run/test_slug.h"
#include "vm/run/value_search.h"

namespace relux::cli {

namespace {

/// Notes whether anything was asked for that only a run can tell.
class MarkerHost final : public exec::Host {
  public:
    MarkerHost(const run::EnvironmentLayer& layer, match::PatternCache& patterns)
        : environment_(layer.variables, &layer), patterns_(patterns) {}

    const run::BaseEnvironment& environment() const { return environment_; }
    bool needs_run() const { return needs_run_; }

    std::optional<std::string_view> base_environment(std::string_view name) override {
        if (is_set_by_run(name)) needs_run_ = true;
        return environment_.find(name);
    }
    Result<int> available_port() override {
        needs_run_ = true;
        return 1;
    }
    std::int64_t wall_clock_nanoseconds() override {
        needs_run_ = true;
        return 0;
    }
    void random_bytes(std::span<unsigned char> bytes) override {
        needs_run_ = true;
        std::fill(bytes.begin(), bytes.end(), static_cast<unsigned char>(0));
    }
    Result<exec::SearchAnswer> search(std::string_view pattern, std::string_view subject) override {
        return run::search_value(patterns_, pattern, subject, match::Pattern::Effort::Whole);
    }
    void note(const exec::Note&) override {}

  private:
    run::BaseEnvironment environment_;
    match::PatternCache& patterns_;
    bool needs_run_ = false;
};

void add(std::vector<run::MalformedPattern>& malformed, run::MalformedPattern pattern) {
    const bool known =
        std::any_of(malformed.begin(), malformed.end(), [&](const run::MalformedPattern& other) {
            return other.module == pattern.module && other.span == pattern.span;
        });
    if (!known) malformed.push_back(std::move(pattern));
}

}  // namespace

MarkedTests evaluate_test_markers(const exec::Program& program, const std::vector<std::string>& test_modules,
                                  const EnvironmentLayers& environment) {
    MarkedTests found;
    match::PatternCache patterns;
    for (const auto& name : test_modules) {
        const auto* module = program.find_module(name);
        if (module == nullptr) continue;
        run::SlugNumbers numbers(module->code.tests.size());
        for (const auto& test : module->code.tests) {
            const auto& scope = module->code.scopes[test.scope];
            const auto called = module->string(scope.name);
            const auto number = numbers.number(name, called);
            auto markers = run::reached_markers(*module, scope);
            if (markers.empty()) continue;
            MarkerHost host(environment.of_module(name), patterns);
            exec::Interpreter interpreter(host);
            auto decision = run::evaluate_markers(interpreter, host.environment(), markers, nullptr);
            if (host.needs_run()) continue;
            if (decision.malformed) add(found.malformed, std::move(*decision.malformed));
            if (!decision.skip || decision.malformed || !decision.error.empty()) continue;
            found.skipped.push_back({name, std::string(called), run::slug(called, number), decision.reason});
        }
    }
    return found;
}

}  // namespace relux::cli
