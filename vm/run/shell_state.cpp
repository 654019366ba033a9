#include "vm/run/shell_state.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "vm/base/shortened_text.h"
#include "vm/base/text.h"
#include "vm/io/terminal_job.h"
#include "vm/run/machine_load.h"
#include "vm/run/unfinished_line.h"

namespace relux::run {

namespace {

using io::TerminalJob;

constexpr std::size_t kLongestCommand = 80;
constexpr std::size_t kLongestLine = 40;
/// Output counts as still arriving if the last of it came in the last part of the wait, and lately.
constexpr int kLastPart = 8;
constexpr Duration kLately = std::chrono::milliseconds(500);
/// Enough of the output to find its last line.
constexpr match::Position kTail = 4096;

/// `1.9s`, `2m05s`.
std::string seconds(Duration duration) {
    std::array<char, 48> text{};
    const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
    if (tenths < 600) {
        std::snprintf(text.data(), text.size(), "%lld.%llds", static_cast<long long>(tenths / 10),
                      static_cast<long long>(tenths % 10));
    } else {
        const auto whole = static_cast<long long>(tenths / 10);
        std::snprintf(text.data(), text.size(), "%lldm%02llds", whole / 60, whole % 60);
    }
    return text.data();
}

bool is_pager(std::string_view program) {
    constexpr std::array<std::string_view, 4> kPagers = {"less", "more", "most", "pg"};
    return std::find(kPagers.begin(), kPagers.end(), program) != kPagers.end();
}

/// A line by which a pager asks for a key: `(END)`, `:`, `--More--(50%)`, `notes.txt (press RETURN)`.
bool is_pager_line(std::string_view line) {
    while (line.ends_with(' '))
        line.remove_suffix(1);
    return line.ends_with("(END)") || line.ends_with(':') ||
           line.find("--More--") != std::string_view::npos || line.ends_with("press RETURN)") ||
           line.ends_with('%');
}

class StateOfShell {
  public:
    StateOfShell(const ShellParts& shell, const ShellReader& reader, io::Time since)
        : shell_(shell),
          reader_(reader),
          now_(shell.test.loop().now()),
          since_(since),
          io_(shell.process.io()),
          reading_(io_.reader_state()),
          job_(io_.terminal_job()) {}

    std::string describe() const {
        if (reading_ == io::ReaderState::Waiting && shows_prompt())
            return std::string(kAtPrompt) + seconds(quiet());
        if (reading_ != io::ReaderState::Waiting) return running();
        return io_.shell_waits() ? shell_asks() : program_asks();
    }

  private:
    Duration quiet() const { return now_ - shell_.output.last_arrival(); }
    bool shows_prompt() const { return shell_.output.prompts().shows_prompt(shell_.output.buffer()); }
    std::string_view tail() const {
        const auto& buffer = shell_.output.buffer();
        return buffer.view(buffer.end() - std::min(kTail, buffer.end() - buffer.begin()), buffer.end());
    }
    bool is_arriving() const { return quiet() <= kLately && quiet() * kLastPart <= now_ - since_; }
    // Masked first: a part of a secret would be found by nobody.
    std::string command() const {
        const auto masked = shell_.test.secrets().search().mask(job_.command_line);
        return "`" + shortened_text(visible(masked, false), kLongestCommand) + "`";
    }
    std::string with_pid() const { return " (pid " + std::to_string(job_.pid) + ")"; }

    /// The shell itself reads, but its prompt is not the last thing that stands there.
    std::string shell_asks() const {
        if (reader_.line_is_open()) {
            const auto typed = shell_.test.secrets().search().mask(reader_.last_line());
            return "waiting for the rest of the line `" +
                   shortened_text(visible(typed, false), kLongestCommand) + "`, which has no Enter";
        }
        if (job_.echo_is_off) return "waiting for input with echo off";
        const auto& buffer = shell_.output.buffer();
        const auto sent_at = std::max(reader_.line_sent_at(), buffer.begin());
        const auto since_line = buffer.view(std::min(sent_at, buffer.end()), buffer.end());
        if (since_line.find(shell_.output.prompts().prompt()) != std::string_view::npos)
            return "at the prompt, behind which other output has come";
        return "waiting for input, but not at its prompt: the command is not complete (an open quote or "
               "block), or reads a line itself";
    }

    std::string program_asks() const {
        const auto line = unfinished_line(tail());
        if (is_pager(job_.program) && is_pager_line(line)) {
            const bool at_end = line.find("(END)") != std::string::npos;
            const auto masked = shell_.test.secrets().search().mask(at_end ? "(END)" : line);
            return "pager: " + shortened_text(visible(masked, false), kLongestLine) + ", " + command() +
                   with_pid() + " waits for a key";
        }
        if (job_.echo_is_off) return "waiting for input with echo off: " + command() + with_pid();
        return command() + " is running" + with_pid() + ", waiting for input, no output for " +
               seconds(quiet());
    }

    std::string running() const {
        std::string who = job_.pid == 0 ? "" : command() + " is running" + with_pid();
        if (job_.is_shell) who = "the shell itself is running a command";
        switch (job_.state) {
            case TerminalJob::State::Running:
                who += ", busy";
                break;
            case TerminalJob::State::Asleep:
                who += ", asleep";
                break;
            case TerminalJob::State::Stopped:
                who += ", stopped";
                break;
            case TerminalJob::State::Unknown:
                break;
        }
        if (is_arriving()) {
            return "output is still arriving, the last " + seconds(quiet()) + " ago" +
                   (who.empty() ? "" : "; " + who);
        }
        return who.empty() ? who : who + ", no output for " + seconds(quiet());
    }

    const ShellParts& shell_;
    const ShellReader& reader_;
    const io::Time now_;
    const io::Time since_;
    io::ShellIo& io_;
    const io::ReaderState reading_;
    const TerminalJob job_;
};

}  // namespace

std::string describe_state(const ShellParts& shell, const ShellReader& reader, io::Time since) {
    if (!shell.process.is_open() || shell.is_gone()) return {};
    return StateOfShell(shell, reader, since).describe();
}

namespace {

std::string counted(std::uint64_t count, std::string_view what, std::string_view several) {
    return std::to_string(count) + " " + std::string(count == 1 ? what : several);
}

}  // namespace

std::string describe_load(const SharedResources& run) {
    const auto others = static_cast<std::uint64_t>(std::max(0, run.tests_running.load() - 1));
    std::string text;
    if (const auto ready = ready_processes()) {
        text = counted(*ready, "process", "processes") + " ready to run on " +
               counted(static_cast<std::uint64_t>(usable_processors()), "processor", "processors") + ", ";
    }
    return text + counted(others, "other test", "other tests") + " running";
}

bool is_idle(const ShellParts& shell) {
    if (!shell.process.is_open() || shell.is_gone()) return false;
    auto& io = shell.process.io();
    return io.reader_state() == io::ReaderState::Waiting && io.shell_waits() && !io.output_waits() &&
           io.unwritten() == 0 && shell.output.prompts().shows_prompt(shell.output.buffer());
}

}  // namespace relux::run
