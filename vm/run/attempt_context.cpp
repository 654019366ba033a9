#include "vm/run/attempt_context.h"

#include <cstdint>

#include "vm/run/chunk_run.h"

namespace relux::run {

AttemptContext::AttemptContext(RunResources& resources, std::filesystem::path log_directory,
                               double attempt_multiplier, const EnvironmentLayer* layer, int attempt)
    : resources_(resources),
      multiplier_(resources.settings.timeout.multiplier * attempt_multiplier),
      environment_(resources.settings.environment, layer),
      secrets_(resources.secrets),
      recorder_(resources.loop, &resources.shared.memory),
      latch_(recorder_, activity_),
      host_(resources, environment_, recorder_, secrets_),
      shells_(resources, this, std::move(log_directory), attempt),
      statistics_(resources.statistics) {}

void AttemptContext::fail(report::Failure failure) {
    const auto place = place_of(failure);
    latch_.fail(std::move(failure), place);
}

report::EventPlace AttemptContext::place_of(const report::Failure& failure) const {
    report::EventPlace place;
    for (const auto* chunk_run : chunk_runs) {
        const auto* shell = chunk_run->shell();
        if (shell != nullptr && shell->name() == failure.shell) place = shell->place();
    }
    return place;
}

void AttemptContext::begin_trace(int slot, const std::string& path, const std::string& name, int attempt) {
    if (resources_.trace == nullptr) return;
    auto trace = std::make_unique<AttemptTrace>(
        *resources_.trace, slot, recorder_.began(),
        [this](std::string_view text) { return secrets_.search().mask(text); },
        [this](std::uint32_t module) {
            return std::string_view(resources_.program->modules()[module - 1]->code.name);
        },
        [this](std::uint32_t shell) { return std::string_view(recorder_.shells()[shell - 1].marker); });
    trace->begin(path, name, attempt);
    recorder_.set_trace(std::move(trace));
}

}  // namespace relux::run
