#include "vm/run/shell_hit_line.h"

#include <algorithm>
#include <utility>

#include "vm/base/text.h"
#include "vm/bytecode/quoted.h"
#include "vm/run/shell_patience.h"

namespace relux::run {

namespace {

/// A line that has not gone on for this long is taken as it is.
constexpr Duration kLineQuiet = std::chrono::milliseconds(100);
/// From the hit, however much comes.
constexpr Duration kLinePatience = std::chrono::milliseconds(500);
constexpr std::size_t kLongestRest = 64 * 1024;

}  // namespace

report::Failure HitLine::failure(std::string_view pattern, std::string_view line) const {
    report::Failure failure;
    failure.pattern = pattern;
    failure.kind = report::FailureKind::FailPattern;
    failure.summary = "fail pattern matched in shell '" + journal_.name() + "': `" +
                      visible(failure.pattern, false) + "` matched in the line `" + visible(line, false) +
                      "`";
    failure.message = "fail pattern matched in shell '" + journal_.name() + "': pattern " +
                      visible(failure.pattern, false) + " triggered, matched: " + bytecode::quoted_text(line);
    return failure;
}

void HitLine::begin(std::string_view pattern, std::string_view line, std::uint32_t event) {
    open_.emplace(Open{std::string(pattern), std::string(line), event, wait_.now()});
}

void HitLine::add(std::string_view bytes) {
    if (!open_ || open_->ended) return;
    const auto end = bytes.find_first_of(kLineEnds);
    auto rest = bytes.substr(0, end);
    rest = rest.substr(0, kLongestRest - open_->read_on);
    open_->read_on += rest.size();
    open_->ended = end != std::string_view::npos || open_->read_on == kLongestRest;
    open_->text += rest;
}

std::optional<io::Time> HitLine::look() {
    if (!open_ || open_->ended || output_.buffer().closed() || test_.latch().interrupted())
        return std::nullopt;
    const auto now = wait_.now();
    const auto give_up = run::add(open_->hit_at, kLinePatience);
    const auto quiet = run::add(output_.last_arrival(), kLineQuiet);
    if (now >= give_up || (now >= quiet && !output_.waits_to_be_read())) return std::nullopt;
    return std::min(give_up, std::max(quiet, run::add(now, kTurn)));
}

void HitLine::close(const std::function<void(const report::Failure&)>& on_line) {
    if (!open_) return;
    const auto line = *std::exchange(open_, std::nullopt);
    auto known = failure(line.pattern, line.text);
    output_.describe(known);
    test_.recorder().amend(line.event, events::FailPatternTriggeredFields::matched_line, line.text);
    if (on_line) on_line(known);
}

}  // namespace relux::run
