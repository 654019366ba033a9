#include "vm/run/run_trace.h"

#include <algorithm>

#include "vm/base/shortened_text.h"
#include "vm/base/text.h"
#include "vm/report/events.h"

namespace relux::run {

namespace {

using report::EventKind;
namespace events = report::events;

/// Limits how much of a pattern or a send stands in names; bytes.
constexpr std::size_t kLongestShown = 60;
/// Limits a sentence in arguments; bytes.
constexpr std::size_t kLongestSentence = 400;
/// Tracks of one slot, for their order.
constexpr std::int64_t kTracksOfASlot = 1'000'000;

}  // namespace

// Tracks

void TraceTrack::begin(Duration time, std::string_view category, std::string_view name,
                       report::TraceArguments arguments, std::uint32_t span) {
    file_.begin(number_, time, category, name, arguments);
    open_.push_back(span);
}

void TraceTrack::end(Duration time, report::TraceArguments arguments) {
    if (open_.empty()) return;
    file_.end(number_, time, arguments);
    open_.pop_back();
}

void TraceTrack::end_down_to(std::size_t depth, Duration time) {
    while (open_.size() > depth)
        end(time);
}

bool TraceTrack::end_span(std::uint32_t span, Duration time) {
    const auto found = std::find(open_.begin(), open_.end(), span);
    if (found == open_.end()) return false;
    end_down_to(static_cast<std::size_t>(found - open_.begin()), time);
    return true;
}

TraceTrack& RunTrace::take(int slot, Kind kind) {
    auto& tracks = by_slot_[{slot, kind}];
    for (auto* track : tracks) {
        if (track->taken) continue;
        track->taken = true;
        return *track;
    }
    const auto number = static_cast<std::uint32_t>(tracks_.size()) + 1;
    auto& track = tracks_.emplace_back(file_, number);
    tracks.push_back(&track);
    const auto place = static_cast<std::int64_t>(tracks.size());
    std::string name = "tests " + std::to_string(slot + 1);
    auto rank = slot * kTracksOfASlot;
    if (kind == Kind::Effect) {
        name += ", effect " + std::to_string(place);
        rank += place;
    } else if (kind == Kind::Shell) {
        name += ", shell " + std::to_string(place);
        rank += kTracksOfASlot / 2 + place;
    }
    file_.name_track(number, name, rank);
    track.taken = true;
    return track;
}

void RunTrace::count_tests(std::size_t running, int allowed) {
    file_.counter(now(), "tests at once",
                  {{"running", static_cast<std::int64_t>(running)}, {"allowed", std::int64_t{allowed}}});
}

// An attempt

AttemptTrace::AttemptTrace(RunTrace& run, int slot, io::Time started, Mask mask, SourceName source,
                           ShellName shell)
    : run_(run),
      slot_(slot),
      offset_(run.since_start(started)),
      mask_(std::move(mask)),
      source_(std::move(source)),
      shell_name_(std::move(shell)),
      own_(run.take(slot, RunTrace::Kind::Test)) {}

AttemptTrace::~AttemptTrace() {
    if (!finished_) finish({});
}

std::string AttemptTrace::shown(std::string_view text) const {
    return shortened_text(visible(mask_(text), false), kLongestShown);
}

std::string AttemptTrace::sentence(std::string_view text) const {
    return shortened_text(visible(mask_(text), false), kLongestSentence);
}

std::string AttemptTrace::source(const report::EventPlace& place) const {
    if (place.module == 0) return {};
    return std::string(source_(place.module)) + ":" + std::to_string(place.line);
}

void AttemptTrace::begin(std::string_view path, std::string_view name, int attempt) {
    test_ = shown(std::string(path) + "::" + std::string(name));
    own_.begin(offset_, "test", test_, {{"path", path}, {"name", name}, {"attempt", std::int64_t{attempt}}});
}

void AttemptTrace::begin_teardown() {
    own_.begin(now(), "teardown", "teardown", {});
}

void AttemptTrace::finish(const report::TestResult& result) {
    finished_ = true;
    const auto time = now();
    for (auto& [number, shell] : shells_) {
        shell.track->end_down_to(0, time);
        shell.track->taken = false;
    }
    for (auto& [span, track] : effects_) {
        track->end_down_to(0, time);
        track->taken = false;
    }
    own_.end_down_to(1, time);
    if (result.failure) {
        own_.end(time, {{"outcome", report::outcome_name(result.outcome)},
                        {"failure", sentence(result.failure->summary)}});
    } else {
        own_.end(time, {{"outcome", report::outcome_name(result.outcome)}});
    }
    own_.taken = false;
    run_.flush();
}

TraceTrack& AttemptTrace::shell_track(std::uint32_t shell, Duration time) {
    auto& known = shells_[shell];
    if (known.track == nullptr) {
        known.track = &run_.take(slot_, RunTrace::Kind::Shell);
        known.track->begin(time, "shell", shown(shell_name_(shell)), {{"test", test_}});
    }
    return *known.track;
}

TraceTrack& AttemptTrace::effect_track(std::uint32_t span) {
    auto& track = run_.take(slot_, RunTrace::Kind::Effect);
    effects_.emplace(span, &track);
    return track;
}

TraceTrack& AttemptTrace::track_at(const report::EventPlace& place, Duration time) {
    if (place.shell != 0) return shell_track(place.shell, time);
    const auto found = span_tracks_.find(place.span);
    return found == span_tracks_.end() ? own_ : *found->second;
}

void AttemptTrace::record(const report::Event& event) {
    const auto time = event.time + offset_;
    // One group for each kind of thing a viewer shows; what is not shown is in the test's own log.
    switch (report::event_info(event.kind).record_class) {
        case report::RecordClass::Span:
            return begin_log_span(event, time);
        case report::RecordClass::Mark:
            return end_log_span(event.place.span, time);
        case report::RecordClass::Event:
            record_wait(event, time);
            return record_instant(event, time);
        case report::RecordClass::Buffer:
            return;
    }
}

void AttemptTrace::begin_log_span(const report::Event& event, Duration time) {
    const auto kind = event.kind;
    const auto number = event.number;
    const auto& place = event.place;
    // Left out of a log that is full: its end will not be recorded.
    if (number == 0) return;
    TraceTrack* track = nullptr;
    std::string name;
    std::string_view category;
    if (kind == EventKind::EffectSetup) {
        const auto setup = events::read<events::EffectSetup>(event);
        track = &effect_track(number);
        category = "effect";
        name = (setup.is_reuse ? "share " : "start ") + std::string(setup.effect);
        if (!setup.alias.empty()) name += " as " + std::string(setup.alias);
    } else if (kind == EventKind::EffectCleanup) {
        const auto cleanup = events::read<events::EffectCleanup>(event);
        track = &own_;
        category = "cleanup";
        name = (cleanup.is_deferred ? "release " : "cleanup of ") + std::string(cleanup.effect);
    } else if (kind == EventKind::CleanupBlock) {
        track = &own_;
        category = "cleanup";
        name = "cleanup";
    } else if (kind == EventKind::Markers) {
        track = &own_;
        category = "markers";
        name = "markers";
    } else if (kind == EventKind::ShellBlock) {
        track = &shell_track(place.shell, time);
        category = "block";
        name = "shell " + std::string(events::read<events::ShellBlock>(event).shell);
    } else if (kind == EventKind::FnCall && !events::read<events::FnCall>(event).is_pure) {
        track = &track_at(place, time);
        category = "call";
        name = std::string(events::read<events::FnCall>(event).name) + "()";
    } else {
        return;
    }
    span_tracks_[number] = track;
    // Markers and the end of an effect stand nowhere in a file.
    if (place.module == 0) return track->begin(time, category, shown(name), {}, number);
    track->begin(time, category, shown(name), {{"source", source(place)}}, number);
}

void AttemptTrace::end_log_span(std::uint32_t span, Duration time) {
    const auto found = span_tracks_.find(span);
    if (found == span_tracks_.end()) return;
    auto* track = found->second;
    span_tracks_.erase(found);
    track->end_span(span, time);
    for (auto& [number, shell] : shells_) {
        if (shell.track == track) shell.waits_in = {};
    }
    if (effects_.erase(span) > 0) track->taken = false;
}

void AttemptTrace::begin_wait(const report::EventPlace& place, Duration time, std::string_view category,
                              const std::string& name, report::TraceArguments arguments) {
    auto& track = shell_track(place.shell, time);
    track.begin(time, category, name, arguments);
    shells_[place.shell].waits_in = category;
}

void AttemptTrace::end_wait(std::uint32_t shell, Duration time, std::string_view category,
                            std::string_view result) {
    const auto found = shells_.find(shell);
    // The prompt may be set by a send that is part of the start.
    if (found == shells_.end() || found->second.waits_in != category) return;
    found->second.waits_in = {};
    found->second.track->end(time, {{"result", result}});
}

void AttemptTrace::begin_send(const report::EventPlace& place, std::string_view text) {
    begin_wait(place, now(), "send", "send " + shown(text),
               {{"bytes", static_cast<std::int64_t>(text.size())}, {"source", source(place)}});
}

namespace {

std::int64_t milliseconds(const report::RecordedTimeout& timeout) {
    return timeout.applied.count() / 1'000'000;
}

}  // namespace

void AttemptTrace::record_wait(const report::Event& event, Duration time) {
    const auto kind = event.kind;
    const auto& place = event.place;
    if (kind == EventKind::ShellSpawn) {
        const auto command = events::read<events::ShellSpawn>(event).command;
        begin_wait(place, time, "start", "start " + shown(command), {{"source", source(place)}});
    } else if (kind == EventKind::ShellReady) {
        end_wait(place.shell, time, "start", "prompt");
    } else if (kind == EventKind::MatchStart) {
        const auto start = events::read<events::MatchStart>(event);
        begin_wait(place, time, "match", "match " + shown(start.pattern),
                   {{"timeout_ms", milliseconds(start.effective)}, {"source", source(place)}});
    } else if (kind == EventKind::MultiMatchStart) {
        const auto start = events::read<events::MultiMatchStart>(event);
        const auto count = report::decode_texts(start.patterns).size();
        begin_wait(place, time, "match", "match " + std::to_string(count) + " patterns",
                   {{"timeout_ms", milliseconds(start.effective)}, {"source", source(place)}});
    } else if (kind == EventKind::MatchDone || kind == EventKind::MultiMatchDone) {
        end_wait(place.shell, time, "match", "matched");
    } else if (kind == EventKind::SleepStart) {
        begin_wait(place, time, "sleep", "sleep", {{"source", source(place)}});
    } else if (kind == EventKind::SleepDone) {
        end_wait(place.shell, time, "sleep", "done");
    } else if (kind == EventKind::Send) {
        end_wait(place.shell, time, "send", "sent");
    } else if (kind == EventKind::ShellTerminate) {
        auto& track = shell_track(place.shell, time);
        track.end_down_to(1, time);
        shells_[place.shell].waits_in = {};
        track.begin(time, "end", "end", {});
    }
}

void AttemptTrace::record_instant(const report::Event& event, Duration time) {
    const auto kind = event.kind;
    const auto& place = event.place;
    if (kind == EventKind::Timeout) {
        const auto pattern = events::read<events::Timeout>(event).pattern;
        shell_track(place.shell, time)
            .instant(time, "time-out", "time-out " + shown(pattern), {{"source", source(place)}});
        end_wait(place.shell, time, "match", "time-out");
    } else if (kind == EventKind::MultiMatchTimeout) {
        shell_track(place.shell, time).instant(time, "time-out", "time-out", {{"source", source(place)}});
        end_wait(place.shell, time, "match", "time-out");
    } else if (kind == EventKind::FailPatternTriggered) {
        const auto pattern = events::read<events::FailPatternTriggered>(event).pattern;
        shell_track(place.shell, time)
            .instant(time, "fail pattern", "fail pattern " + shown(pattern), {{"source", source(place)}});
    } else if (kind == EventKind::Failed) {
        const auto message = events::read<events::Failed>(event).message;
        own_.instant(time, "failed", "failed", {{"summary", sentence(message)}, {"source", source(place)}});
    } else if (kind == EventKind::Cancelled) {
        const auto reason = events::read<events::Cancelled>(event).reason;
        own_.instant(time, "failed", "cancelled", {{"reason", reason}, {"source", source(place)}});
    } else if (kind == EventKind::Warning) {
        const auto message = events::read<events::Warning>(event).message;
        own_.instant(time, "warning", "warning", {{"message", sentence(message)}});
    } else if (kind == EventKind::Annotate) {
        const auto text = events::read<events::Annotate>(event).text;
        track_at(place, time).instant(time, "annotation", shown(text), {{"source", source(place)}});
    }
}

void AttemptTrace::shell_ended(std::uint32_t shell) {
    const auto found = shells_.find(shell);
    if (found == shells_.end()) return;
    found->second.track->end_down_to(0, now());
    found->second.track->taken = false;
    shells_.erase(found);
}

}  // namespace relux::run
