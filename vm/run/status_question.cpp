#include "vm/run/status_question.h"

#include <algorithm>
#include <array>

#include "vm/io/terminal_job.h"
#include "vm/run/last_command.h"
#include "vm/run/shell_patience.h"
#include "vm/run/shell_state.h"

namespace relux::run {

namespace {

bool is_known_shell(std::string_view program) {
    constexpr std::array<std::string_view, 5> kShells = {"sh", "dash", "bash", "zsh", "busybox"};
    return std::find(kShells.begin(), kShells.end(), program) != kShells.end();
}

constexpr std::string_view kDigits = "0123456789";
/// busybox asks its terminal where the cursor is, and waits 20 ms for the answer before it runs a command.
constexpr std::string_view kWhereIsCursor = "\x1b[6n";
constexpr std::string_view kCursorPlace = "\x1b[1;1R";

}  // namespace

bool StatusQuestion::may_be_asked(const ShellParts& shell, const ShellReader& reader) {
    if (!shell.test.settings().wait_for_reader || !reader.last_command().is_unasked() || !is_idle(shell))
        return false;
    const auto job = shell.process.io().terminal_job();
    return job.is_shell && is_known_shell(job.program);
}

void StatusQuestion::ask() {
    until_ = add(shell_.wait.now(), shell_.test.scale(kPatience));
    const auto& buffer = shell_.output.buffer();
    const auto shown = buffer.view(buffer.begin(), buffer.end());
    std::string line(shown.ends_with(kWhereIsCursor) ? kCursorPlace : std::string_view());
    line += LastCommand::kQuestion;
    line += '\n';
    shell_.process.io().write(line);
}

// Digits between the colons: the echo of the question has `$?` there.
void StatusQuestion::find_status() {
    for (auto at = answer_.find("::"); at != std::string::npos; at = answer_.find("::", at + 1)) {
        const auto end = std::min(answer_.find_first_not_of(kDigits, at + 2), answer_.size());
        if (end == at + 2 || answer_.compare(end, 2, "::") != 0) continue;
        // Behind it comes the prompt, which belongs to the answer.
        if (answer_.find(shell_.output.prompts().prompt(), end) == std::string::npos) return;
        status_ = answer_.substr(at + 2, end - at - 2);
        return;
    }
}

std::optional<io::Time> StatusQuestion::look() {
    find_status();
    if (status_ || shell_.is_gone() || shell_.wait.now() >= until_ || shell_.test.latch().interrupted())
        return std::nullopt;
    return until_;
}

}  // namespace relux::run
