#include "vm/run/shell_reader.h"

#include <algorithm>

#include "vm/run/shell_patience.h"
#include "vm/run/unfinished_line.h"

namespace relux::run {

namespace {

/// A shell that was found waiting goes on waiting, unless a signal comes.
constexpr Duration kStillWaiting = std::chrono::microseconds(200);
/// A terminal can hold this much before whoever prints has to wait.
constexpr match::Position kMostHeldByTerminal = 64 * 1024;

}  // namespace

ShellReader::Hold ShellReader::look() {
    auto& io = shell_.process.io();
    switch (io.reader_state()) {
        case io::ReaderState::Waiting:
            break;
        case io::ReaderState::Busy:
            return Hold::Reader;
        case io::ReaderState::Unknown:
            return Hold::Unknown;
    }
    const auto& buffer = shell_.output.buffer();
    auto& prompts = shell_.output.prompts();
    if (io.shell_waits()) {
        // Its prompt may stand in what has not been read yet; but a job in the background may print without
        // end.
        const auto most = buffer.end() + kMostHeldByTerminal;
        while (!prompts.at_prompt(buffer) && buffer.end() < most && io.take_output()) {
        }
        prompts.seen_waiting(buffer.end());
        return Hold::Nothing;
    }
    if (prompts.at_prompt(buffer)) prompts.seen_waiting(buffer.end());
    if (!io.is_relayed()) return Hold::Nothing;
    const auto output = buffer.view(std::max(line_sent_at_, buffer.begin()), buffer.end());
    const bool asks = asks_for_input(unfinished_line(output), last_line_, !line_open_);
    return asks ? Hold::Nothing : Hold::FarEnd;
}

bool ShellReader::is_known_to_wait() const {
    return known_to_wait_ && known_to_wait_->end == shell_.output.buffer().end() &&
           shell_.wait.now() - known_to_wait_->at < kStillWaiting;
}

ShellReader::AtPrompt ShellReader::look_for_prompt() {
    if (!shell_.test.settings().wait_for_reader) return AtPrompt::Unknown;
    if (shell_.process.exit_status()) return AtPrompt::NotYet;
    auto& io = shell_.process.io();
    const auto state = io.reader_state();
    if (state == io::ReaderState::Unknown) return AtPrompt::Unknown;
    // Output that waits is read in the next turn of the loop.
    if (state == io::ReaderState::Busy || io.output_waits()) return AtPrompt::NotYet;
    const auto& buffer = shell_.output.buffer();
    auto& prompts = shell_.output.prompts();
    // A program that reads behind the prompt is a shell too, started by hand or by a wrapper, or a relay to
    // one.
    if (!io.shell_waits() && !prompts.at_prompt(buffer)) return AtPrompt::NotYet;
    prompts.seen_waiting(buffer.end());
    if (io.shell_waits()) known_to_wait_ = {buffer.end(), shell_.wait.now()};
    return AtPrompt::Yes;
}

void ShellReader::sent(std::string_view bytes) {
    const auto& buffer = shell_.output.buffer();
    auto& prompts = shell_.output.prompts();
    remember_line(bytes);
    last_command_.sent(bytes, prompts.shows_prompt(buffer), buffer.end());
    prompts.sent(bytes, buffer);
    known_to_wait_.reset();
}

void ShellReader::remember_line(std::string_view bytes) {
    // find_first_of() calls a function for each byte.
    const bool ends_line =
        bytes.find('\n') != std::string_view::npos || bytes.find('\r') != std::string_view::npos;
    if (ends_line) line_sent_at_ = shell_.output.buffer().end();
    if (bytes.size() > kOutputTail) bytes = bytes.substr(bytes.size() - kOutputTail);
    if (!line_open_) last_line_.clear();
    line_open_ = !bytes.ends_with('\n');
    if (!line_open_) bytes.remove_suffix(1);
    last_line_ += bytes.substr(bytes.rfind('\n') + 1);
}

}  // namespace relux::run
