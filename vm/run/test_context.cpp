// See test_context.h.
#include "vm/run/test_context.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sys/random.h>

#include "vm/run/value_search.h"

namespace relux::run {

void RunResources::retire(std::unique_ptr<io::ShellIo> shell) {
    if (retired.empty()) loop.post([this] { retired.clear(); });
    retired.push_back(std::move(shell));
}

TestContext::TestContext(RunResources& resources, std::filesystem::path log_directory,
                         double attempt_multiplier, const EnvironmentLayer* layer)
    : resources_(resources),
      log_directory_(std::move(log_directory)),
      multiplier_(resources.settings.timeout.multiplier * attempt_multiplier),
      environment_(resources.settings.environment, layer),
      interpreter_(*this),
      started_(resources.loop.now()) {}

TestContext::~TestContext() {
    give_back_ports();
}

Duration TestContext::scale(Duration tolerance) const {
    const double scaled = static_cast<double>(tolerance.count()) * multiplier_;
    // A quarter of the range leaves room for adding the result to a clock.
    const double longest = static_cast<double>(Duration::max().count()) / 4;
    return Duration(static_cast<std::int64_t>(std::min(scaled, longest)));
}

void TestContext::fail(report::Failure failure) {
    if (failure_) return;
    record(report::EventKind::Failed, {}, {failure.summary});
    progress("x");
    failure_ = std::move(failure);
    activity_.stop();
}

void TestContext::warn(std::string message) {
    record(report::EventKind::Warning, {}, {message});
    warnings_.push_back(std::move(message));
}

void TestContext::record(report::EventKind kind, const report::EventPlace& place,
                         std::initializer_list<report::Field> fields) {
    events_.record(kind, elapsed(), place, fields);
}

std::uint32_t TestContext::begin_span(std::string_view kind, std::string_view name, std::string_view detail,
                                      const report::EventPlace& place) {
    record(report::EventKind::SpanBegin, place, {kind, name, detail});
    return ++span_count_;
}

void TestContext::end_span(std::uint32_t span, std::string_view result) {
    report::EventPlace place;
    place.span = span;
    record(report::EventKind::SpanEnd, place, {result});
}

std::string TestContext::unique_shell_name(std::string name) {
    std::string candidate = name;
    for (int number = 2; std::find(shell_names_.begin(), shell_names_.end(), candidate) != shell_names_.end();
         ++number) {
        candidate = name + "-" + std::to_string(number);
    }
    shell_names_.push_back(candidate);
    return candidate;
}

std::optional<std::string_view> TestContext::base_environment(std::string_view name) {
    return environment_.find(name);
}

Result<int> TestContext::available_port() {
    auto port = resources_.ports.take();
    if (port) ports_.push_back(*port);
    return port;
}

void TestContext::give_back_ports() {
    resources_.ports.give_back(ports_);
    ports_.clear();
}

std::int64_t TestContext::wall_clock_nanoseconds() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void TestContext::random_bytes(std::span<unsigned char> bytes) {
    // Up to 256 bytes getrandom never gives less than asked for once the pool is ready.
    while (!bytes.empty()) {
        const auto got = ::getrandom(bytes.data(), std::min<std::size_t>(bytes.size(), 256), 0);
        if (got > 0) bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
}

Result<std::optional<std::vector<exec::Value>>> TestContext::search(std::string_view pattern,
                                                                    std::string_view subject) {
    return search_value(resources_.patterns, pattern, subject);
}

void TestContext::note(const exec::Note& note) {
    report::EventPlace place;
    place.module = note.module.number + 1;
    place.line = note.span.line;
    using Kind = exec::Note::Kind;
    switch (note.kind) {
        case Kind::Let:
            return record(report::EventKind::VarLet, place, {note.name, note.value});
        case Kind::Assign:
            return record(report::EventKind::VarAssign, place, {note.name, note.value});
        case Kind::Interpolation:
            return record(report::EventKind::Interpolation, place, {note.value});
        case Kind::NativeCall:
            return record(report::EventKind::StringEval, place, {note.value});
        case Kind::AssertStart:
            return record(report::EventKind::PureMatchStart, place, {note.name, note.value});
        case Kind::AssertDone:
            return record(report::EventKind::PureMatchDone, place, {note.value});
        case Kind::AssertFailed:
            return record(report::EventKind::PureMatchFailed, place, {note.name, note.value});
        case Kind::Decision:
            return record(report::EventKind::BoolCheck, place,
                          {note.value, std::int64_t(note.name.empty() ? 0 : 1)});
    }
}

}  // namespace relux::run
