// Tests what a started process finds: terminal, descriptors, signals, environment, directory; and what can't
// be started.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/pty/terminal_session.h"

using namespace relux;
using namespace relux::io;

namespace {
std::string error_of(Loop& loop, std::vector<std::string> command, const std::string& directory = {}) {
    TerminalSession session(loop);
    ShellOptions options;
    options.command = std::move(command);
    options.environment = {"PATH=/usr/bin:/bin"};
    options.directory = directory;
    auto opened = loop.open_shell(options, session);
    return opened ? "" : opened.error().message;
}
}  // namespace

TEST_CASE("the process leads a session on a cooked terminal with echo") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open_child("terminal"));
    REQUIRE(session.wait_for_exit());
    CHECK(session.output == "modes canonical echo onlcr utf8 foreground leader\r\n");
    CHECK(session.status->code == 0);
    CHECK_FALSE(session.status->signalled);
}

TEST_CASE("it inherits no descriptor, no ignored or blocked signal") {
    const int inherited = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    ::signal(SIGUSR1, SIG_IGN);
    sigset_t blocked;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGUSR2);
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    auto loop = make_uv_loop().value();
    TerminalSession descriptors(*loop);
    TerminalSession signals(*loop);
    REQUIRE(descriptors.open_child("descriptors"));
    REQUIRE(signals.open_child("signals"));
    REQUIRE(descriptors.wait_for_exit());
    REQUIRE(signals.wait_for_exit());
    CHECK(descriptors.output == "fds 0 1 2\r\n");
    CHECK(signals.output == "signals\r\n");
    ::sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
    ::signal(SIGUSR1, SIG_DFL);
    ::close(inherited);
}

TEST_CASE("it has the soft descriptor limit that the runner was started with") {
    rlimit original{};
    ::getrlimit(RLIMIT_NOFILE, &original);
    rlimit low = original;
    low.rlim_cur = 256;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    {
        auto loop = make_uv_loop().value();
        rlimit raised{};
        ::getrlimit(RLIMIT_NOFILE, &raised);
        CHECK(raised.rlim_cur == raised.rlim_max);
        TerminalSession session(*loop);
        REQUIRE(session.open_child("limit"));
        REQUIRE(session.wait_for_exit());
        CHECK(session.output == "limit 256\r\n");
    }
    ::setrlimit(RLIMIT_NOFILE, &original);
}

TEST_CASE("its environment is exactly the given one") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open({ptychild_path(), "environment"}, {"ODD=a=b c"}));
    REQUIRE(session.wait_for_exit());
    CHECK(session.output ==
          "PATH=/usr/local/bin:/usr/bin:/bin\r\nHOME=/nonexistent\r\nTERM=dumb\r\nPS1=ready> \r\nPS2=\r\n"
          "ODD=a=b c\r\nend of environment\r\n");
}

TEST_CASE("directory and size") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    ShellOptions options;
    options.command = {"sh", "-c", "pwd; stty size"};
    options.environment = {"PATH=/usr/bin:/bin"};
    options.directory = "/usr";
    options.columns = 1000;
    options.rows = 7;
    session.shell = loop->open_shell(options, session).value();
    REQUIRE(session.wait_for_exit());
    CHECK(session.output == "/usr\r\n7 1000\r\n");
}

TEST_CASE("what can't be run is an error that names it") {
    auto loop = make_uv_loop().value();
    CHECK(error_of(*loop, {"no-such-command"}) == "cannot run `no-such-command`: not found in PATH");
    CHECK(error_of(*loop, {"/no/such/file"}) == "cannot run `/no/such/file`: No such file or directory");
    CHECK(error_of(*loop, {"/etc/passwd"}) == "cannot run `/etc/passwd`: Permission denied");
    CHECK(error_of(*loop, {"/usr"}) == "cannot run `/usr`: Is a directory");
    CHECK(error_of(*loop, {"sh"}, "/no/where") ==
          "cannot run `sh` in `/no/where`: No such file or directory");
    CHECK(error_of(*loop, {}) == "cannot run a shell: its command is empty");
    CHECK(own_children().empty());
}

TEST_CASE("exit code and signal") {
    auto loop = make_uv_loop().value();
    for (const int code : {0, 1, 255}) {
        TerminalSession session(*loop);
        REQUIRE(session.open_child("exit", std::to_string(code)));
        REQUIRE(session.wait_for_exit());
        CHECK(session.status->code == code);
        CHECK_FALSE(session.status->signalled);
    }
    for (const int signal : {SIGTERM, SIGKILL, SIGSEGV}) {
        TerminalSession session(*loop);
        REQUIRE(session.open_child("signal", std::to_string(signal)));
        REQUIRE(session.wait_for_exit());
        CHECK(session.status->code == signal);
        CHECK(session.status->signalled);
    }
}

TEST_CASE("dash and bash give their prompt") {
    auto loop = make_uv_loop().value();
    for (const auto& command : {std::vector<std::string>{"dash"}, {"bash", "--norc", "--noprofile"}}) {
        TerminalSession session(*loop);
        const Time start = loop->now();
        REQUIRE(session.open(command));
        REQUIRE(session.wait_for_text("ready> "));
        MESSAGE(command.front() << ": first prompt after " << (loop->now() - start).count() / 1000 << " us");
    }
}
