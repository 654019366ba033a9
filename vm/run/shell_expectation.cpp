#include "vm/run/shell_expectation.h"

#include <algorithm>
#include <utility>

namespace relux::run {

using match::Matcher;

namespace {

/// Orders the states: the heaviest of single patterns is that of all of them together.
int weight(Matcher::State state) {
    switch (state) {
        case Matcher::State::Matched:
            return 0;
        case Matcher::State::NeedMore:
            return 1;
        case Matcher::State::Tentative:
            return 2;
        case Matcher::State::TooComplex:
            return 3;
        case Matcher::State::Unfinished:
            break;
    }
    return 4;
}

}  // namespace

std::optional<io::Time> Expectation::look() {
    if (shell_.wait.stopped()) return ended(End::Stopped);
    if (search_) {
        if (!search_->ended()) return kNever;
        std::exchange(search_, nullptr)->give(*searched_, shell_.output.buffer());
    }
    if (shell_.fail_watch.searches()) return kNever;
    const auto now = looked_at_ = shell_.wait.now();
    const bool is_over = shell_.output.is_over(now);
    prepare();
    const auto state = look_at_patterns(is_over);
    if (state == Matcher::State::Unfinished) {
        search_ = std::make_unique<SearchBeside>(shell_.test.loop(), *searched_, shell_.output.buffer(),
                                                 [this] { shell_.wait.wake(); });
        return kNever;
    }
    if (state == Matcher::State::Matched && is_complete()) return ended(End::Matched);
    if (state == Matcher::State::TooComplex) return ended(End::TooComplex);
    if (is_over) return ended(End::Exited);
    if (now >= deadline_.at) return ended(End::TimedOut);
    shell_.output.let_go(needs_from());
    auto again = std::min({deadline_.at, look_again(now), shell_.output.over_at()});
    if (state == Matcher::State::Tentative) again = std::min(again, shell_.output.quiet_at(now));
    return again;
}

/// Returns the state of the patterns together: matched only if all are.
Matcher::State Expectation::look_at_patterns(bool is_over) {
    using Settle = ShellOutput::Settle;
    const auto settle = is_over || looked_at_ >= deadline_.at ? Settle::Now : Settle::WhenQuiet;
    auto together = Matcher::State::Matched;
    for (std::size_t i = 0; i < expected_.size(); ++i) {
        auto& expected = expected_[i];
        if (expected.matched()) continue;
        expected.state = shell_.output.look(expected.matcher, settle, looked_at_);
        if (expected.matched()) matched(i);
        if (expected.state == Matcher::State::Unfinished) searched_ = &expected.matcher;
        if (weight(expected.state) > weight(together)) together = expected.state;
    }
    return together;
}

void Expectation::matched(std::size_t number) {
    auto& expected = expected_[number];
    shell_.output.record_matched(expected.found().begin, expected.found().end);
    expected.event = shell_.output.last_event();
}

match::Position Expectation::needs_from() const {
    match::Position needed = shell_.output.buffer().end();
    for (const auto& expected : expected_) {
        if (!expected.matched()) needed = std::min(needed, expected.matcher.needs_from());
    }
    return needed;
}

}  // namespace relux::run
