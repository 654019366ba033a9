// A loop on virtual time with scripted shells: exact times, no processes, no sleeping. Time stands still
// while callbacks run and jumps to the next event or timer when nothing else is ready, so a run is the same
// every time.
//
//     FakeLoop loop;
//     ShellScript script;
//     script.prompt("relux> ").on_send("echo hello", 2ms, "hello\r\n").exit_on_send("exit", 0ms, {false, 3});
//     loop.set_script(script);
//     ... run_suite(loop, ...) ...
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/io/loop.h"
#include "vm/io/timer_queue.h"

namespace relux::io {

/// How a scripted shell behaves. It takes one command at a time, as a real one does: a line that is sent
/// while a command runs is echoed at once and executed after it. The control bytes 3, 4, 12, 26 and 28 are
/// commands by themselves, echoed as `^C` and so on. Of several rules that match a command the first one
/// counts; a command without a rule prints nothing and is over at once.
class ShellScript {
  public:
    using Answer = std::function<std::string(std::string_view command)>;

    /// Printed at the start and after each command. Default: nothing.
    ShellScript& prompt(std::string text);
    /// The prompt is what the environment says under PS1.
    ShellScript& prompt_from_environment();
    /// Time from the start to the first prompt. Default: zero.
    ShellScript& start_delay(Duration delay);
    /// Whether what is sent comes back, a newline as `\r\n`. Default: yes.
    ShellScript& echo(bool on);
    /// Output is handed over in pieces of this many bytes, all at the same moment, each by a callback of its
    /// own. 0: whole.
    ShellScript& pieces(std::size_t bytes);
    /// `delay` after a command that matches: prints `output`, then the prompt.
    ShellScript& on_send(std::string glob, Duration delay, std::string output);
    ShellScript& on_send(std::string glob, Duration delay, Answer answer);
    /// More output of the command matched by the rule before, `delay` after the previous output; the prompt
    /// comes last.
    ShellScript& then(Duration delay, std::string output);
    /// A command that matches never ends by itself: `output` after `delay`, and no prompt (a server in the
    /// foreground). A control byte sent meanwhile is executed and ends it.
    ShellScript& on_send_stay(std::string glob, Duration delay, std::string output);
    ShellScript& exit_on_send(std::string glob, Duration delay, ExitStatus status, std::string output = {});
    /// Whatever else goes on, `after` the start.
    ShellScript& print_at(Duration after, std::string output);
    ShellScript& exit_at(Duration after, ExitStatus status);
    /// end() has to kill it after the grace.
    ShellScript& ignores_hang_up();
    /// Makes reader_state() say this instead of the truth.
    ShellScript& reader_state(ReaderState state);
    ShellScript& line_limit(std::size_t bytes);
    /// open_shell() fails with this error.
    ShellScript& cannot_open(Error error);

  private:
    friend class FakeLoop;
    friend class FakeShell;
    struct Step {
        Duration delay{};
        Answer answer;
    };
    struct Rule {
        std::string glob;
        std::vector<Step> steps;
        bool stays = false;
        std::optional<ExitStatus> exit;
    };
    Rule& add_rule(std::string glob, Duration delay, Answer answer);

    std::string prompt_;
    bool prompt_from_environment_ = false;
    Duration start_delay_{};
    bool echo_ = true;
    std::size_t piece_ = 0;
    std::vector<Rule> rules_;
    std::vector<std::pair<Duration, std::string>> prints_;
    std::optional<std::pair<Duration, ExitStatus>> exit_at_;
    bool ignores_hang_up_ = false;
    std::optional<ReaderState> reader_state_;
    std::size_t line_limit_ = 4096;
    std::optional<Error> open_error_;
};

class FakeShell;

class FakeLoop final : public Loop {
  public:
    FakeLoop();
    ~FakeLoop() override;

    /// The script of every shell that has none of its own.
    void set_script(ShellScript script);
    /// The script of the shell that is opened as number `index`, from 0.
    void set_script(int index, ShellScript script);
    /// No more shells are open at once: one more can't be opened, with this error.
    void limit_shells(int most, Error error);
    /// Calls what watch_interrupts() was given.
    void interrupt_at(Time time, int signal);
    void call_at(Time time, std::function<void()> callback);

    /// How long what runs beside the loop takes. Default: zero.
    void beside_takes(Duration duration) { beside_takes_ = duration; }
    int besides() const { return besides_; }
    int shells_opened() const { return static_cast<int>(opened_.size()); }
    const ShellOptions& options(int index) const { return opened_[static_cast<std::size_t>(index)].options; }
    /// Everything that was written to it.
    const std::string& received(int index) const { return opened_[static_cast<std::size_t>(index)].received; }

    Time now() override { return now_; }
    std::unique_ptr<Timer> make_timer(std::function<void()> callback) override;
    Result<std::unique_ptr<ShellIo>> open_shell(const ShellOptions& options,
                                                ShellListener& listener) override;
    void post(std::function<void()> callback) override;
    /// The work is done at once; its end is an event after beside_takes().
    void run_beside(std::function<void()> work, std::function<void()> done) override;
    void write_beside(std::function<void()> work, std::function<void()> done) override;
    void watch_interrupts(std::function<void(int)> callback) override;
    /// Nothing ever comes: there is no world but the script.
    std::unique_ptr<Watch> watch_signal(int, std::function<void()>) override { return nullptr; }
    std::unique_ptr<Watch> watch_readable(int, std::function<void()>) override { return nullptr; }
    std::unique_ptr<DescriptorWatch> watch_descriptor(int, Readiness,
                                                      std::function<void(Readiness)>) override {
        return nullptr;
    }
    Result<std::unique_ptr<ProcessIo>> open_process(const ProcessOptions&, ProcessListener&) override {
        return Error{"there are no processes on virtual time"};
    }
    /// Returns after stop(), or when there is nothing left to happen.
    Result<std::unique_ptr<Loop>> make_loop_beside() override { return Error{"virtual time has one loop"}; }
    void run() override;
    void stop() override { stopped_ = true; }

  private:
    friend class FakeShell;
    struct Opened {
        ShellOptions options;
        std::string received;
        FakeShell* shell = nullptr;  // while its ShellIo lives
    };
    FakeShell* shell(int index) { return opened_[static_cast<std::size_t>(index)].shell; }
    bool run_next_event();

    Time now_ = std::chrono::seconds(1);
    std::uint64_t next_event_ = 0;
    std::map<std::pair<Time, std::uint64_t>, std::function<void()>>
        events_;  // in order of time, then of making
    TimerQueue timers_;
    ShellScript default_script_;
    std::map<int, ShellScript> scripts_;
    std::vector<Opened> opened_;
    std::optional<std::pair<int, Error>> limit_;
    std::function<void(int)> interrupted_;
    bool stopped_ = false;
    Duration beside_takes_{};
    int besides_ = 0;
};

}  // namespace relux::io
