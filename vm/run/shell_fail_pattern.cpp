// See shell.h: what a fail pattern has hit. The outcome stands at the hit; what explains it often comes a
// moment later, in the rest of the line, and is read while the test is being torn down.
#include <algorithm>

#include "vm/base/text.h"
#include "vm/bytecode/quoted.h"
#include "vm/run/shell.h"
#include "vm/run/shell_patience.h"

namespace relux::run {

namespace {

/// A line that has not gone on for this long is taken as it is.
constexpr Duration kLineQuiet = std::chrono::milliseconds(100);
/// From the hit, however much comes.
constexpr Duration kLinePatience = std::chrono::milliseconds(500);
constexpr std::size_t kLongestRest = 64 * 1024;
/// Of the event that tells a hit: the line.
constexpr std::size_t kLineField = 2;
constexpr std::string_view kLineEnds = "\r\n";

}  // namespace

void Shell::OpenLine::add(std::string_view bytes) {
    if (ended) return;
    const auto end = bytes.find_first_of(kLineEnds);
    auto rest = bytes.substr(0, end);
    rest = rest.substr(0, kLongestRest - read_on);
    read_on += rest.size();
    ended = end != std::string_view::npos || read_on == kLongestRest;
    text += rest;
}

void Shell::describe_hit(ShellFailure& failure, std::string_view line) const {
    failure.kind = report::FailureKind::FailPattern;
    failure.summary = "fail pattern matched in shell '" + name_ + "': `" + visible(failure.pattern, false) +
                      "` matched in the line `" + visible(line, false) + "`";
    failure.message = "fail pattern matched in shell '" + name_ + "': pattern " +
                      visible(failure.pattern, false) + " triggered, matched: " + bytecode::quoted_text(line);
}

void Shell::report_hit(const FailPattern& pattern) {
    ++test_.resources().statistics.fail_patterns;
    const auto hit = pattern.matcher.found().groups[0];
    // The whole line that the match begins in, as far as it has arrived.
    const auto text = buffer_.view(buffer_.begin(), buffer_.end());
    const auto at = static_cast<std::size_t>(hit.begin - buffer_.begin());
    const auto before = text.find_last_of(kLineEnds, at == 0 ? 0 : at - 1);
    const auto begin = at == 0 || before == std::string_view::npos ? 0 : before + 1;
    const auto end = text.find_first_of(kLineEnds, at);
    const auto line = text.substr(begin, end - begin);
    ShellFailure failure;
    failure.pattern = pattern.pattern->text();
    failure.pattern_is_regex = pattern.pattern->is_regex();
    describe_hit(failure, line);
    const auto event =
        test_.record(report::EventKind::FailPatternTriggered, place(),
                     {failure.pattern, std::int64_t(pattern.pattern->is_regex()), line, std::int64_t(0)});
    if (end == std::string_view::npos && !buffer_.closed())
        open_line_.emplace(OpenLine{failure.pattern, std::string(line), event, test_.loop().now()});
    failure.notes.push_back("the fail pattern was set at " + pattern.set_at);
    describe_output(failure);
    on_fail_pattern(std::move(failure));
}

io::Task<void> Shell::await_line() {
    while (open_line_ && !open_line_->ended && !buffer_.closed() && !test_.interrupted()) {
        const auto now = test_.loop().now();
        const auto give_up = add(open_line_->hit_at, kLinePatience);
        const auto quiet = add(last_output_, kLineQuiet);
        if (now >= give_up || (now >= quiet && !io_->output_waits())) break;
        // What waits is read in the next turn of the loop.
        constexpr Duration kTurn = std::chrono::milliseconds(1);
        wake_at(std::min(give_up, std::max(quiet, add(now, kTurn))));
        co_await changed_.wait();
    }
}

void Shell::close_line() {
    if (!open_line_) return;
    const auto line = *std::exchange(open_line_, std::nullopt);
    ShellFailure failure;
    failure.pattern = line.pattern;
    describe_hit(failure, line.text);
    describe_output(failure);
    test_.amend_event(line.event, kLineField, line.text);
    if (on_fail_line) on_fail_line(failure);
}

io::Task<void> Shell::finish_line() {
    co_await await_line();
    close_line();
}

}  // namespace relux::run
