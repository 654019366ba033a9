// See shell.h: what is sent to a shell, and when (language 6.1).
#include <algorithm>
#include <utility>

#include "vm/base/text.h"
#include "vm/run/shell.h"
#include "vm/run/shell_patience.h"
#include "vm/run/unfinished_line.h"

namespace relux::run {

namespace {

/// POSIX: no terminal has a lower limit on the length of a line, so shorter ones need not ask for it.
constexpr std::size_t kAnyTerminalTakes = 255;
/// How long a relay's far end may take to answer what was sent before.
constexpr Duration kFarEndPatience = std::chrono::milliseconds(300);
/// Where the system does not tell who reads, a terminal that is quiet for so long is taken to be read.
constexpr Duration kQuiet = std::chrono::milliseconds(1);
/// A shell that was found waiting goes on waiting, unless a signal comes.
constexpr Duration kStillWaiting = std::chrono::microseconds(200);
/// What a terminal can hold before whoever prints has to wait.
constexpr match::Position kMostHeldByTerminal = 64 * 1024;
/// Of a text in a message.
constexpr std::size_t kShown = 80;

}  // namespace

void Shell::write(std::string_view bytes, bool newline) {
    if (log_) log_->sent(bytes, test_.elapsed());
    test_.record(report::EventKind::Send, place(), {bytes.substr(0, bytes.size() - (newline ? 1 : 0))});
    remember_line(bytes);
    if (sent_lines_) sent_lines_->add(bytes);
    prompts_.sent(bytes, buffer_);
    known_to_wait_.reset();
    const auto now = test_.loop().now();
    auto& statistics = test_.resources().statistics;
    ++statistics.sends;
    statistics.bytes_sent += bytes.size();
    if (!unanswered_since_) unanswered_since_ = now;
    const Sent sent{now, statement_file_, statement_line_};
    if (sent_.size() < kSendsKept) {
        sent_.push_back(sent);
    } else {
        sent_[next_sent_++ % kSendsKept] = sent;
    }
    set_sender();
    io_->write(bytes);
}

void Shell::remember_line(std::string_view bytes) {
    if (bytes.find_first_of("\r\n") != std::string_view::npos) line_sent_at_ = buffer_.end();
    if (bytes.size() > kOutputTail) bytes = bytes.substr(bytes.size() - kOutputTail);
    if (!line_open_) last_line_.clear();
    line_open_ = !bytes.ends_with('\n');
    if (!line_open_) bytes.remove_suffix(1);
    last_line_ += bytes.substr(bytes.rfind('\n') + 1);
}

Shell::Hold Shell::look_for_reader() {
    switch (io_->reader_state()) {
        case io::ReaderState::Waiting:
            break;
        case io::ReaderState::Busy:
            return Hold::Reader;
        case io::ReaderState::Unknown:
            return Hold::Unknown;
    }
    if (io_->shell_waits()) {
        // Its prompt may stand in what has not been read yet; but a job in the background may print without
        // end.
        const auto most = buffer_.end() + kMostHeldByTerminal;
        while (!prompts_.at_prompt(buffer_) && buffer_.end() < most && io_->take_output()) {
        }
        prompts_.seen_waiting(buffer_.end());
        return Hold::Nothing;
    }
    if (prompts_.at_prompt(buffer_)) prompts_.seen_waiting(buffer_.end());
    if (!io_->is_relayed()) return Hold::Nothing;
    const auto output = buffer_.view(std::max(line_sent_at_, buffer_.begin()), buffer_.end());
    const bool asks = asks_for_input(unfinished_line(output), last_line_, !line_open_);
    return asks ? Hold::Nothing : Hold::FarEnd;
}

bool Shell::is_known_to_wait() const {
    return known_to_wait_ && known_to_wait_->end == buffer_.end() &&
           test_.loop().now() - known_to_wait_->at < kStillWaiting;
}

io::Task<void> Shell::wait_for_reader(std::string_view text, Hold hold) {
    const auto since = test_.loop().now();
    const Duration patience = timeout_.assertion ? timeout_.written : test_.scale(timeout_.written);
    const auto give_up = add(since, patience);
    const WaitGuard waiting(*this, {Wait::Reader, text, since, give_up});
    std::optional<io::Time> far_end_since;
    ReaderPoll poll;
    auto seen = last_output_;
    while (hold != Hold::Nothing) {
        const auto now = test_.loop().now();
        if (hold == Hold::Unknown && now - last_output_ >= kQuiet) break;
        auto until = give_up;
        if (hold == Hold::FarEnd) {
            if (!far_end_since) far_end_since = now;
            until = std::min(until, add(*far_end_since, test_.scale(kFarEndPatience)));
            if (now >= until) break;
        }
        if (now >= give_up) {
            if (hold == Hold::Reader) report_unread(text, now - since);
            break;
        }
        if (seen != last_output_) poll.restart();
        seen = last_output_;
        wake_at(std::min(until, add(now, poll.next())));
        co_await changed_.wait();
        if (activity_.stopped() || exit_status_ || buffer_.closed()) break;
        hold = look_for_reader();
    }
    count_work(report::ShellWork::Sending, since);
}

void Shell::report_unread(std::string_view text, Duration held) {
    std::string message = "shell '" + name_ + "' held `" + visible(text.substr(0, kShown), false) +
                          (text.size() > kShown ? "…`" : "`");
    if (statement_file_ != nullptr) message += " (" + place_text(*statement_file_, statement_line_) + ")";
    test_.warn(message + " for " + format_elapsed(held) + ", then sent it: `" +
               visible(io_->foreground(), false) + "` was running and did not read the terminal");
}

bool Shell::line_fits(std::string_view text, bool newline) {
    std::size_t length = line_length_;
    std::size_t longest = 0;
    for (std::size_t at = 0;;) {
        const auto end = text.find('\n', at);
        length += (end == std::string_view::npos ? text.size() : end) - at;
        longest = std::max(longest, length);
        if (end == std::string_view::npos) break;
        length = 0;
        at = end + 1;
    }
    // The limit counts the newline; a line still without one needs room for it.
    const auto limit = longest < kAnyTerminalTakes ? 0 : io_->line_limit();
    if (limit != 0 && longest + 1 > limit) {
        fail(report::FailureKind::Runtime, "runtime error in shell '" + name_ + "': a line of " +
                                               std::to_string(longest) +
                                               " bytes cannot be sent: the terminal takes " +
                                               std::to_string(limit - 1) + " in canonical mode");
        failure_->notes.push_back(
            "write it to a file in several sends, or give it to a program that reads raw input");
        return false;
    }
    line_length_ = newline ? 0 : length;
    return true;
}

io::Task<bool> Shell::send(std::string_view text, bool newline) {
    if (activity_.stopped()) co_return false;
    if (auto* trace = test_.trace()) trace->begin_send(place(), text);
    if (test_.settings().wait_for_reader && !exit_status_ && !buffer_.closed() && !is_known_to_wait()) {
        if (const Hold hold = look_for_reader(); hold != Hold::Nothing) co_await wait_for_reader(text, hold);
    }
    if (activity_.stopped()) co_return false;
    if (exit_status_ || buffer_.closed()) {
        co_await fail_exited();
        co_return false;
    }
    co_return put(text, newline);
}

io::Task<bool> Shell::send_control(std::string_view bytes) {
    if (activity_.stopped()) co_return false;
    if (auto* trace = test_.trace()) trace->begin_send(place(), bytes);
    if (exit_status_ || buffer_.closed()) {
        co_await fail_exited();
        co_return false;
    }
    // Tells who gets it, for what it may start.
    if (test_.settings().wait_for_reader) look_for_reader();
    // The look reads what has been printed, in which a fail pattern may hit.
    if (activity_.stopped()) co_return false;
    co_return put(bytes, false);
}

bool Shell::put(std::string_view text, bool newline) {
    if (!line_fits(text, newline)) return false;
    if (newline) {
        std::string line;
        line.reserve(text.size() + 1);
        line.append(text).append("\n");
        write(line, true);
    } else {
        write(text);
    }
    test_.progress(".");
    return true;
}

}  // namespace relux::run
