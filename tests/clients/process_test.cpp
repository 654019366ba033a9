// Shell commands: output, status, and how whole families end.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/clients/client_test.h"
#include "vm/base/fd.h"
#include "vm/clients/process_runner.h"
#include "vm/io/process_tree.h"

using namespace relux;
using namespace relux::clients;

namespace {

class ProcessTest : public ClientTest {
  public:
    static ProcessRequest command(const std::string& text) {
        ProcessRequest request;
        request.command = text;
        request.environment = {"PATH=/usr/bin:/bin", "GREETING=hello"};
        return request;
    }
    ProcessResult run(ProcessRunner& runner, const ProcessRequest& request, Duration timeout = kLong) {
        return wait(runner.run(request, CallLimits(timeout)));
    }
    ProcessResult run(const std::string& text, Duration timeout = kLong) {
        ProcessRunner runner(loop());
        return run(runner, command(text), timeout);
    }
    /// The numbers that it printed, each of a process.
    static std::vector<pid_t> pids(const std::string& output) {
        std::vector<pid_t> result;
        std::size_t start = 0;
        for (std::size_t end = output.find('\n'); end != std::string::npos; end = output.find('\n', start)) {
            result.push_back(std::stoi(output.substr(start, end - start)));
            start = end + 1;
        }
        return result;
    }
};

// A session of its own, without parent, environment and streams. Prints its number.
const std::string kDaemon = "(setsid env -i sh -c 'echo $$; exec sleep 1000 >/dev/null 2>&1 </dev/null' &); ";

}  // namespace

TEST_CASE_FIXTURE(ProcessTest, "output, errors and status") {
    const ProcessResult result = run("printf 'a\\nb'; echo \"$GREETING\" >&2; exit 3");
    CHECK_FALSE(result.failure);
    CHECK(result.output == "a\nb");
    CHECK(result.errors == "hello\n");
    CHECK_FALSE(result.status.signalled);
    CHECK(result.status.code == 3);
    const ProcessResult killed = run("kill -9 $$");
    CHECK(killed.status.signalled);
    CHECK(killed.status.code == SIGKILL);
    CHECK(run("").status.code == 0);
}

TEST_CASE_FIXTURE(ProcessTest,
                  "input is empty, nothing else is inherited, directory and environment as given") {
    const Fd leak(::fcntl(STDERR_FILENO, F_DUPFD, 50));
    CHECK(run("cat; ls /proc/$$/fd; true").output == "0\n1\n2\n");
    CHECK(run("env | sort | grep -v '^PWD='").output == "GREETING=hello\nPATH=/usr/bin:/bin\n");
    ProcessRunner runner(loop());
    ProcessRequest request = command("pwd; tty; ps -o sid= -p $$ | tr -d ' '; echo $$");
    request.directory = "/usr/share";
    const ProcessResult result = run(runner, request);
    CHECK(result.output.starts_with("/usr/share\nnot a tty\n"));
    const auto numbers = pids(result.output.substr(result.output.find("tty\n") + 4));
    CHECK(numbers[0] == numbers[1]);
}

TEST_CASE_FIXTURE(ProcessTest, "what can't be run says why") {
    ProcessRunner runner(loop());
    ProcessRequest request = command("true");
    request.directory = "/no/such/directory";
    ProcessResult result = run(runner, request);
    REQUIRE(result.failure);
    CHECK(result.failure->message.find("No such file or directory") != std::string::npos);
    request = command(std::string("true\0", 5));
    CHECK(run(runner, request).failure->kind == FailureKind::Refused);
    request = command(": " + std::string(1 << 20, 'x'));
    result = run(runner, request);
    REQUIRE(result.failure);
    CHECK(result.failure->message.find("Argument list too long") != std::string::npos);
    CHECK(result.failure->message.size() < 400);
}

TEST_CASE_FIXTURE(ProcessTest, "a flood on both streams, up to the limit") {
    const ProcessResult result = run("head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2");
    CHECK_FALSE(result.failure);
    CHECK(result.output.size() == 20'000'000);
    CHECK(result.errors.size() == 20'000'000);
    ProcessRunner runner(loop());
    ProcessRequest request = command("echo fine; yes >&2");
    request.output_limit = 1'000'000;
    const ProcessResult flood = run(runner, request);
    REQUIRE(flood.failure);
    INFO(flood.failure->message);
    CHECK(flood.failure->kind == FailureKind::TooLarge);
    CHECK(flood.output == "fine\n");
    CHECK(flood.errors.size() == 1'000'000);
    request.command = "head -c 1000000 /dev/zero";
    CHECK_FALSE(run(runner, request).failure);
}

TEST_CASE_FIXTURE(ProcessTest,
                  "a time-out ends the whole tree, with daemons that hide, and keeps what came") {
    ProcessRunner runner(loop());
    const std::string text =
        kDaemon +
        "trap '' HUP TERM; (trap '' HUP TERM; sh -c 'echo $$; exec sleep 1000' & wait) & sleep 1000";
    ProcessRequest request = command(text);
    std::optional<ProcessResult> result;
    SUBCASE("at once") {}
    SUBCASE("after a grace") {
        request.grace = 30ms;
    }
    start(runner.run(request, CallLimits(500ms)), result);
    run_until([&] { return result.has_value(); });
    REQUIRE(result->failure);
    INFO(result->failure->message);
    CHECK(result->failure->kind == FailureKind::TimedOut);
    CHECK_FALSE(result->killed.empty());
    for (const pid_t pid : pids(result->output))
        CHECK_FALSE(io::process_runs(pid));
    CHECK(runner.leftovers() == 0);
}

TEST_CASE_FIXTURE(ProcessTest, "cancellation ends them too; a grace lets them tidy up") {
    ProcessRunner runner(loop());
    ProcessRequest request =
        command("trap 'echo tidy; exit 7' HUP TERM; echo ready; while :; do sleep 0.01; done");
    request.grace = kLong;
    Cancellation cancellation;
    std::optional<ProcessResult> result;
    start(runner.run(request, CallLimits(kLong, &cancellation)), result);
    later(300ms, [&] { cancellation.cancel(); });
    run_until([&] { return result.has_value(); });
    REQUIRE(result->failure);
    CHECK(result->failure->kind == FailureKind::Cancelled);
    // Unless the machine was so slow that there was no trap yet.
    if (result->output.starts_with("ready\n")) CHECK(result->output == "ready\ntidy\n");
    const ProcessResult late = wait(runner.run(command("echo never"), CallLimits(kLong, &cancellation)));
    CHECK(late.failure->kind == FailureKind::Cancelled);
    CHECK(late.output.empty());
}

TEST_CASE_FIXTURE(ProcessTest,
                  "what is left in the background lives on for later commands, and ends with the runner") {
    pid_t daemon = 0;
    {
        ProcessRunner runner(loop());
        const ProcessResult started = run(runner, command(kDaemon));
        CHECK_FALSE(started.failure);
        daemon = pids(started.output).at(0);
        CHECK(runner.leftovers() == 1);
        // Ending another family leaves it alone.
        CHECK(run(runner, command("sleep 1000"), 20ms).failure);
        CHECK(io::process_runs(daemon));
        CHECK(runner.leftovers() == 1);
    }
    run_until([&] { return !io::process_runs(daemon); });
    ProcessRunner runner(loop());
    const pid_t second = pids(run(runner, command(kDaemon)).output).at(0);
    std::optional<bool> ended;
    const auto end = [](ProcessRunner& of) -> io::Task<bool> {
        co_await of.end_leftovers(Duration(0));
        co_return true;
    };
    start(end(runner), ended);
    run_until([&] { return ended.has_value(); });
    CHECK_FALSE(io::process_runs(second));
}

TEST_CASE_FIXTURE(ProcessTest, "a child that keeps the streams open is waited for, or not") {
    ProcessRunner runner(loop());
    ProcessRequest request = command("sleep 1000 & echo started");
    const ProcessResult waited = run(runner, request, 200ms);
    REQUIRE(waited.failure);
    CHECK(waited.failure->kind == FailureKind::TimedOut);
    CHECK(waited.output == "started\n");
    request.wait_for_streams = false;
    const ProcessResult result = run(runner, request);
    CHECK_FALSE(result.failure);
    CHECK(result.output == "started\n");
    CHECK(runner.leftovers() == 1);
}

TEST_CASE_FIXTURE(ProcessTest, "many at once, each with its own output") {
    ProcessRunner runner(loop());
    std::vector<std::optional<ProcessResult>> results(50);
    for (std::size_t i = 0; i < results.size(); ++i) {
        const std::string number = std::to_string(i);
        start(runner.run(command("echo out " + number + "; echo err " + number + " >&2; exit " + number),
                         CallLimits(kLong)),
              results[i]);
    }
    run_until(
        [&] { return std::all_of(results.begin(), results.end(), [](auto& r) { return r.has_value(); }); });
    for (std::size_t i = 0; i < results.size(); ++i) {
        CHECK(results[i]->output == "out " + std::to_string(i) + "\n");
        CHECK(results[i]->errors == "err " + std::to_string(i) + "\n");
        CHECK(results[i]->status.code == static_cast<int>(i));
    }
}
