// A small machine of states on the loop: one shell, one timer.
#include "tools/shell/doctor_probe.h"

#include <cstdlib>
#include <cstring>
#include <unistd.h>

#include "vm/base/files.h"

extern char** environ;

namespace relux::cli {

namespace {

using namespace std::chrono_literals;

constexpr Duration kPoll = 1ms;
/// A shell that reads start-up files may take a while.
constexpr Duration kTypePromptAfter = 2s;
constexpr Duration kPromptPatience = 5s;
constexpr Duration kReaderPatience = 500ms;
constexpr Duration kAnswerPatience = 3s;
constexpr std::size_t kMostOutput = 1 << 20;
/// Its echo does not contain the answer.
constexpr std::string_view kQuestion = "echo relux-doctor-$((6*7))\n";
constexpr std::string_view kAnswer = "relux-doctor-42";

std::string quoted_for_shell(std::string_view text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

std::vector<std::string> shell_environment(const run::ShellSettings& settings) {
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto name = text.substr(0, text.find('='));
        if (name != "PS1" && name != "PS2" && name != "TERM" && name != "PROMPT_COMMAND" &&
            name != "HISTFILE")
            environment.emplace_back(text);
    }
    environment.push_back("PS1=" + settings.prompt);
    environment.push_back("PS2=");
    environment.push_back("HISTFILE=");
    environment.push_back("TERM=" + settings.term);
    environment.push_back("RELUX_DOCTOR=" + std::to_string(::getpid()));
    return environment;
}

/// Finds where the reader's state is read from, by a process that sleeps in read.
ReaderDetection detection_of(int pid) {
    const auto process = "/proc/" + std::to_string(pid);
    const auto call = read_file(process + "/syscall");
    if (call && !call->empty() && call->front() >= '0' && call->front() <= '9')
        return ReaderDetection::SystemCalls;
    const auto channel = read_file(process + "/wchan");
    if (channel && channel->size() > 1) return ReaderDetection::WaitChannel;
    return ReaderDetection::Quiet;
}

class Probe final : public io::ShellListener {
  public:
    Probe(io::Loop& loop, const run::ShellSettings& settings, const std::string& directory)
        : loop_(loop), settings_(settings) {
        options_.command = settings.command;
        options_.environment = shell_environment(settings);
        options_.directory = directory;
        options_.columns = settings.columns;
        options_.rows = settings.rows;
        options_.owner_mark = "RELUX_DOCTOR=" + std::to_string(::getpid());
    }

    ShellProbe run() {
        started_ = loop_.now();
        auto opened = loop_.open_shell(options_, *this);
        if (!opened) {
            result_.problem = opened.error().message;
            return std::move(result_);
        }
        io_ = std::move(*opened);
        timer_ = loop_.make_timer([this] { step(); });
        timer_->arm(started_ + kPoll);
        loop_.run();
        timer_.reset();
        io_.reset();
        return std::move(result_);
    }

    void on_output(std::string_view bytes) override {
        if (result_.output.size() < kMostOutput) result_.output.append(bytes);
        step();
    }
    void on_output_closed() override {}
    void on_exit(io::ExitStatus status) override {
        if (state_ == State::Ending) return;
        result_.problem = std::string("it ended by itself, ") +
                          (status.signalled ? "by signal " : "with exit code ") + std::to_string(status.code);
        end();
    }
    void on_ended() override { loop_.stop(); }

  private:
    enum class State : std::uint8_t { Prompt, Reader, Answer, Ending };

    void enter(State state) {
        state_ = state;
        entered_ = loop_.now();
    }

    bool prompt_at_end() const { return result_.output.ends_with(settings_.prompt); }

    void step() {
        const auto now = loop_.now();
        switch (state_) {
            case State::Prompt:
                wait_for_prompt(now);
                break;
            case State::Reader:
                wait_for_reader(now);
                break;
            case State::Answer:
                wait_for_answer(now);
                break;
            case State::Ending:
                return;
        }
        if (state_ != State::Ending) timer_->arm(now + kPoll);
    }

    void wait_for_prompt(io::Time now) {
        if (prompt_at_end()) {
            result_.prompt_after = now - started_;
            return enter(State::Reader);
        }
        if (now - started_ > kPromptPatience) return end();
        if (now - started_ > kTypePromptAfter && !result_.prompt_was_typed) {
            result_.prompt_was_typed = true;
            // In two parts, so that its echo is not taken for it.
            const auto half = settings_.prompt.size() / 2;
            io_->write("PS2='' PROMPT_COMMAND='' PS1=" + quoted_for_shell(settings_.prompt.substr(0, half)) +
                       quoted_for_shell(settings_.prompt.substr(half)) + "\n");
        }
    }

    void wait_for_reader(io::Time now) {
        if (io_->reader_state() == io::ReaderState::Waiting) {
            result_.reader_after = now - entered_;
            result_.detection = detection_of(io_->pid());
        } else if (now - entered_ <= kReaderPatience) {
            return;
        }
        answer_from_ = result_.output.size();
        enter(State::Answer);
        io_->write(kQuestion);
    }

    void wait_for_answer(io::Time now) {
        const bool answered = result_.output.find(kAnswer, answer_from_) != std::string::npos;
        if (answered && prompt_at_end()) {
            result_.answer_after = now - entered_;
            return end();
        }
        if (now - entered_ > kAnswerPatience) end();
    }

    void end() {
        enter(State::Ending);
        timer_->disarm();
        io_->end(1s);
    }

    io::Loop& loop_;
    const run::ShellSettings& settings_;
    io::ShellOptions options_;
    ShellProbe result_;
    std::unique_ptr<io::ShellIo> io_;
    std::unique_ptr<io::Timer> timer_;
    State state_ = State::Prompt;
    io::Time started_{0};
    io::Time entered_{0};
    std::size_t answer_from_ = 0;
};

}  // namespace

ShellProbe probe_shell(io::Loop& loop, const run::ShellSettings& settings, const std::string& directory) {
    return Probe(loop, settings, directory).run();
}

}  // namespace relux::cli
