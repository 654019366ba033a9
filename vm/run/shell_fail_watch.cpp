#include "vm/run/shell_fail_watch.h"

#include <utility>

#include "vm/run/shell_patience.h"

namespace relux::run {

using match::Matcher;

namespace {

struct Line {
    std::string_view text;
    bool ended = false;
};

/// The whole line of `text` that `at` is in, as far as it has arrived.
Line line_at(std::string_view text, std::size_t at) {
    const auto before = text.find_last_of(kLineEnds, at == 0 ? 0 : at - 1);
    const auto begin = at == 0 || before == std::string_view::npos ? 0 : before + 1;
    const auto end = text.find_first_of(kLineEnds, at);
    return {text.substr(begin, end - begin), end != std::string_view::npos};
}

class SearchEnd final : public Awaited {
  public:
    SearchEnd(const FailWatch& watch, const ShellWait& wait) : watch_(watch), wait_(wait) {}
    std::optional<io::Time> look() override {
        if (!watch_.searches() || wait_.stopped()) return std::nullopt;
        return kNever;
    }

  private:
    const FailWatch& watch_;
    const ShellWait& wait_;
};

}  // namespace

FailWatch::FailWatch(AttemptContext& test, ShellWait& wait, ShellJournal& journal, ShellOutput& output)
    : test_(test),
      wait_(wait),
      journal_(journal),
      output_(output),
      settle_timer_(test.loop().make_timer([this] { look(ShellOutput::Settle::WhenQuiet); })),
      line_(test, wait, journal, output) {}

void FailWatch::set(std::shared_ptr<const match::Pattern> pattern, std::string set_at) {
    const Matcher matcher(pattern, output_.cursor());
    restore(std::make_shared<FailPattern>(FailPattern{std::move(pattern), std::move(set_at), matcher}));
}

void FailWatch::restore(std::shared_ptr<FailPattern> pattern) {
    if (in_force_ == pattern) return;
    search_.reset();
    in_force_ = std::move(pattern);
    output_.keep_for(in_force_ ? &in_force_->matcher : nullptr);
    if (!in_force_) return settle_timer_->disarm();
    // Language 8: setting scans from the cursor on, and coming back is a setting.
    in_force_->matcher = Matcher(in_force_->pattern, output_.cursor());
    look();
}

void FailWatch::end() {
    ended_ = true;
    settle_timer_->disarm();
}

void FailWatch::look(ShellOutput::Settle settle) {
    if (!in_force_ || wait_.stopped() || ended_) return;
    const auto pattern = in_force_;  // what follows may replace it
    const auto now = wait_.now();
    switch (output_.look(pattern->matcher, settle, now)) {
        case Matcher::State::NeedMore:
            break;
        case Matcher::State::Tentative:
            settle_timer_->arm(output_.quiet_at(now));
            break;
        case Matcher::State::Unfinished:
            if (search_) break;
            search_ = std::make_unique<SearchBeside>(test_.loop(), pattern->matcher, output_.buffer(),
                                                     [this] { search_ended(); });
            break;
        case Matcher::State::Matched:
            report_hit(*pattern);
            break;
        case Matcher::State::TooComplex:
            report_too_complex(*pattern);
            break;
    }
}

void FailWatch::search_ended() {
    std::exchange(search_, nullptr)->give(in_force_->matcher, output_.buffer());
    look();
    wait_.wake();
}

io::Task<void> FailWatch::searched() {
    SearchEnd end(*this, wait_);
    co_await wait_.until_over(end);
}

void FailWatch::report_hit(const FailPattern& pattern) {
    journal_.count_fail_pattern();
    const auto& buffer = output_.buffer();
    const auto hit = pattern.matcher.found().groups[0];
    const auto line = line_at(buffer.view(buffer.begin(), buffer.end()),
                              static_cast<std::size_t>(hit.begin - buffer.begin()));
    auto failure = line_.failure(pattern.pattern->text(), line.text);
    failure.pattern_is_regex = pattern.pattern->is_regex();
    const auto event = journal_.record(events::FailPatternTriggered{.pattern = failure.pattern,
                                                                    .is_regex = pattern.pattern->is_regex(),
                                                                    .matched_line = line.text,
                                                                    .buffer_seq = 0});
    if (!line.ended && !buffer.closed()) line_.begin(failure.pattern, line.text, event);
    failure.notes.push_back("the fail pattern was set at " + pattern.set_at);
    output_.describe(failure);
    on_hit(std::move(failure));
}

void FailWatch::report_too_complex(const FailPattern& pattern) {
    report::Failure failure;
    failure.pattern = pattern.pattern->text();
    failure.kind = report::FailureKind::Runtime;
    failure.summary = "runtime error in shell '" + journal_.name() + "': pattern is too complex";
    failure.notes.push_back("the fail pattern was set at " + pattern.set_at);
    output_.describe(failure);
    on_hit(std::move(failure));
}

}  // namespace relux::run
