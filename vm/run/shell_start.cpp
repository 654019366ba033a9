#include "vm/run/shell_start.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "vm/base/text.h"
#include "vm/run/shell_expectation.h"
#include "vm/run/shell_patience.h"

namespace relux::run {

namespace {

/// How often a shell that can't be opened is tried again, and how many times when no other test has one that
/// it could give back: what others have just let go of may be there a moment later.
constexpr Duration kRoomPoll = std::chrono::milliseconds(10);
constexpr int kLooksForRoom = 20;
/// Start-up files may set a prompt of their own; after this long without ours it is set by typing.
constexpr Duration kPromptPatience = std::chrono::milliseconds(250);

/// As long as it is there, its test waits for a shell.
class OpenWait {
  public:
    OpenWait(ShellPool& pool, const void* test, const std::string& why) : pool_(pool), test_(test) {
        pool_.begin_wait(test_, why);
    }
    OpenWait(const OpenWait&) = delete;
    OpenWait& operator=(const OpenWait&) = delete;
    ~OpenWait() { pool_.end_wait(test_); }

  private:
    ShellPool& pool_;
    const void* test_;
};

/// There are too many of something at this moment, and there may be fewer later.
bool is_shortage(int code) {
    return code == EMFILE || code == ENFILE || code == ENOSPC || code == EAGAIN || code == ENOMEM;
}

/// A process of the shell, once there is room for it.
class Opening final : public Awaited {
  public:
    Opening(ShellParts& shell, const io::ShellOptions& options, io::ShellListener& listener)
        : shell_(shell), options_(options), listener_(listener) {}

    std::optional<io::Time> look() override {
        auto& test = shell_.test;
        if (shell_.wait.stopped()) return std::nullopt;
        auto opened = test.loop().open_shell(options_, listener_);
        if (opened) {
            test.resources().shared.pool.opened(&test);
            shell_.process.opened(std::move(*opened));
            return std::nullopt;
        }
        if (is_shortage(opened.error().code)) return wait_for_room(opened.error());
        shell_.failure.set_runtime(opened.error().message);
        return std::nullopt;
    }

  private:
    std::optional<io::Time> wait_for_room(const Error& error) {
        auto& test = shell_.test;
        auto& pool = test.resources().shared.pool;
        const auto why =
            error.message + (error.code == EMFILE ? "; descriptors are too few (ulimit -n)" : "");
        if (!waiting_) waiting_.emplace(pool, &test, why + "; fewer tests run at once from here on");
        // As long as another test has a shell to give back, there is hope.
        looks_ = pool.somebody_will_release() ? 0 : looks_ + 1;
        if (looks_ <= kLooksForRoom) return add(shell_.wait.now(), kRoomPoll);
        const auto never = pool.refusal(test.shell_need.least);
        auto& failure = shell_.failure.set_runtime(why + (never ? "; " + *never : std::string()));
        failure.notes.push_back("the test can have " + std::to_string(test.shell_need.most) +
                                " shells open at once, and no other test had one to give back; `relux "
                                "doctor` tells the limits");
        return std::nullopt;
    }

    ShellParts& shell_;
    const io::ShellOptions& options_;
    io::ShellListener& listener_;
    std::optional<OpenWait> waiting_;
    int looks_ = 0;
};

/// A line that sets the prompt without containing it, so that its echo is not taken for it.
std::string prompt_command(std::string_view prompt) {
    std::string line = "PS2='' PROMPT_COMMAND='' PS1=";
    for (const char c : prompt) {
        if (c == '\'') {
            line += "\\'";
        } else {
            line.append("'").append(1, c).append("'");
        }
    }
    return line;
}

/// The text of the prompt. Nothing that comes before it is anybody's yet.
class FirstPrompt final : public Expectation {
  public:
    FirstPrompt(ShellParts& shell, std::span<Expected> expected, const Deadline& deadline, ShellInput& input)
        : Expectation(shell, expected, deadline),
          input_(input),
          type_it_at_(add(deadline.start, kPromptPatience)) {}

  protected:
    io::Time look_again(io::Time now) override {
        if (type_it_at_ == kNever) return kNever;
        const auto& output = shell_.output;
        const auto unread = output.buffer().unread();
        if (now >= type_it_at_ && now - output.last_arrival() >= kPromptPatience && !unread.empty() &&
            unread.back() != '\n') {
            input_.write(prompt_command(output.prompts().prompt()) + "\n");
            type_it_at_ = kNever;
            return kNever;
        }
        return std::max(type_it_at_, now + kPromptPatience);
    }
    match::Position needs_from() const override { return shell_.output.cursor(); }

  private:
    ShellInput& input_;
    io::Time type_it_at_;
};

}  // namespace

io::Task<bool> ShellStart::run(std::vector<std::string> environment) {
    auto& journal = shell_.journal;
    const auto& settings = shell_.test.settings();
    const auto since = shell_.wait.now();
    journal.record(events::ShellSpawn{.name = journal.name(), .command = settings.shell.command[0]});
    journal.progress("|");
    journal.open_log();
    if (settings.notes_sends) input_.note_lines(environment);
    bool good = co_await open(std::move(environment));
    if (good) good = co_await find_prompt();
    journal.count_work(report::ShellWork::Starting, since);
    if (good) journal.record(events::ShellReady{.name = journal.name()});
    co_return good;
}

io::Task<bool> ShellStart::open(std::vector<std::string> environment) {
    const auto options = shell_.test.shells().options(shell_.journal.log_name(), std::move(environment));
    std::string printed;
    if (auto early = shell_.test.shells().take_early(options, listener_, printed)) {
        shell_.process.opened(std::move(early));
        if (!printed.empty()) listener_.on_output(printed);
        co_return true;
    }
    Opening opening(shell_, options, listener_);
    co_await shell_.wait.until_over(opening);
    co_return shell_.process.is_open();
}

io::Task<bool> ShellStart::find_prompt() {
    const Timeout from_configuration;
    const Deadline deadline = shell_.timeouts.deadline_for(from_configuration, shell_.journal.place());
    const auto& prompt = shell_.output.prompts().prompt();
    Expected expected(match::Pattern::literal(prompt), shell_.output.cursor());
    FirstPrompt found(shell_, {&expected, 1}, deadline, input_);
    const ShellWaiting told{ShellWaiting::Kind::Prompt, prompt, deadline.start, deadline.at};
    const ShellJournal::WaitNote note(shell_.journal, told);
    co_await shell_.wait.until_over(found);
    switch (found.end()) {
        case Expectation::End::Matched:
            shell_.output.consume_first_prompt(expected.found().end);
            co_return true;
        case Expectation::End::Exited:
            co_await shell_.fail_exited();
            shell_.failure->summary += " before its prompt appeared";
            break;
        case Expectation::End::TimedOut:
            fail_without_prompt(deadline);
            break;
        case Expectation::End::TooComplex:  // which no text is
        case Expectation::End::Stopped:
            break;
    }
    co_return false;
}

void ShellStart::fail_without_prompt(const Deadline& deadline) {
    auto& failure = shell_.failure.set_runtime(
        "no prompt `" + visible(shell_.output.prompts().prompt(), false) + "` appeared");
    failure.timeout = shell_.timeouts.applied(deadline);
    failure.notes.push_back("the shell must print the prompt of [shell] prompt; it is given in PS1");
}

}  // namespace relux::run
