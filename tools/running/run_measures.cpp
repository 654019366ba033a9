#include "tools/running/run_measures.h"

#include <sys/resource.h>
#include <utility>

#include "vm/run/machine_load.h"

namespace relux::cli {

namespace {

Duration duration_of(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

report::ProcessorTime processor_time(int who) {
    rusage usage{};
    ::getrusage(who, &usage);
    return {duration_of(usage.ru_utime), duration_of(usage.ru_stime)};
}

}  // namespace

Duration RunMeasures::lap() {
    const auto now = Clock::now();
    return now - std::exchange(marked_, now);
}

void RunMeasures::complete(report::RunStatistics& statistics) const {
    statistics.wall = Clock::now() - began_;
    statistics.own = processor_time(RUSAGE_SELF);
    statistics.children = processor_time(RUSAGE_CHILDREN);
    statistics.peak_memory = run::peak_memory();
}

}  // namespace relux::cli
