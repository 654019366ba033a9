// A send that waits for its reader is never echoed before the prompt of the command that is just ending.
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/pty/terminal_session.h"
#include "tests/support/temporary_directory.h"

using namespace relux;
using namespace relux::io;
using namespace std::chrono_literals;

namespace {

// Sends `echo token-i` as soon as `token-(i-1)` has been printed at the beginning of a line, `rounds` times.
class BackToBack {
  public:
    BackToBack(TerminalSession& session, int rounds) : session_(session), rounds_(rounds) {
        again_ = session.loop.make_timer([this] { advance(); });
    }

    /// How many times the token was not found at the beginning of a line. -1 when it got stuck.
    int run() {
        session_.output.clear();
        session_.wake = [this] { advance(); };
        advance();
        const bool finished = run_until(session_.loop, [this] { return received_ == rounds_; });
        session_.wake = nullptr;
        return finished ? mismatches_ : -1;
    }
    int held() const { return held_; }

  private:
    void advance() {
        if (received_ == rounds_) return;
        if (sent_ > received_) look_for_token();
        if (sent_ == received_ && sent_ < rounds_) send();
    }

    void send() {
        // The measured shells wait within a few ms at the latest; the bound of the language is not used here.
        if (session_.shell->reader_state() != ReaderState::Waiting &&
            std::getenv("RELUX_TEST_ALWAYS_WAITING") == nullptr) {
            ++held_;
            again_->arm(session_.loop.now() + 200us);
            return;
        }
        const std::string token = "token-" + std::to_string(sent_++);
        session_.shell->write("echo " + token + "\n");
    }

    void look_for_token() {
        const std::string token = "token-" + std::to_string(received_) + "\r\n";
        const std::size_t echo = session_.output.find("echo " + token);
        if (echo == std::string::npos) return;
        // The result: the token again after its echo.
        const std::size_t result = session_.output.find(token, echo + 5 + token.size());
        if (result == std::string::npos) return;
        const bool at_line_start = session_.output[result - 1] == '\n';
        // The echo must stand behind the prompt of the command before.
        const bool behind_prompt = echo >= 7 && session_.output.compare(echo - 7, 7, "ready> ") == 0;
        if (received_ > 0 && (!at_line_start || !behind_prompt)) ++mismatches_;
        session_.output.erase(0, result + token.size());
        ++received_;
    }

    TerminalSession& session_;
    int rounds_;
    int sent_ = 0;
    int received_ = 0;
    int mismatches_ = 0;
    int held_ = 0;
    std::unique_ptr<Timer> again_;
};

bool wait_until_waiting(TerminalSession& session) {
    return run_until(session.loop, [&] { return session.shell->reader_state() == ReaderState::Waiting; });
}

void check_back_to_back(const std::vector<std::string>& command) {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open(command));
    REQUIRE(session.wait_for_text("ready> "));
    REQUIRE(wait_until_waiting(session));
    BackToBack exchange(session, 2000);
    const Time start = loop->now();
    const int mismatches = exchange.run();
    MESSAGE(command.front() << ": " << (loop->now() - start).count() / 2000 / 1000
                            << " us a round trip, held " << exchange.held() << " times");
    CHECK(mismatches == 0);
}

}  // namespace

TEST_CASE("2,000 back-to-back sends on dash") {
    check_back_to_back({"dash"});
}
TEST_CASE("2,000 back-to-back sends on bash") {
    check_back_to_back({"bash", "--norc", "--noprofile"});
}

// A change that a command makes to a file is there when it has ended; its output may still be on its way
// through the terminal.
TEST_CASE("right after a write nobody is said to be waiting") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    const test_support::TemporaryDirectory directory;
    REQUIRE(session.open({"dash"}));
    REQUIRE(session.wait_for_text("ready> "));
    int said_waiting = 0;
    for (int i = 0; i < 200; ++i) {
        REQUIRE(wait_until_waiting(session));
        session.output.clear();
        const auto file = (directory.path() / std::to_string(i)).string();
        session.shell->write(": > " + file + "\n");
        for (int look = 0; look < 50; ++look) {
            if (session.shell->reader_state() != ReaderState::Waiting) continue;
            ++said_waiting;
            CHECK(std::filesystem::exists(file));
            break;
        }
        REQUIRE(session.wait_for_text("ready> "));
    }
    MESSAGE("said to be waiting within 50 looks: " << said_waiting << " of 200 times");
}

TEST_CASE("the reader may be the shell, a job, a child of a script, the end of a pipeline") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open({"bash", "--norc", "--noprofile"}));
    REQUIRE(session.wait_for_text("ready> "));
    for (const char* reader : {"cat", "sh -c 'cat; true'", "true | cat /dev/tty", "sh -c 'read line; cat'"}) {
        CAPTURE(reader);
        session.output.clear();
        REQUIRE(wait_until_waiting(session));
        session.shell->write(std::string(reader) + "\n");
        REQUIRE(wait_until_waiting(session));
        session.shell->write("given to the reader\n");
        REQUIRE(wait_until_waiting(session));
        session.shell->write("\x03");
        REQUIRE(session.wait_for_text("ready> "));
    }
}

TEST_CASE("a shell that runs a command, or reads a pipe, is busy") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open({"dash"}));
    REQUIRE(session.wait_for_text("ready> "));
    for (const char* command : {"sleep 1000", "x=$(sleep 1000)", "sleep 1000 | cat"}) {
        CAPTURE(command);
        session.output.clear();
        REQUIRE(wait_until_waiting(session));
        session.shell->write(std::string(command) + "\n");
        REQUIRE(
            run_until(*loop, [&] { return ::system("grep -qsa ^sleep.1000 /proc/[0-9]*/cmdline") == 0; }));
        for (int look = 0; look < 100; ++look)
            CHECK(session.shell->reader_state() == ReaderState::Busy);
        session.shell->write("\x03");
        REQUIRE(session.wait_for_text("ready> "));
        REQUIRE(
            run_until(*loop, [&] { return ::system("grep -qsa ^sleep.1000 /proc/[0-9]*/cmdline") != 0; }));
    }
}

TEST_CASE("a line sent in parts does not wait for a reader that can't have been woken") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open({"dash"}));
    REQUIRE(session.wait_for_text("ready> "));
    REQUIRE(wait_until_waiting(session));
    session.shell->write("echo one-");
    CHECK(session.shell->reader_state() == ReaderState::Waiting);
    session.shell->write("two\n");
    REQUIRE(session.wait_for_text("\r\none-two\r\n"));
}

TEST_CASE("what a look costs") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open({"dash"}));
    REQUIRE(session.wait_for_text("ready> "));
    REQUIRE(wait_until_waiting(session));
    const Time start = loop->now();
    for (int i = 0; i < 1000; ++i)
        session.shell->reader_state();
    MESSAGE("reader_state: " << (loop->now() - start).count() / 1000 << " ns");
}
