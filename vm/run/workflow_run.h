// One workflow running: the interpreter runs its bytecode, and what a step asks of the world is awaited here.
// Makes the lines that people read (workflows 1) and the records of the event log.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vm/clients/call_guard.h"
#include "vm/exec/fiber.h"
#include "vm/exec/interp.h"
#include "vm/exec/workflow_state.h"
#include "vm/io/task.h"
#include "vm/run/attempt_context.h"
#include "vm/run/workflow_clients.h"

namespace relux::run {

class WorkflowRun final : public Wakeable {
  public:
    /// `show` gets each line as it comes about, masked, with its newline.
    WorkflowRun(AttemptContext& test, const exec::LinkedModule& module, const bytecode::Workflow& workflow,
                std::function<void(std::string_view)> show);
    WorkflowRun(const WorkflowRun&) = delete;
    WorkflowRun& operator=(const WorkflowRun&) = delete;
    ~WorkflowRun() override;

    /// To its end, or until a step fails whose errors are not ignored: that is the test's failure then.
    /// Nothing that it has started is left when it returns.
    io::Task<void> run();

    /// Where it is: the steps, outermost first, and the statement.
    std::vector<report::FailureFrame> chain() const;
    /// `waiting for GET http://..., 1.2 s of 30s`; empty: it runs.
    std::string waiting_for() const;
    std::string current_place() const;
    /// `fetch [http]`: the innermost step; empty between steps.
    std::string current_step() const;

    // Wakeable: the test is to stop.
    void wake() override { cancellation_.cancel(); }

  private:
    /// A step asks one of these of the world, named as in the event log.
    enum class Action : std::uint8_t { Http, Query, Commands };
    enum class Verdict : std::uint8_t { Pass, Fail, Ignored };
    /// A step's question and what has come back, shortened; empty: nothing has.
    struct Exchange {
        Action action = Action::Http;
        std::string sent;
        std::string answer;
    };
    /// The part of a failure that is shown besides its message.
    struct Circumstances {
        std::vector<std::string> exchange;  ///< also among the notes of the failure
        std::string source;                 ///< of the template or path; empty: it says nothing more
    };
    struct OpenStep {
        const exec::LinkedModule* module = nullptr;
        const bytecode::Step* step = nullptr;
        Duration began{0};
        std::uint32_t outer_span = 0;
        std::uint32_t span = 0;
    };

    io::Task<void> run_steps();
    /// Does what the exit asks for and resumes the fiber. False: the workflow does not go on.
    io::Task<bool> perform(exec::WorkflowExit& exit);
    io::Task<bool> perform(exec::exits::StepEnter& entered);
    io::Task<bool> perform(exec::exits::StepLeave& left);
    io::Task<bool> perform(exec::exits::StepFailed& failed);
    io::Task<bool> perform(exec::exits::HttpRequest& wanted);
    io::Task<bool> perform(exec::exits::Query& wanted);
    io::Task<bool> perform(exec::exits::RunCommands& wanted);
    io::Task<bool> perform(exec::exits::Print& print);
    void learn_secrets(const data::Json& value);
    static std::string_view name_of(Action action);
    bool take(Document answer);
    void begin_call(Action action, std::string sent, const Timeout& timeout);
    clients::CallLimits limits(const Timeout& own);
    io::Task<void> give_way();

    /// For an incremental run: what the commands name.
    void note_commands(const data::Json& request);
    void enter_step(const bytecode::Step& step);
    void leave_step(Verdict verdict, std::string_view title, const std::vector<std::string>& details);
    /// `more` is shown where there is no chain of places.
    bool fail_step(std::string message, const Circumstances& more = {});
    std::string failing_source() const;
    Circumstances circumstances() const;
    void fail_workflow(std::string summary, std::vector<std::string> details,
                       std::vector<report::FailureFrame> chain);
    void show(std::string line);
    report::EventPlace place() const;

    AttemptContext& test_;
    const exec::LinkedModule& module_;
    const bytecode::Workflow& workflow_;
    std::function<void(std::string_view)> show_;
    clients::Cancellation cancellation_;
    WorkflowClients clients_;
    exec::Fiber fiber_;
    std::vector<OpenStep> steps_;
    std::vector<std::string> printed_;  ///< by the print step that runs
    std::vector<std::string> debug_;    ///< what the http step that runs has sent and got, if that is shown
    std::uint32_t span_ = 0;
    bool waits_ = false;  ///< for the answer to `last_`
    Exchange last_;       ///< of the step that runs
    Duration call_began_{0};
    Duration call_timeout_{0};
};

}  // namespace relux::run
