#include "vm/run/last_command.h"

#include <algorithm>

#include "vm/base/shortened_text.h"
#include "vm/base/text.h"
#include "vm/run/shell_patience.h"
#include "vm/run/unfinished_line.h"

namespace relux::run {

namespace {

/// Of a command so much is remembered, and shown.
constexpr std::size_t kRemembered = 4096;
constexpr std::size_t kShown = 80;
constexpr int kLinesShown = 10;

bool is_blank(std::string_view bytes) {
    return bytes.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Takes from the front of `output` the echo of the lines of `command`, as far as it is there.
void remove_echo(std::string_view& output, std::string_view command) {
    while (true) {
        const auto line = command.substr(0, command.find('\n'));
        const auto end = output.find('\n');
        if (end == std::string_view::npos) return;
        auto echo = output.substr(0, end);
        while (echo.ends_with('\r'))
            echo.remove_suffix(1);
        if (!unfinished_line(echo).ends_with(line)) return;
        output.remove_prefix(end + 1);
        if (line.size() == command.size()) return;
        command.remove_prefix(line.size() + 1);
    }
}

/// Takes the prompt from the end, with what a shell writes in front of it that nobody sees.
void remove_prompt(std::string_view& output, std::string_view prompt) {
    const auto at = output.rfind(prompt);
    if (at == std::string_view::npos || !unfinished_line(output.substr(at + prompt.size())).empty()) return;
    output = output.substr(0, at);
    if (unfinished_line(output).empty()) output = output.substr(0, output.rfind('\n') + 1);
}

std::string_view last_lines(std::string_view text) {
    auto begin = text.size();
    for (int lines = 0; lines < kLinesShown && begin > 0; ++lines) {
        const auto newline = begin < 2 ? std::string_view::npos : text.rfind('\n', begin - 2);
        begin = newline == std::string_view::npos ? 0 : newline + 1;
    }
    const auto lines = text.substr(begin);
    return lines.substr(lines.size() - std::min(lines.size(), kOutputTail));
}

}  // namespace

bool LastCommand::is_question(std::string_view bytes) const {
    return !open_ && bytes.ends_with('\n') && bytes.substr(0, bytes.size() - 1) == kQuestion;
}

void LastCommand::sent(std::string_view bytes, bool at_prompt, match::Position output_end) {
    if (at_prompt) open_ = false;
    if (is_question(bytes)) {
        // A second question is about the first.
        if (at_prompt && asked_at_) {
            text_ = kQuestion;
            begin_ = *asked_at_;
        }
        asked_at_ = at_prompt ? std::optional(output_end) : std::nullopt;
        return;
    }
    if (at_prompt) {
        // An empty line leaves the exit code as it is.
        if (is_blank(bytes)) return;
        text_.clear();
        begin_ = output_end;
        asked_at_.reset();
        known_ = true;
    } else if (!open_) {
        return;
    }
    open_ = !bytes.ends_with('\n');
    if (!open_) bytes.remove_suffix(1);
    text_ += bytes.substr(0, kRemembered - std::min(kRemembered, text_.size()));
}

// Masked first: a part of a secret would be found by nobody.
std::string LastCommand::shown(const report::SecretSearch& secrets) const {
    return "`" + shortened_text(visible(secrets.mask(text_), false), kShown) + "`";
}

std::string LastCommand::asked_about(const report::SecretSearch& secrets) const {
    return known_ && asked_at_ ? shown(secrets) : "the last command";
}

void LastCommand::describe_output(report::Failure& failure, const match::OutputBuffer& buffer,
                                  std::string_view prompt, const report::SecretSearch& secrets) const {
    if (!known_ || !asked_at_ || *asked_at_ < buffer.begin()) return;
    const auto begin = std::max(begin_, buffer.begin());
    auto output = buffer.view(begin, *asked_at_);
    if (begin == begin_) remove_echo(output, text_);
    remove_prompt(output, prompt);
    const auto shown_part = last_lines(output);
    if (shown_part.empty() && begin != begin_) return;
    failure.output_of = shown(secrets);
    failure.output_head.clear();
    failure.output_tail = shown_part;
    failure.output_omitted = output.size() - shown_part.size() + (begin - begin_);
}

}  // namespace relux::run
