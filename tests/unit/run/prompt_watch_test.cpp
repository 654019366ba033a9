// Which of the places with the prompt's text is a prompt, and what a terminal shows behind its last line end.
#include "vm/run/prompt_watch.h"

#include <doctest/doctest.h>

#include "vm/run/unfinished_line.h"

using namespace relux;
using namespace relux::run;

namespace {

constexpr std::size_t kLimit = 1024 * 1024;

struct Terminal {
    match::OutputBuffer buffer{kLimit};
    PromptWatch watch{"$ "};

    void print(std::string_view bytes) { buffer.append(bytes); }
    void wait() { watch.seen_waiting(buffer.end()); }
    void type(std::string_view bytes) { watch.sent(bytes, buffer); }
    void consume(match::Position to) {
        buffer.consume(to);
        watch.consumed(to);
    }
};

}  // namespace

TEST_CASE("a prompt is where the shell waits, not where its text is printed") {
    Terminal terminal;
    terminal.type("env\n");
    terminal.print("env\r\nPS1=$ \r\n");
    CHECK_FALSE(terminal.watch.find(terminal.buffer));
    CHECK_FALSE(terminal.watch.at_prompt(terminal.buffer));
    terminal.print("$ ");
    CHECK(terminal.watch.at_prompt(terminal.buffer));
    CHECK_FALSE(terminal.watch.find(terminal.buffer));
    terminal.wait();
    CHECK(terminal.watch.find(terminal.buffer) == terminal.buffer.end());
}

TEST_CASE("prompts that the cursor has passed are forgotten, later ones come in order") {
    Terminal terminal;
    terminal.print("$ ");
    terminal.wait();
    const auto first = terminal.buffer.end();
    terminal.type("a\n");
    terminal.print("a\r\nout\r\n$ ");
    terminal.wait();
    const auto second = terminal.buffer.end();
    CHECK(terminal.watch.find(terminal.buffer) == first);
    terminal.consume(first);
    CHECK(terminal.watch.find(terminal.buffer) == second);
    terminal.consume(second);
    CHECK_FALSE(terminal.watch.find(terminal.buffer));
}

TEST_CASE("of lines typed ahead the first prompt is found, which has no line end behind it") {
    Terminal terminal;
    terminal.type("echo '$ '\n");
    terminal.type("true\n");
    terminal.print("echo '$ '\r\n$ \r\n$ true\r\n$ ");
    terminal.wait();
    // The first one has a quote behind it, and nothing but its place would tell it from a prompt.
    terminal.consume(terminal.buffer.begin() + std::string_view("echo '$ '\r\n").size());
    const auto found = terminal.watch.find(terminal.buffer);
    REQUIRE(found);
    CHECK(terminal.buffer.view(*found, terminal.buffer.end()) == "true\r\n$ ");
}

TEST_CASE("a prompt that was there before something was typed is none for it") {
    Terminal terminal;
    terminal.print("$ ");
    CHECK(terminal.watch.at_prompt(terminal.buffer));
    terminal.type("x");
    CHECK_FALSE(terminal.watch.at_prompt(terminal.buffer));
}

TEST_CASE("the unfinished line is what is seen of it") {
    CHECK(unfinished_line("").empty());
    CHECK(unfinished_line("whole\r\n").empty());
    CHECK(unfinished_line("one\r\nPassword: ") == "Password: ");
    CHECK(unfinished_line("\x1b[1;32muser@host\x1b[0m$ ") == "user@host$ ");
    CHECK(unfinished_line("\x1b]0;title\x07$ ") == "$ ");
    CHECK(unfinished_line("\x1b]0;title\x1b\\$ ") == "$ ");
    CHECK(unfinished_line("\x1b(B$ ") == "$ ");
    CHECK(unfinished_line("50 %\r100 %") == "100 %");
    CHECK(unfinished_line("typo\b\bed") == "tyed");
    // A screen counts as something to be seen, a colour or a sequence that is cut does not.
    CHECK_FALSE(unfinished_line("\x1b[2;5H").empty());
    CHECK(unfinished_line("\x1b[2J").empty());
    CHECK(unfinished_line("\x1b[").empty());
    CHECK(unfinished_line("\x1b").empty());
}

TEST_CASE("an echo asks for nothing") {
    CHECK_FALSE(asks_for_input("", "make", true));
    CHECK_FALSE(asks_for_input("mak", "make", true));
    CHECK_FALSE(asks_for_input("make", "make", true));
    CHECK_FALSE(asks_for_input("$ make", "make", true));
    CHECK(asks_for_input("$ make", "make", false));
    CHECK(asks_for_input("$ ", "make", true));
    CHECK(asks_for_input("Continue? ", "", true));
}
