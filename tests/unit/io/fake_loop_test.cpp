// The scripted shell behaves as its script says, at exact times.
#include "tests/support/fake_loop.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace relux;
using namespace relux::io;
using namespace std::chrono_literals;

namespace {

// Everything that the shell reports, one line per callback, with the time since the loop's start in
// microseconds.
class Recorder final : public ShellListener {
  public:
    explicit Recorder(FakeLoop& loop) : loop_(loop), start_(loop.now()) {}
    void on_output(std::string_view bytes) override {
        note("out " + std::string(bytes));
        if (output) output(bytes);
    }
    void on_output_closed() override { note("closed"); }
    void on_exit(ExitStatus status) override {
        note((status.signalled ? "signal " : "exit ") + std::to_string(status.code));
    }
    void on_ended() override { note("ended"); }

    std::vector<std::string> notes;
    std::function<void(std::string_view)> output;

  private:
    void note(const std::string& text) {
        notes.push_back(std::to_string((loop_.now() - start_).count() / 1000) + " " + text);
    }
    FakeLoop& loop_;
    Time start_;
};

using Notes = std::vector<std::string>;

}  // namespace

TEST_CASE("prompt, echo, answer, prompt, at their times") {
    FakeLoop loop;
    ShellScript script;
    script.prompt("$ ").start_delay(1ms).on_send("echo*", 2ms, "hello\r\n").then(3ms, "more\r\n");
    loop.set_script(script);
    Recorder recorder(loop);
    auto shell = loop.open_shell({}, recorder).value();
    CHECK(shell->reader_state() == ReaderState::Busy);
    loop.call_at(loop.now() + 5ms, [&] {
        CHECK(shell->reader_state() == ReaderState::Waiting);
        shell->write("echo hello\n");
        CHECK(recorder.notes.size() == 1);  // nothing from inside write()
        CHECK(shell->reader_state() == ReaderState::Busy);
    });
    loop.run();
    CHECK(recorder.notes == Notes{"1000 out $ ", "5000 out echo hello\r\n", "7000 out hello\r\n",
                                  "10000 out more\r\n", "10000 out $ "});
    CHECK(loop.received(0) == "echo hello\n");
    CHECK(shell->reader_state() == ReaderState::Waiting);
}

TEST_CASE("a line sent while a command runs is echoed at once and executed after it") {
    FakeLoop loop;
    ShellScript script;
    script.prompt("$ ").on_send("slow", 5ms, "done\r\n").on_send("next", 0ms, "next done\r\n");
    loop.set_script(script);
    Recorder recorder(loop);
    auto shell = loop.open_shell({}, recorder).value();
    loop.call_at(loop.now() + 1ms, [&] { shell->write("slow\nnext\n"); });
    loop.run();
    CHECK(recorder.notes == Notes{"0 out $ ", "1000 out slow\r\nnext\r\n", "6000 out done\r\n", "6000 out $ ",
                                  "6000 out next done\r\n", "6000 out $ "});
}

TEST_CASE("output in pieces, without echo") {
    FakeLoop loop;
    ShellScript script;
    script.echo(false).pieces(2).on_send("x", 0ms, "abcde");
    loop.set_script(script);
    Recorder recorder(loop);
    auto shell = loop.open_shell({}, recorder).value();
    shell->write("x\n");
    loop.run();
    CHECK(recorder.notes == Notes{"0 out ab", "0 out cd", "0 out e"});
}

TEST_CASE("a control byte ends a command that stays") {
    FakeLoop loop;
    ShellScript script;
    script.prompt("$ ").on_send_stay("serve", 1ms, "listening\r\n");
    loop.set_script(script);
    Recorder recorder(loop);
    auto shell = loop.open_shell({}, recorder).value();
    shell->write("serve\n");
    loop.call_at(loop.now() + 4ms, [&] { shell->write("\x03"); });
    loop.run();
    CHECK(recorder.notes ==
          Notes{"0 out serve\r\n", "0 out $ ", "1000 out listening\r\n", "4000 out ^C", "4000 out $ "});
}

TEST_CASE("exits: by command, by time, by end()") {
    FakeLoop loop;
    ShellScript by_command;
    by_command.exit_on_send("exit 3", 1ms, {false, 3}, "bye\r\n");
    ShellScript by_time;
    by_time.exit_at(2ms, {true, 11});
    ShellScript stubborn;
    stubborn.ignores_hang_up();
    loop.set_script(0, by_command);
    loop.set_script(1, by_time);
    loop.set_script(2, stubborn);
    Recorder first(loop);
    Recorder second(loop);
    Recorder third(loop);
    auto one = loop.open_shell({}, first).value();
    auto two = loop.open_shell({}, second).value();
    auto three = loop.open_shell({}, third).value();
    one->write("exit 3\n");
    loop.call_at(loop.now() + 10ms, [&] {
        one->end(1s);
        three->end(50ms);
    });
    loop.run();
    CHECK(first.notes ==
          Notes{"0 out exit 3\r\n", "1000 out bye\r\n", "1000 exit 3", "1000 closed", "10000 ended"});
    CHECK(second.notes == Notes{"2000 signal 11", "2000 closed"});
    CHECK(third.notes == Notes{"60000 signal 9", "60000 closed", "60000 ended"});
    CHECK(one->ended());
    REQUIRE(three->killed().size() == 1);
}

TEST_CASE("a callback may destroy the shell; nothing comes after") {
    FakeLoop loop;
    ShellScript script;
    script.prompt("$ ").pieces(1);
    loop.set_script(script);
    Recorder recorder(loop);
    auto shell = loop.open_shell({}, recorder).value();
    recorder.output = [&](std::string_view) { shell.reset(); };
    loop.run();
    CHECK(recorder.notes == Notes{"0 out $"});
}

TEST_CASE("timers share the time line with events; output at the same moment comes first") {
    FakeLoop loop;
    ShellScript script;
    script.print_at(3ms, "late");
    loop.set_script(script);
    Recorder recorder(loop);
    auto shell = loop.open_shell({}, recorder).value();
    std::string at_timer;
    auto timer = loop.make_timer([&] {
        at_timer = recorder.notes.empty() ? "nothing" : recorder.notes.back();
        loop.stop();
    });
    timer->arm(loop.now() + 3ms);
    loop.interrupt_at(loop.now() + 9ms, 2);
    loop.run();
    CHECK(at_timer == "3000 out late");
    int interrupt = 0;
    loop.watch_interrupts([&](int signal) { interrupt = signal; });
    loop.run();
    CHECK(interrupt == 2);
}
