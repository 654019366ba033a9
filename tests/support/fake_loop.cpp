// The scripted shell is a small machine: a queue of commands, one of them running, its output as events of
// the loop. Events name the shell by its number, for the ShellIo may be gone when they come.
#include "tests/support/fake_loop.h"

#include <algorithm>
#include <deque>

#include "vm/base/glob.h"

namespace relux::io {

ShellScript& ShellScript::prompt(std::string text) {
    prompt_ = std::move(text);
    return *this;
}
ShellScript& ShellScript::prompt_from_environment() {
    prompt_from_environment_ = true;
    return *this;
}
ShellScript& ShellScript::start_delay(Duration delay) {
    start_delay_ = delay;
    return *this;
}
ShellScript& ShellScript::echo(bool on) {
    echo_ = on;
    return *this;
}
ShellScript& ShellScript::pieces(std::size_t bytes) {
    piece_ = bytes;
    return *this;
}

ShellScript::Rule& ShellScript::add_rule(std::string glob, Duration delay, Answer answer) {
    rules_.push_back({std::move(glob), {}, false, std::nullopt});
    rules_.back().steps.push_back({delay, std::move(answer)});
    return rules_.back();
}
ShellScript& ShellScript::on_send(std::string glob, Duration delay, std::string output) {
    return on_send(std::move(glob), delay, [output = std::move(output)](std::string_view) { return output; });
}
ShellScript& ShellScript::on_send(std::string glob, Duration delay, Answer answer) {
    add_rule(std::move(glob), delay, std::move(answer));
    return *this;
}
ShellScript& ShellScript::then(Duration delay, std::string output) {
    RELUX_ASSERT(!rules_.empty(), "then() continues a rule");
    rules_.back().steps.push_back({delay, [output = std::move(output)](std::string_view) { return output; }});
    return *this;
}
ShellScript& ShellScript::on_send_stay(std::string glob, Duration delay, std::string output) {
    on_send(std::move(glob), delay, std::move(output));
    rules_.back().stays = true;
    return *this;
}
ShellScript& ShellScript::exit_on_send(std::string glob, Duration delay, ExitStatus status,
                                       std::string output) {
    on_send(std::move(glob), delay, std::move(output));
    rules_.back().exit = status;
    return *this;
}

ShellScript& ShellScript::print_at(Duration after, std::string output) {
    prints_.emplace_back(after, std::move(output));
    return *this;
}
ShellScript& ShellScript::exit_at(Duration after, ExitStatus status) {
    exit_at_.emplace(after, status);
    return *this;
}
ShellScript& ShellScript::ignores_hang_up() {
    ignores_hang_up_ = true;
    return *this;
}
ShellScript& ShellScript::reader_state(ReaderState state) {
    reader_state_ = state;
    return *this;
}
ShellScript& ShellScript::line_limit(std::size_t bytes) {
    line_limit_ = bytes;
    return *this;
}
ShellScript& ShellScript::cannot_open(Error error) {
    open_error_ = std::move(error);
    return *this;
}

class FakeShell final : public ShellIo {
  public:
    FakeShell(FakeLoop& loop, int index, ShellScript script, ShellListener& listener)
        : loop_(loop), index_(index), script_(std::move(script)), listener_(&listener) {}
    ~FakeShell() override { loop_.opened_[static_cast<std::size_t>(index_)].shell = nullptr; }

    int pid() const override { return 1000 + index_; }
    void adopt(ShellListener& listener) override { listener_ = &listener; }
    std::size_t unwritten() const override { return 0; }
    std::size_t line_limit() const override { return script_.line_limit_; }
    bool ended() const override { return ended_; }
    const std::vector<LeftProcess>& killed() const override { return killed_; }
    const std::vector<LeftProcess>& daemons() const override { return daemons_; }

    bool output_waits() const override { return false; }
    bool take_output() override { return false; }
    ReaderState reader_state() override {
        if (script_.reader_state_) return *script_.reader_state_;
        return started_ && !running_ && commands_.empty() && !exited_ ? ReaderState::Waiting
                                                                      : ReaderState::Busy;
    }

    bool shell_waits() const override { return true; }

    void start() {
        for (const auto& [after, output] : script_.prints_)
            print_after(after, output);
        if (script_.exit_at_) {
            const ExitStatus status = script_.exit_at_->second;
            after(script_.exit_at_->first, [status](FakeShell& shell) { shell.exit(status); });
        }
        after(script_.start_delay_, [](FakeShell& shell) {
            shell.started_ = true;
            shell.print(shell.script_.prompt_);
            shell.run_next_command();
        });
    }

    void write(std::string_view bytes) override {
        loop_.opened_[static_cast<std::size_t>(index_)].received += bytes;
        if (exited_) return;
        std::string echoed;
        for (const char byte : bytes)
            take_byte(byte, echoed);
        if (script_.echo_) print(std::move(echoed));
        run_next_command();
    }

    void end(Duration grace) override {
        if (ended_) return;
        const bool kill = script_.ignores_hang_up_ && !exited_;
        after(kill ? grace : Duration::zero(), [kill](FakeShell& shell) { shell.end_now(kill); });
    }

  private:
    using Action = std::function<void(FakeShell&)>;

    static bool is_control_command(char byte) {
        return byte == 3 || byte == 4 || byte == 12 || byte == 26 || byte == 28;
    }

    void after(Duration delay, Action action) {
        loop_.call_at(loop_.now() + delay, [&loop = loop_, index = index_, action = std::move(action)] {
            if (FakeShell* shell = loop.shell(index)) action(*shell);
        });
    }
    void print(std::string text) { print_after(Duration::zero(), std::move(text)); }
    // Each piece is an event of its own, made in order, so pieces of different outputs don't mix.
    void print_after(Duration delay, std::string text) {
        const std::size_t piece = script_.piece_ == 0 ? text.size() : script_.piece_;
        for (std::size_t start = 0; start < text.size(); start += piece) {
            after(delay, [part = text.substr(start, piece)](FakeShell& shell) {
                if (!shell.closed_) shell.listener_->on_output(part);
            });
        }
    }

    void take_byte(char byte, std::string& echoed) {
        if (is_control_command(byte)) {
            echoed += {'^', static_cast<char>(byte + '@')};
            commands_.push_back(std::string(1, byte));
            if (stays_) running_ = stays_ = false;
        } else if (byte == '\n') {
            echoed += "\r\n";
            commands_.push_back(std::exchange(line_, {}));
        } else {
            echoed += byte;
            line_ += byte;
        }
    }

    void run_next_command() {
        if (!started_ || running_ || exited_ || commands_.empty()) return;
        running_ = true;
        const std::string command = std::move(commands_.front());
        commands_.pop_front();
        const auto rule =
            std::find_if(script_.rules_.begin(), script_.rules_.end(),
                         [&](const auto& candidate) { return glob_matches(candidate.glob, command); });
        Duration delay{};
        if (rule == script_.rules_.end()) {
            after(delay, [](FakeShell& shell) { shell.finish_command(); });
            return;
        }
        for (const auto& step : rule->steps) {
            delay += step.delay;
            print_after(delay, step.answer(command));
        }
        stays_ = rule->stays;
        if (rule->exit) {
            after(delay, [status = *rule->exit](FakeShell& shell) { shell.exit(status); });
        } else if (!stays_) {
            after(delay, [](FakeShell& shell) { shell.finish_command(); });
        }
    }

    void finish_command() {
        running_ = false;
        if (exited_) return;
        print(script_.prompt_);
        // After the prompt's own events, as the next command's output comes after it.
        after(Duration::zero(), [](FakeShell& shell) { shell.run_next_command(); });
    }

    void exit(ExitStatus status) {
        if (exited_) return;
        exited_ = true;
        after(Duration::zero(), [](FakeShell& shell) { shell.close(); });
        listener_->on_exit(status);
    }

    void close() {
        if (std::exchange(closed_, true)) return;
        listener_->on_output_closed();
    }

    void end_now(bool kill) {
        if (kill && !exited_) killed_.push_back({pid(), "scripted shell"});
        after(Duration::zero(), [kill](FakeShell& shell) { shell.exit({true, kill ? 9 : 1}); });
        after(Duration::zero(), [](FakeShell& shell) { shell.close(); });
        after(Duration::zero(), [](FakeShell& shell) {
            if (std::exchange(shell.ended_, true)) return;
            shell.listener_->on_ended();
        });
    }

    FakeLoop& loop_;
    int index_;
    ShellScript script_;
    ShellListener* listener_;
    std::string line_;                  // typed, not yet ended
    std::deque<std::string> commands_;  // typed, not yet executed
    bool started_ = false;
    bool running_ = false;
    bool stays_ = false;
    bool exited_ = false;
    bool closed_ = false;
    bool ended_ = false;
    std::vector<LeftProcess> killed_;
    std::vector<LeftProcess> daemons_;
};

FakeLoop::FakeLoop() : timers_([] {}) {}
FakeLoop::~FakeLoop() = default;

void FakeLoop::set_script(ShellScript script) {
    default_script_ = std::move(script);
}
void FakeLoop::set_script(int index, ShellScript script) {
    scripts_.insert_or_assign(index, std::move(script));
}
void FakeLoop::interrupt_at(Time time, int signal) {
    call_at(time, [this, signal] {
        if (interrupted_) interrupted_(signal);
    });
}
void FakeLoop::limit_shells(int most, Error error) {
    limit_.emplace(most, std::move(error));
}

void FakeLoop::call_at(Time time, std::function<void()> callback) {
    events_.emplace(std::pair(std::max(time, now_), next_event_++), std::move(callback));
}

std::unique_ptr<Timer> FakeLoop::make_timer(std::function<void()> callback) {
    return timers_.make_timer(std::move(callback));
}

Result<std::unique_ptr<ShellIo>> FakeLoop::open_shell(const ShellOptions& options, ShellListener& listener) {
    const auto open =
        std::count_if(opened_.begin(), opened_.end(), [](const Opened& one) { return one.shell != nullptr; });
    if (limit_ && open >= limit_->first) return limit_->second;
    const int index = shells_opened();
    const auto own = scripts_.find(index);
    ShellScript script = own == scripts_.end() ? default_script_ : own->second;
    opened_.push_back({options, {}, nullptr});
    if (script.open_error_) return *script.open_error_;
    if (script.prompt_from_environment_) {
        for (std::string_view entry : options.environment) {
            if (entry.starts_with("PS1=")) script.prompt_ = entry.substr(4);
        }
    }
    auto shell = std::make_unique<FakeShell>(*this, index, std::move(script), listener);
    opened_.back().shell = shell.get();
    shell->start();
    return std::unique_ptr<ShellIo>(std::move(shell));
}

void FakeLoop::run_beside(std::function<void()> work, std::function<void()> done) {
    ++besides_;
    work();
    call_at(now_ + beside_takes_, std::move(done));
}

void FakeLoop::write_beside(std::function<void()> work, std::function<void()> done) {
    work();
    call_at(now_, std::move(done));
}

void FakeLoop::post(std::function<void()> callback) {
    call_at(now_, std::move(callback));
}
void FakeLoop::watch_interrupts(std::function<void(int)> callback) {
    interrupted_ = std::move(callback);
}

// Does what happens at one moment: first the events, then the timers, as output that is there beats a
// time-out.
bool FakeLoop::run_next_event() {
    const auto deadline = timers_.next_deadline();
    if (!events_.empty() && (!deadline || events_.begin()->first.first <= *deadline)) {
        const auto first = events_.begin();
        now_ = std::max(now_, first->first.first);
        const std::function<void()> happen = std::move(first->second);
        events_.erase(first);
        happen();
        return true;
    }
    if (!deadline) return false;
    now_ = std::max(now_, *deadline);
    timers_.fire_due(now_);
    return true;
}

void FakeLoop::run() {
    while (!stopped_ && run_next_event()) {
    }
    stopped_ = false;  // as with the real loop, a stop() before run() counts
}

}  // namespace relux::io
