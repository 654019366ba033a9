#include "vm/run/shell_senders.h"

#include "vm/run/shell_patience.h"

namespace relux::run {

namespace {

/// So many sends are remembered.
constexpr std::size_t kSendsKept = 256;
/// So many statements, and ranges of them, have a number.
constexpr std::size_t kRangesKept = 1000;

std::string range_text(const StatementLine& first, const StatementLine& last, const char* one) {
    const auto last_text = place_text(*last.file, last.line);
    if (first == last) return one + last_text;
    const auto first_text = place_text(*first.file, first.line);
    if (first_text == last_text) return one + last_text;
    return ", started between " + first_text + " and " + last_text;
}

}  // namespace

void ShellSenders::sent_at(const StatementLine& statement, io::Time now) {
    const Sent sent{now, statement};
    if (sent_.size() < kSendsKept) {
        sent_.push_back(sent);
    } else {
        sent_[next_sent_++ % kSendsKept] = sent;
    }
}

std::uint32_t ShellSenders::sends(const StatementLine& statement, bool reader_waits) {
    Range range{statement, statement};
    // The command of the statement before may be going on.
    if (!reader_waits && last_ != 0) range.first = ranges_[last_ - 1].first;
    last_ = number_of(range);
    return last_;
}

std::uint32_t ShellSenders::number_of(const Range& range) {
    // Most often the same as before, or the one after that.
    const auto size = static_cast<std::uint32_t>(ranges_.size());
    for (const std::uint32_t number : {last_, last_ + 1}) {
        if (number >= 1 && number <= size && ranges_[number - 1] == range) return number;
    }
    if (size == kRangesKept) {
        const auto known = numbers_.find(range);
        return known == numbers_.end() ? 0 : known->second;
    }
    const auto [known, is_new] = numbers_.try_emplace(range, size + 1);
    if (is_new) ranges_.push_back(range);
    return known->second;
}

std::string ShellSenders::sender_of(const io::LeftProcess& left, io::Time now) const {
    if (left.statement == 0 || left.statement > ranges_.size()) return senders_before(now - left.age);
    const Range& range = ranges_[left.statement - 1];
    return range_text(range.first, range.last, ", started by the statement at ");
}

std::string ShellSenders::senders_before(io::Time started) const {
    constexpr Duration kTick = std::chrono::milliseconds(10);
    const Sent* first = nullptr;
    const Sent* last = nullptr;
    for (const auto& sent : sent_) {
        if (sent.statement.file == nullptr || sent.at > started) continue;
        if (last == nullptr || sent.at >= last->at) last = &sent;
        if (sent.at <= started - kTick && (first == nullptr || sent.at >= first->at)) first = &sent;
    }
    if (last == nullptr) return {};
    if (first == nullptr) first = last;
    return range_text(first->statement, last->statement, ", started while the statement was the last at ");
}

}  // namespace relux::run
