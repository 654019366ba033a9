#include "vm/run/shell_input.h"

#include <algorithm>
#include <optional>

#include "vm/base/text.h"
#include "vm/run/shell_patience.h"

namespace relux::run {

using Hold = ShellReader::Hold;

namespace {

/// POSIX: no terminal has a lower limit on the length of a line, so shorter ones need not ask for it.
constexpr std::size_t kAnyTerminalTakes = 255;
/// How long a relay's far end may take to answer what was sent before.
constexpr Duration kFarEndPatience = std::chrono::milliseconds(300);
/// Where the system does not tell who reads, a terminal that is quiet for so long is taken to be read.
constexpr Duration kQuiet = std::chrono::milliseconds(1);
/// A text in a message is cut to so many bytes.
constexpr std::size_t kShown = 80;

/// Somebody who reads what is to be sent.
class ReaderWait final : public Awaited {
  public:
    ReaderWait(ShellParts& shell, ShellReader& reader, std::string_view text, Hold hold)
        : shell_(shell),
          reader_(reader),
          text_(text),
          since_(shell.wait.now()),
          give_up_(add(since_, shell.timeouts.effective(shell.timeouts.in_force().timeout))),
          seen_(shell.output.last_arrival()),
          hold_(hold) {}

    io::Time since() const { return since_; }
    io::Time give_up() const { return give_up_; }

    std::optional<io::Time> look() override {
        if (looked_) {
            if (shell_.wait.stopped() || shell_.is_gone()) return std::nullopt;
            hold_ = reader_.look();
        }
        looked_ = true;
        const auto now = shell_.wait.now();
        const auto until = patience(now);
        if (now >= until) {
            if (hold_ == Hold::Reader) report_unread(now - since_);
            return std::nullopt;
        }
        const auto last_arrival = shell_.output.last_arrival();
        if (seen_ != last_arrival) poll_.restart();
        seen_ = last_arrival;
        return std::min(until, add(now, poll_.next()));
    }

  private:
    /// Until when what holds is waited for.
    io::Time patience(io::Time now) {
        switch (hold_) {
            case Hold::Nothing:
                return now;
            case Hold::Reader:
                break;
            case Hold::FarEnd:
                if (!far_end_since_) far_end_since_ = now;
                return std::min(give_up_, add(*far_end_since_, shell_.test.scale(kFarEndPatience)));
            case Hold::Unknown:
                if (now - shell_.output.last_arrival() >= kQuiet) return now;
                break;
        }
        return give_up_;
    }

    void report_unread(Duration held) const {
        auto& journal = shell_.journal;
        std::string message = "shell '" + journal.name() + "' held `" +
                              visible(text_.substr(0, kShown), false) + (text_.size() > kShown ? "…`" : "`");
        if (const auto& statement = journal.statement(); statement.file != nullptr)
            message += " (" + place_text(*statement.file, statement.line) + ")";
        journal.warn(message + " for " + format_elapsed(held) + ", then sent it: `" +
                     visible(shell_.process.io().foreground(), false) +
                     "` was running and did not read the terminal");
    }

    ShellParts& shell_;
    ShellReader& reader_;
    std::string_view text_;
    io::Time since_;
    io::Time give_up_;
    io::Time seen_;
    std::optional<io::Time> far_end_since_;
    ReaderPoll poll_;
    Hold hold_;
    bool looked_ = false;
};

/// Bytes of the lines in `text`, of which the first goes on from `begun` bytes.
struct LineLengths {
    std::size_t longest = 0;
    std::size_t last = 0;
};

LineLengths line_lengths(std::string_view text, std::size_t begun) {
    LineLengths lengths{0, begun};
    for (std::size_t at = 0;;) {
        const auto end = text.find('\n', at);
        lengths.last += std::min(end, text.size()) - at;
        lengths.longest = std::max(lengths.longest, lengths.last);
        if (end == std::string_view::npos) return lengths;
        lengths.last = 0;
        at = end + 1;
    }
}

}  // namespace

void ShellInput::note_lines(const std::vector<std::string>& environment) {
    auto& test = shell_.test;
    sent_lines_ = std::make_unique<SentLines>(environment, test.secrets(), test.sent_names());
}

io::Task<bool> ShellInput::send(std::string_view text, bool newline) {
    if (shell_.wait.stopped()) co_return false;
    shell_.journal.begin_send(text);
    if (shell_.test.settings().wait_for_reader && !shell_.is_gone() && !reader_.is_known_to_wait()) {
        if (const Hold hold = reader_.look(); hold != Hold::Nothing) co_await wait_for_reader(text, hold);
    }
    if (shell_.wait.stopped()) co_return false;
    if (shell_.is_gone()) {
        co_await shell_.fail_exited();
        co_return false;
    }
    co_return put(text, newline);
}

io::Task<bool> ShellInput::send_control(std::string_view bytes) {
    if (shell_.wait.stopped()) co_return false;
    shell_.journal.begin_send(bytes);
    if (shell_.is_gone()) {
        co_await shell_.fail_exited();
        co_return false;
    }
    // Tells who gets it, for what it may start.
    if (shell_.test.settings().wait_for_reader) reader_.look();
    // The look reads what has been printed, in which a fail pattern may hit.
    if (shell_.wait.stopped()) co_return false;
    co_return put(bytes, false);
}

io::Task<void> ShellInput::wait_for_reader(std::string_view text, Hold hold) {
    ReaderWait wait(shell_, reader_, text, hold);
    const ShellWaiting told{ShellWaiting::Kind::Reader, text, wait.since(), wait.give_up()};
    const ShellJournal::WaitNote note(shell_.journal, told);
    co_await shell_.wait.until_over(wait);
    shell_.journal.count_work(report::ShellWork::Sending, wait.since());
}

bool ShellInput::put(std::string_view text, bool newline) {
    if (!line_fits(text, newline)) return false;
    if (newline) {
        std::string line;
        line.reserve(text.size() + 1);
        line.append(text).append("\n");
        write(line, true);
    } else {
        write(text);
    }
    shell_.journal.progress(".");
    return true;
}

bool ShellInput::line_fits(std::string_view text, bool newline) {
    const auto lengths = line_lengths(text, line_length_);
    // The limit counts the newline; a line still without one needs room for it.
    const auto limit = lengths.longest < kAnyTerminalTakes ? 0 : shell_.process.io().line_limit();
    if (limit != 0 && lengths.longest + 1 > limit) {
        auto& failure = shell_.failure.set_runtime("a line of " + std::to_string(lengths.longest) +
                                                   " bytes cannot be sent: the terminal takes " +
                                                   std::to_string(limit - 1) + " in canonical mode");
        failure.notes.push_back(
            "write it to a file in several sends, or give it to a program that reads raw input");
        return false;
    }
    line_length_ = newline ? 0 : lengths.last;
    return true;
}

void ShellInput::write(std::string_view bytes, bool newline) {
    const auto now = shell_.wait.now();
    auto& io = shell_.process.io();
    const auto& statement = shell_.journal.statement();
    senders_.sent_at(statement, now);
    if (statement.file != nullptr) io.set_statement(senders_.sends(statement, io.reader_waits()));
    io.write(bytes);
    // The shell works on it while the rest is written down.
    shell_.journal.sent(bytes, newline, now);
    reader_.sent(bytes);
    if (sent_lines_) sent_lines_->add(bytes);
}

void ShellInput::end() {
    if (sent_lines_) sent_lines_->finish();
}

}  // namespace relux::run
