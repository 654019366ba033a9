// Bytes in and out: nothing lost, nothing blocked, and what callbacks may do.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/pty/terminal_session.h"

using namespace relux;
using namespace relux::io;
using namespace std::chrono_literals;

namespace {

// Checks the numbered records of ptychild without keeping them.
class RecordCheck {
  public:
    void take(std::string_view bytes) {
        for (const char byte : bytes) {
            if (byte == '\r' || byte == '\n') {
                if (!line_.empty()) finish_line();
            } else {
                line_ += byte;
            }
        }
    }
    long records = 0;
    long wrong = 0;
    std::string others;

  private:
    void finish_line() {
        char expected[32];
        std::snprintf(expected, sizeof expected, "%014ld", records);
        if (line_ == expected) {
            ++records;
        } else if (line_.find_first_not_of("0123456789") == std::string::npos) {
            ++wrong;
        } else {
            others += line_ + ";";
        }
        line_.clear();
    }
    std::string line_;
};

}  // namespace

TEST_CASE("64 MiB arrive whole, and before the end of output") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    RecordCheck check;
    std::size_t longest = 0;
    session.output_hook = [&](std::string_view bytes) {
        check.take(bytes);
        longest = std::max(longest, bytes.size());
    };
    REQUIRE(session.open_child("huge", std::to_string(64L << 20)));
    REQUIRE(session.wait_for_exit());
    CHECK(check.records == (64L << 20) / 16);
    CHECK(check.wrong == 0);
    CHECK(longest <= 65536);
    CHECK(session.order.find('c') > session.order.rfind('o'));
}

TEST_CASE("a MiB written to a process that writes a MiB before it reads") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    RecordCheck check;
    bool ready = false;
    session.output_hook = [&](std::string_view bytes) {
        check.take(bytes);
        ready = ready || !check.others.empty();
    };
    REQUIRE(session.open_child("write-then-read", "1048576"));
    REQUIRE(run_until(*loop, [&] { return ready; }));
    session.shell->write(std::string(1 << 20, 'x'));
    CHECK(session.shell->unwritten() > 0);
    CHECK(session.shell->reader_state() == ReaderState::Busy);
    REQUIRE(session.wait_for_exit());
    CHECK(check.others == "ready;read 1048576;");
    CHECK(check.records == 65536);
    CHECK(check.wrong == 0);
}

TEST_CASE("no echo, no newline, half a sequence, late") {
    auto loop = make_uv_loop().value();
    TerminalSession silent(*loop);
    REQUIRE(silent.open_child("no-echo"));
    REQUIRE(silent.wait_for_text("ready\r\n"));
    silent.shell->write("hello\n");
    REQUIRE(silent.wait_for_text("got:hello\r\n"));
    CHECK(silent.output == "ready\r\ngot:hello\r\n");

    TerminalSession open_line(*loop);
    REQUIRE(open_line.open_child("no-newline"));
    REQUIRE(open_line.wait_for_text("no newline"));
    CHECK(open_line.output == "no newline");

    TerminalSession half(*loop);
    REQUIRE(half.open_child("half-sequence"));
    REQUIRE(half.wait_for_text("\xe2\x82"));
    half.shell->write("\n");
    REQUIRE(half.wait_for_exit());
    CHECK(half.output == "\xe2\x82\r\n\xac\r\n");

    TerminalSession late(*loop);
    REQUIRE(late.open_child("late", "20000"));
    REQUIRE(late.wait_for_text("ready"));
    late.shell->write("\n");
    REQUIRE(late.wait_for_exit());
    CHECK(late.output == "ready\r\n\r\nlate\r\n");
}

TEST_CASE("a process that closes its terminal closes the output, and can still be ended") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open_child("close-terminal"));
    REQUIRE(run_until(*loop, [&] { return session.closed; }));
    CHECK(session.output == "ready\r\n");
    CHECK_FALSE(session.status);
    session.shell->write("nobody reads this\n");
    REQUIRE(session.end(kGiveUp));
    CHECK(session.status->signalled);
}

TEST_CASE("the longest line") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open_child("no-echo"));
    REQUIRE(session.wait_for_text("ready"));
    CHECK(session.shell->line_limit() == 4096);
    const std::string line(4095, 'y');
    session.shell->write(line + "\n");
    REQUIRE(session.wait_for_text("got:" + line + "\r\n"));
    TerminalSession bash(*loop);
    REQUIRE(bash.open({"bash", "--norc", "--noprofile"}));
    REQUIRE(bash.wait_for_text("ready> "));
    CHECK(bash.shell->line_limit() == 0);
}

TEST_CASE("no callback from inside a call, and a callback may destroy the shell") {
    auto loop = make_uv_loop().value();
    for (const char moment : {'o', 'c', 'x', 'e'}) {
        CAPTURE(moment);
        TerminalSession session(*loop);
        REQUIRE(session.open_child("no-echo"));
        REQUIRE(session.wait_for_text("ready"));
        session.wake = [&] {
            if (session.order.back() != moment || !session.shell) return;
            session.shell.reset();
            session.order += '|';
        };
        const std::string before = session.order;
        session.shell->write("x\n");
        if (moment != 'o') session.shell->end(kGiveUp);
        CHECK(session.order == before);
        REQUIRE(run_until(*loop, [&] { return session.shell == nullptr; }));
        run_until(*loop, [] { return own_children().empty(); });
        CHECK(session.order.back() == '|');
        session.ended = true;
    }
}

TEST_CASE("output is given from inside a call that asks for it, and its end is not") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open_child("late", "0"));
    REQUIRE(session.wait_for_text("ready\r\n"));
    while (session.shell->take_output()) {
    }
    session.output.clear();
    session.shell->write("\n");
    while (!session.shell->output_waits())
        std::this_thread::yield();
    while (session.output.find("late\r\n") == std::string::npos)
        session.shell->take_output();
    CHECK(session.output == "\r\nlate\r\n");
    while (runs(session.shell->pid()))
        std::this_thread::yield();
    session.shell->take_output();
    CHECK_FALSE(session.closed);
    REQUIRE(session.wait_for_exit());
    REQUIRE(run_until(*loop, [&] { return session.closed; }));
    CHECK_FALSE(session.shell->take_output());
}

TEST_CASE("a terminal kept open by a child: the exit comes first, the end of output with end()") {
    auto loop = make_uv_loop().value();
    TerminalSession session(*loop);
    REQUIRE(session.open_child("leave-child"));
    REQUIRE(session.wait_for_text("ready"));
    session.shell->write("\n");
    REQUIRE(run_until(*loop, [&] { return session.status.has_value(); }));
    CHECK_FALSE(session.closed);
    CHECK_FALSE(own_children().empty());
    REQUIRE(session.end(kGiveUp));
    CHECK(session.order.substr(session.order.find('x')) == "xce");
    CHECK(own_children().empty());
}

namespace {

/// Two shells, one of which prints without end, and how often its output has been given.
struct Flood {
    explicit Flood(Loop& loop) : loud(loop), quiet(loop) {
        loud.output_hook = [this](std::string_view bytes) { look(bytes.size()); };
        REQUIRE(quiet.open({"/bin/sh", "-c", "echo here; exec sleep 1000"}));
        REQUIRE(loud.open({"/usr/bin/yes", std::string(1000, 'x')}));
        REQUIRE(quiet.wait_for_text("here"));
        REQUIRE(run_until(loop, [this] { return looks > 20 && prints_much; }));
    }
    /// On a loaded machine it may print little for a while, and is one of many then: UvShell's own measure.
    void look(std::size_t size) {
        constexpr std::size_t kMuch = 2048;
        constexpr int kSmallLooks = 4;
        ++looks;
        small_looks = size >= kMuch ? 0 : small_looks + 1;
        prints_much = size >= kMuch || (prints_much && small_looks < kSmallLooks);
    }
    /// A piece of other work, in whose course the terminal fills again.
    void work() {
        while (!loud.shell->output_waits())
            std::this_thread::yield();
        seen.push_back({looks, prints_much});
    }
    /// Counts the pieces of work, but for the last, after which nobody had looked when the next one began,
    /// although the shell was printing much.
    long unseen() const {
        long count = 0;
        for (std::size_t i = 1; i < seen.size(); ++i)
            count += seen[i - 1].prints_much && seen[i].looks == seen[i - 1].looks;
        return count;
    }

    TerminalSession loud;
    TerminalSession quiet;
    int looks = 0;
    int small_looks = 0;
    bool prints_much = false;
    struct Seen {
        int looks;
        bool prints_much;
    };
    std::vector<Seen> seen;
};

constexpr std::size_t kPieces = 50;

}  // namespace

TEST_CASE("a shell that prints much is looked at between any two pieces of work of one turn of the loop") {
    auto loop = make_uv_loop().value();
    Flood flood(*loop);
    loop->post([&] {
        for (std::size_t i = 0; i < kPieces; ++i)
            loop->post([&] { flood.work(); });
    });
    REQUIRE(run_until(*loop, [&] { return flood.seen.size() == kPieces; }));
    CHECK(flood.unseen() == 0);
    REQUIRE(flood.loud.end(Duration(0)));
    REQUIRE(flood.quiet.end(Duration(0)));
}

TEST_CASE("a shell that prints much is looked at between any two timers that are due") {
    auto loop = make_uv_loop().value();
    Flood flood(*loop);
    std::vector<std::unique_ptr<Timer>> timers;
    const auto due = loop->now();
    for (std::size_t i = 0; i < kPieces; ++i) {
        timers.push_back(loop->make_timer([&] { flood.work(); }));
        timers.back()->arm(due);
    }
    REQUIRE(run_until(*loop, [&] { return flood.seen.size() == kPieces; }));
    CHECK(flood.unseen() == 0);
    REQUIRE(flood.loud.end(Duration(0)));
    REQUIRE(flood.quiet.end(Duration(0)));
}

namespace {

/// Six shells that print without end, one of which destroys the others from inside a callback.
void destroy_all_but_one() {
    auto loop = make_uv_loop().value();
    std::vector<std::unique_ptr<TerminalSession>> floods;
    int looks = 0;
    TerminalSession* left = nullptr;
    const auto destroy_others = [&](TerminalSession& that_prints) {
        left = &that_prints;
        for (auto& other : floods) {
            if (other.get() == left) continue;
            while (!other->shell->output_waits())
                std::this_thread::yield();
            other->shell.reset();
            other->ended = true;
        }
    };
    for (int i = 0; i < 6; ++i) {
        auto& session = *floods.emplace_back(std::make_unique<TerminalSession>(*loop));
        session.output_hook = [&](std::string_view) {
            // By then all of them are known to print much.
            if (++looks >= 300 && left == nullptr) destroy_others(session);
        };
        REQUIRE(session.open({"/usr/bin/yes", std::string(1000, 'x')}));
    }
    REQUIRE(run_until(*loop, [&] { return looks > 400; }));
    REQUIRE(left != nullptr);
    REQUIRE(left->end(Duration(0)));
}

}  // namespace

TEST_CASE("a shell that prints much may destroy others that are about to be looked at") {
    // The kernel decides which of them is looked at first: after the last of a turn none is about to be.
    for (int round = 0; round < 10; ++round)
        destroy_all_but_one();
}
