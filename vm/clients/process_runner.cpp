// A command listens to its process and wakes its call; the call decides.
#include "vm/clients/process_runner.h"

#include <algorithm>
#include <array>
#include <utility>

namespace relux::clients {

namespace {

// A process that can't be killed (waiting for a dead disk) is not waited for longer than this.
constexpr Duration kEndingLimit = std::chrono::seconds(10);
// Times are counted in 64 bits of nanoseconds; nobody waits a year.
constexpr Duration kLongestGrace = std::chrono::hours(24 * 365);

// Why this can't be run; empty if it can.
std::string objection(const ProcessRequest& request) {
    if (request.command.find('\0') != std::string::npos) return "there is a zero byte in it";
    for (const std::string& entry : request.environment) {
        if (entry.find('\0') != std::string::npos) {
            return "there is a zero byte in the environment variable `" + entry.substr(0, entry.find('=')) +
                   "`";
        }
    }
    return {};
}

std::string names_of(const std::vector<io::LeftProcess>& killed) {
    constexpr std::size_t kNamed = 5;
    std::string names;
    for (std::size_t i = 0; i < killed.size() && i < kNamed; ++i)
        names += (i == 0 ? "killed " : ", ") + excerpt(killed[i].command_line);
    if (killed.size() > kNamed) names += " and " + std::to_string(killed.size() - kNamed) + " more";
    return names;
}

}  // namespace

class ProcessRunner::Command final : public io::ProcessListener {
  public:
    explicit Command(const ProcessRequest& request)
        : limit_(request.output_limit), wait_for_streams_(request.wait_for_streams) {}

    Status open(io::Loop& loop, const ProcessRequest& request) {
        io::ProcessOptions options;
        options.command = {"sh", "-c", request.command};
        options.directory = request.directory;
        options.environment = request.environment;
        options.owner_mark = request.owner_mark;
        if (!request.owner_mark.empty()) options.environment.push_back(request.owner_mark);
        auto opened = loop.open_process(options, *this);
        if (!opened) return opened.error();
        process_ = std::move(*opened);
        return Done{};
    }
    io::ProcessIo& process() { return *process_; }
    /// Who is woken by what happens; null for nobody, and then nothing is kept any more.
    void tell(CallGuard* guard) { guard_ = guard; }
    bool complete() const { return exited_ && (!wait_for_streams_ || closed_ == texts_.size()); }
    bool too_large() const { return too_large_; }
    std::size_t limit() const { return limit_; }
    void hand_over(ProcessResult& result) {
        result.output = std::move(texts_[0]);
        result.errors = std::move(texts_[1]);
        result.status = status_;
    }

    void on_output(io::Stream stream, std::string_view bytes) override {
        std::string& text = texts_[static_cast<std::size_t>(stream)];
        if (guard_ == nullptr || too_large_) return;
        const std::size_t room = limit_ - text.size();
        text.append(bytes.substr(0, room));
        if (bytes.size() <= room) return;
        too_large_ = true;
        wake();
    }
    void on_closed(io::Stream) override {
        ++closed_;
        wake();
    }
    void on_exit(io::ExitStatus status) override {
        exited_ = true;
        status_ = status;
        wake();
    }
    void on_ended() override { wake(); }

  private:
    void wake() {
        if (guard_ != nullptr) guard_->wake();
    }

    CallGuard* guard_ = nullptr;
    std::array<std::string, 2> texts_;
    std::size_t limit_;
    bool wait_for_streams_;
    std::size_t closed_ = 0;
    bool exited_ = false;
    bool too_large_ = false;
    io::ExitStatus status_;
    std::unique_ptr<io::ProcessIo> process_;  // gone before what it calls
};

ProcessRunner::ProcessRunner(io::Loop& loop) : loop_(loop) {}
ProcessRunner::~ProcessRunner() = default;

io::Task<ProcessResult> ProcessRunner::run(ProcessRequest request, CallLimits limits) {
    CallGuard guard(loop_, limits);
    forget_ended();
    const std::string call = "command " + excerpt(request.command);
    ProcessResult result;
    if (const std::string reason = objection(request); !reason.empty()) {
        result.failure = Failure{FailureKind::Refused, call + ": " + reason};
        co_return result;
    }
    auto command = std::make_unique<Command>(request);
    if (guard.stopped()) {
        result.failure = guard.failure(call, "not started");
        co_return result;
    }
    if (const Status opened = command->open(loop_, request); !opened) {
        result.failure = Failure{FailureKind::Refused, call + ": " + opened.error().message};
        co_return result;
    }
    command->tell(&guard);
    while (!command->complete() && !command->too_large() && !guard.stopped())
        co_await guard.wait();
    if (command->complete() && !command->too_large()) {
        command->tell(nullptr);
        command->hand_over(result);
        if (command->process().has_members()) left_.push_back(std::move(command));
        co_return result;
    }
    // The failure says what stopped the command in the words of this moment, not of the one when all is over.
    Failure failure = command->too_large()
                          ? Failure{FailureKind::TooLarge, call + ": more output than the limit of " +
                                                               std::to_string(command->limit()) + " bytes"}
                          : guard.failure(call, "");
    const bool ended = co_await end(*command, request.grace);
    command->hand_over(result);
    result.killed = command->process().killed();
    const std::string names = names_of(result.killed);
    if (!names.empty()) failure.message += ", " + names;
    if (!ended) failure.message += "; some of its processes could not be ended";
    result.failure = std::move(failure);
    co_return result;
}

// With a guard of its own: that of the call has been stopped, and would not wait any more.
io::Task<bool> ProcessRunner::end(Command& command, Duration grace) {
    const Duration patience = std::min(grace, kLongestGrace);
    CallGuard guard(loop_, CallLimits(patience + kEndingLimit));
    command.tell(&guard);
    command.process().end(patience);
    while (!command.process().ended() && !guard.stopped())
        co_await guard.wait();
    command.tell(nullptr);
    co_return command.process().ended();
}

io::Task<void> ProcessRunner::end_leftovers(Duration grace) {
    std::vector<std::unique_ptr<Command>> ending;
    ending.swap(left_);
    for (const auto& command : ending)
        command->process().end(std::min(grace, kLongestGrace));
    for (const auto& command : ending)
        co_await end(*command, grace);
}

std::size_t ProcessRunner::leftovers() {
    forget_ended();
    return left_.size();
}

void ProcessRunner::forget_ended() {
    std::erase_if(left_, [](const auto& command) { return !command->process().has_members(); });
}

}  // namespace relux::clients
