// end() leaves no process behind, whatever the processes do. Nothing here waits for a fixed time.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/pty/terminal_session.h"

using namespace relux;
using namespace relux::io;
using namespace std::chrono_literals;

namespace {

int daemon_pid(const std::string& output) {
    return std::atoi(output.c_str() + output.find("daemon ") + 7);
}

/// A process that sleeps for ever, with this variable alone in its environment.
pid_t start_sleeper(const char* variable) {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    // A loop of this thread has blocked the signals that end the run, and children begin so.
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const std::string path = ptychild_path();
    char name[] = "ptychild";
    char mode[] = "sleep-for-ever";
    char* arguments[] = {name, mode, nullptr};
    char* environment[] = {const_cast<char*>(variable), nullptr};
    ::execve(path.c_str(), arguments, environment);
    ::_exit(1);
}

}  // namespace

TEST_CASE("idle shells end at once, without being killed") {
    auto loop = make_uv_loop().value();
    for (const auto& command : {std::vector<std::string>{"dash"}, {"bash", "--norc", "--noprofile"}}) {
        TerminalSession session(*loop);
        REQUIRE(session.open(command, {}, "OWNER=idle"));
        REQUIRE(session.wait_for_text("ready> "));
        session.wake = [&] {
            if (session.ended) loop->stop();
        };
        const Time start = loop->now();
        session.shell->end(kGiveUp);
        loop->run();
        MESSAGE(command.front() << ": over after " << (loop->now() - start).count() / 1000 << " us");
        CHECK(session.ended);
        CHECK(session.shell->ended());
        CHECK(session.shell->killed().empty());
        CHECK(own_children().empty());
    }
}

TEST_CASE("each kind of misbehaving child is gone after end()") {
    auto loop = make_uv_loop().value();
    struct Kind {
        const char* mode;
        const char* ready;
        bool killed;
    };
    for (const Kind kind : {Kind{"no-echo", "ready", false}, Kind{"ignore-hang-up", "ready", true},
                            Kind{"close-terminal", "ready", false}, Kind{"stop", "ready", false},
                            Kind{"no-newline", "no newline", false}, Kind{"leave-child", "ready", false},
                            Kind{"restart-children", "ready", true}, Kind{"daemon", "daemon ", true},
                            Kind{"daemon-without-environment", "daemon ", true}}) {
        CAPTURE(kind.mode);
        TerminalSession session(*loop);
        REQUIRE(session.open_child(kind.mode));
        REQUIRE(session.wait_for_text(kind.ready));
        REQUIRE(session.end(kind.killed ? Duration(5ms) : kGiveUp));
        CHECK(session.shell->ended());
        CHECK(session.status.has_value());
        CHECK(session.closed);
        CHECK(session.shell->killed().empty() != kind.killed);
        CHECK(own_children().empty());
    }
}

TEST_CASE("what is killed is named") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open_child("daemon-without-environment"));
    REQUIRE(session.wait_for_text("daemon "));
    REQUIRE(session.wait_for_text("\n"));
    const int daemon = daemon_pid(session.output);
    CHECK(runs(daemon));
    REQUIRE(session.end(5ms));
    CHECK_FALSE(runs(daemon));
    REQUIRE(session.shell->killed().size() == 1);
    CHECK(session.shell->killed()[0].pid == daemon);
    CHECK(session.shell->killed()[0].command_line == "ptychild sleep-for-ever");
}

TEST_CASE("a daemon outlives its own shell's exit, not its end(), and only its own") {
    auto loop = make_uv_loop().value();
    TerminalSession first(*loop);
    TerminalSession second(*loop);
    for (TerminalSession* session : {&first, &second}) {
        REQUIRE(session->open_child("daemon-without-environment"));
        REQUIRE(session->wait_for_text("\n"));
        session->shell->write("\n");
        REQUIRE(session->wait_for_exit());
    }
    const int first_daemon = daemon_pid(first.output);
    const int second_daemon = daemon_pid(second.output);
    CHECK(runs(first_daemon));
    REQUIRE(first.end(0ns));
    CHECK_FALSE(runs(first_daemon));
    CHECK(runs(second_daemon));
    REQUIRE(second.end(0ns));
    CHECK_FALSE(runs(second_daemon));
    CHECK(own_children().empty());
}

TEST_CASE("a second, shorter grace hastens the end") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open_child("ignore-hang-up"));
    REQUIRE(session.wait_for_text("ready"));
    session.shell->end(std::chrono::hours(1));
    REQUIRE(session.end(0ns));
    CHECK(session.status->code == SIGKILL);
}

TEST_CASE("a hang-up that was missed is repeated before anything is killed") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open_child("miss-hang-up"));
    REQUIRE(session.wait_for_text("ready"));
    REQUIRE(session.end(kGiveUp));
    CHECK(session.status->code == 7);
    CHECK(session.shell->killed().empty());
}

TEST_CASE("background jobs and pipelines of a shell end with it") {
    auto loop = make_uv_loop().value();
    for (const auto& command : {std::vector<std::string>{"dash"}, {"bash", "--norc", "--noprofile"}}) {
        TerminalSession session(*loop);
        REQUIRE(session.open(command));
        REQUIRE(session.wait_for_text("ready> "));
        session.shell->write(
            "sleep 1000 | cat & nohup sleep 1001 >/dev/null 2>&1 & (sleep 1002; sleep 1003)\n");
        REQUIRE(run_until(*loop, [&] {
            // Until the last one runs: a shell's subshell and sleep in the foreground.
            return ::system("grep -qsa 1002 /proc/[0-9]*/cmdline") == 0;
        }));
        REQUIRE(session.end(kGiveUp));
        CHECK(own_children().empty());
    }
}

TEST_CASE("a process outside of the tree with the owner mark ends, one without does not") {
    // A child of the test from before the loop is nobody's business, nor what it starts, but for the mark.
    int go[2] = {};
    int told[2] = {};
    REQUIRE(::pipe(go) == 0);
    REQUIRE(::pipe(told) == 0);
    const pid_t starter = ::fork();
    if (starter == 0) {
        char byte = 0;
        if (::read(go[0], &byte, 1) != 1) ::_exit(1);
        const pid_t both[] = {start_sleeper("OWNER=abc"), start_sleeper("OWNER=abcd")};
        if (::write(told[1], both, sizeof both) != sizeof both) ::_exit(1);
        while (::wait(nullptr) > 0) {
        }
        ::_exit(0);
    }
    auto loop = make_uv_loop().value();
    REQUIRE(::write(go[1], "x", 1) == 1);
    pid_t both[2] = {};
    REQUIRE(::read(told[0], both, sizeof both) == sizeof both);
    const pid_t marked = both[0];
    const pid_t other = both[1];
    // Also when an assertion fails: whoever waits for the end of this program's output waits for these too.
    const struct Killed {
        ~Killed() {
            for (const pid_t pid : {first, second})
                ::kill(pid, SIGKILL);
            ::waitpid(parent, nullptr, 0);
        }
        pid_t first, second, parent;
    } killed{marked, other, starter};
    const auto started = [](pid_t pid) {
        return ::system(("grep -qs ^OWNER /proc/" + std::to_string(pid) + "/environ").c_str()) == 0;
    };
    REQUIRE(run_until(*loop, [&] { return started(marked) && started(other); }));
    TerminalSession session(*loop);
    REQUIRE(session.open({"dash"}, {}, "OWNER=abc"));
    REQUIRE(session.wait_for_text("ready> "));
    REQUIRE(session.end(kGiveUp));
    CHECK_FALSE(runs(marked));
    CHECK(runs(other));
    for (const int end : {go[0], go[1], told[0], told[1]})
        ::close(end);
}

TEST_CASE("a loop that goes leaves nothing, even when shells were not ended") {
    auto loop = make_uv_loop().value();
    auto session = std::make_unique<TerminalSession>(*loop);
    REQUIRE(session->open_child("daemon-without-environment"));
    REQUIRE(session->wait_for_text("\n"));
    const int daemon = daemon_pid(session->output);
    const int shell = session->shell->pid();
    session->shell.reset();
    session.reset();
    loop.reset();
    CHECK_FALSE(runs(daemon));
    CHECK_FALSE(runs(shell));
    CHECK(own_children().empty());
}

TEST_CASE("many shells start and end") {
    auto loop = make_uv_loop().value();
    int over = 0;
    const Time start = loop->now();
    for (int round = 0; round < 25; ++round) {
        std::vector<std::unique_ptr<TerminalSession>> sessions;
        for (int i = 0; i < 8; ++i) {
            sessions.push_back(std::make_unique<TerminalSession>(*loop));
            TerminalSession& session = *sessions.back();
            const std::string mark = "OWNER=" + std::to_string(round) + "." + std::to_string(i);
            REQUIRE(session.open({"dash"}, {}, mark));
            session.wake = [&session] {
                if (session.order == "o") session.shell->end(kGiveUp);
            };
        }
        REQUIRE(run_until(*loop, [&] {
            for (const auto& session : sessions) {
                if (!session->ended) return false;
            }
            return true;
        }));
        over += static_cast<int>(sessions.size());
    }
    MESSAGE(over << " shells in " << (loop->now() - start).count() / 1000000 << " ms");
    CHECK(own_children().empty());
}
