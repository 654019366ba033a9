// Long because it is a table of texts, one entry for each row of diagnostics.def and in its order. Every
// example is compiled by the tests: the wrong one must give its code, the right one nothing.
#include "frontend/explanations.h"

#include "vm/base/assert.h"

namespace relux::frontend {

namespace {

using Code = DiagnosticCode;

// 201 of each.
#define FIFTY(text) TEN(text) TEN(text) TEN(text) TEN(text) TEN(text)
#define TEN(text) text text text text text text text text text text
#define DEEP_CALLS FIFTY("trim(") FIFTY("trim(") FIFTY("trim(") FIFTY("trim(") "trim("
#define DEEP_ENDS FIFTY(")") FIFTY(")") FIFTY(")") FIFTY(")") ")"

constexpr Explanation kExplanations[] = {
    {Code::ParseError, Edition::V0_4,
     R"(The text does not follow the grammar. The message says what was expected at the place that is underlined
and what stands there instead; a hint names the usual cause where there is one.

Every mistake of every file is reported in one go. A file with a syntax error makes its own tests invalid, and so
those that import it; all others still run.)",
     R"(test "greets" {
    shell s {
        > echo hello
        <? ^hello$
)",
     R"(test "greets" {
    shell s {
        > echo hello
        <? ^hello$
    }
}
)"},
    {Code::UnknownEscape, Edition::V0_4,
     R"(In strings and in the text of `>`, `=>`, `<=`, `!=` and `=` a backslash begins an escape: `\n \t \r \\ \" \0 \a
\b \f \v \e`. Any other one is an error, because it is more often a mistake than a wish for the two characters. Write
`\\` for a backslash that the shell is to see. In regular expressions (`<?`, `!?`, `?`) a backslash belongs to the
pattern and needs no doubling.)",
     R"(test "counts digits" {
    shell s {
        > echo a1b2 | grep -o '\d' | wc -l
        <? ^2$
    }
}
)",
     R"(test "counts digits" {
    shell s {
        > echo a1b2 | grep -oP '\\d' | wc -l
        <? ^2$
    }
}
)"},
    {Code::NoEqualityOperator, Edition::V0_4,
     R"(Relux has no `==`. A value is checked by an assertion, `value ? regex`; `^` and `$` make it an equality. In
edition 0.8 `value = text` compares byte for byte. The condition of a marker is written with one `=`.)",
     R"(test "knows the mode" {
    let mode = "fast"
    mode == fast
    shell s {
        > echo ${mode}
        <? ^fast$
    }
}
)",
     R"(test "knows the mode" {
    let mode = "fast"
    mode ? ^fast$
    shell s {
        > echo ${mode}
        <? ^fast$
    }
}
)"},
    {Code::BadDuration, Edition::V0_4,
     R"(A duration is one or more pairs of a number and a unit without spaces: `250ms`, `5s`, `1m30s`. The units are
`ns us ms s m h d`. Zero, an unknown unit and what is too long for the clock are errors. In `Relux.toml` and on the
command line spaces between the pairs are allowed.)",
     R"(test "waits" {
    shell s {
        > echo ready
        <~10sec? ^ready$
    }
}
)",
     R"(test "waits" {
    shell s {
        > echo ready
        <~10s? ^ready$
    }
}
)"},
    {Code::BadEncoding, Edition::V0_4,
     R"(Source files are UTF-8. A byte that is none, or a NUL byte, is an error at its place: the file was saved in
another encoding, or is not a text. Convert it, for example with `iconv -f latin1 -t utf-8`. To send such a byte to a
program, let the shell make it: `printf '\\377'`.)",
     "test \"drinks\" {\n    shell s {\n        > echo caf\xe9\n        <? ^caf\n    }\n}\n",
     "test \"drinks\" {\n    shell s {\n        > echo café\n        <? ^café$\n    }\n}\n"},
    {Code::ModuleNotFound, Edition::V0_4,
     R"(`import a/b` reads `relux/lib/a/b.relux` under the project's root, the directory of `Relux.toml`, wherever the
importing file is. There is no such file. The path is never relative to the importing file, and has no suffix.)",
     R"(// --- relux/tests/login.relux
import service/users

test "logs in" {
    start Users
}
// --- relux/lib/service/user.relux
effect Users {
}
)",
     R"(// --- relux/tests/login.relux
import service/user

test "logs in" {
    start Users
}
// --- relux/lib/service/user.relux
effect Users {
}
)"},
    {Code::NotExported, Edition::V0_4,
     R"(The module exists but has no function or effect of that name. Functions and effects that a module defines can be
imported; its tests can't, and neither can what it has imported itself: import that from where it is defined.)",
     R"(// --- relux/tests/greet.relux
import words { greting }

test "greets" {
    shell s {
        > echo ${name}
        <? ^hello$
    }
    cleanup {
        > echo bye
    }
}
// --- relux/lib/words.relux
pure fn greeting() {
    "hello"
}
)",
     R"(// --- relux/tests/greet.relux
import words { greeting }

test "greets" {
    let word = greeting()
    shell s {
        > echo ${word}
        <? ^hello$
    }
}
// --- relux/lib/words.relux
pure fn greeting() {
    "hello"
}
)"},
    {Code::ImportCycle, Edition::V0_4,
     R"(A module imports itself, directly or by way of others; the message prints the way. Modules are loaded once, each
after those that it imports, so there is no order in which these could be. Move what both need into a module of its
own that imports neither.)",
     R"(// --- relux/tests/t.relux
import a

test "works" {
    shell s {
        first()
    }
}
// --- relux/lib/a.relux
import b
fn first() {
    second()
}
// --- relux/lib/b.relux
import a
fn second() {
    match_prompt()
}
)",
     R"(// --- relux/tests/t.relux
import a

test "works" {
    shell s {
        first()
    }
}
// --- relux/lib/a.relux
import b
fn first() {
    second()
}
// --- relux/lib/b.relux
fn second() {
    > echo second
    <? ^second$
}
)"},
    {Code::NameConflict, Edition::V0_4,
     R"(Two things have one name where both are visible: two definitions of one file, a definition and an import, two
imports, two parameters, or two tests of one file. A function is its name and its number of parameters, so `f/1` and
`f/2` don't collide. A built-in function can't be redefined. Importing the same definition twice is no conflict. Rename
one of the two, or import it under another name: `import m { name as other_name }`.)",
     R"(test "greets" {
    shell s {
        > echo hello
        <? ^hello$
    }
}
test "greets" {
    shell s {
        > echo good morning
        <? ^good morning$
    }
}
)",
     R"(test "greets" {
    shell s {
        > echo hello
        <? ^hello$
    }
}
test "greets in the morning" {
    shell s {
        > echo good morning
        <? ^good morning$
    }
}
)"},
    {Code::UndefinedFunction, Edition::V0_4,
     R"(No function of that name and that number of arguments is visible: it is neither defined in this file, nor
imported, nor built in. The message lists the arities that exist and the nearest name. A function of another module
needs an `import`.)",
     R"(fn login(user, password) {
    > login ${user}
    <? ^Password:
    > ${password}
    <? ^Welcome
}
test "logs in" {
    shell s {
        login("ann")
    }
}
)",
     R"(fn login(user, password) {
    > login ${user}
    <? ^Password:
    > ${password}
    <? ^Welcome
}
test "logs in" {
    shell s {
        login("ann", "secret")
    }
}
)"},
    {Code::UndefinedEffect, Edition::V0_4,
     R"(`start` names an effect that this file neither defines nor imports. The message has the nearest name. An effect of
another module needs an `import`.)",
     R"(effect Database {
    expose db
    shell db {
        > echo up
        <? ^up$
    }
}
test "asks" {
    start Databse as d
    shell d.db {
        > echo 1
        <? ^1$
    }
}
)",
     R"(effect Database {
    expose db
    shell db {
        > echo up
        <? ^up$
    }
}
test "asks" {
    start Database as d
    shell d.db {
        > echo 1
        <? ^1$
    }
}
)"},
    {Code::EffectCycle, Edition::V0_4,
     R"(Effects start each other in a circle; the message prints the way. An effect is set up after those that it starts,
so none of these could be first. Put what both need into a third effect that both start.)",
     R"(effect Api {
    start Worker
}
effect Worker {
    start Api
}
test "works" {
    start Api
}
)",
     R"(effect Queue {
}
effect Api {
    start Queue
}
effect Worker {
    start Queue
}
test "works" {
    start Api
    start Worker
}
)"},
    {Code::ImpureInPure, Edition::V0_4,
     R"(A send, a match, a fail pattern, a time-out, or the call of a function that does such things stands where there is
no shell: in a `pure fn`, a marker, an overlay, or a declaration of a test or effect. A function that does none of
these can be declared `pure fn` and then be called everywhere. Otherwise move the operation into a shell block.)",
     R"(fn address(port) {
    "127.0.0.1:${port}"
}
test "connects" {
    let server = address(8080)
    shell s {
        > echo ${server}
        <? :8080$
    }
}
)",
     R"(pure fn address(port) {
    "127.0.0.1:${port}"
}
test "connects" {
    let server = address(8080)
    shell s {
        > echo ${server}
        <? :8080$
    }
}
)"},
    {Code::ExpectationNotMet, Edition::V0_4,
     R"(An effect says with `expect` which variables it needs, and on the way from this test to the effect nothing provides
one of them: no overlay of a `start`, no expectation of an effect in between, not the environment of the host, and no
`.env` file between the project's root and the test's directory. Add the variable to the overlay, `start E { NAME =
value }`, or to an `.env` file, or let the effect in between expect it.)",
     R"(effect Server {
    expect PORT
    expose log
    shell log {
        > echo listening on ${PORT}
        <? ^listening
    }
}
test "serves" {
    start Server
}
)",
     R"(effect Server {
    expect PORT
    expose log
    shell log {
        > echo listening on ${PORT}
        <? ^listening
    }
}
test "serves" {
    start Server { PORT = available_port() }
}
)"},
    {Code::ExposeMissing, Edition::V0_4,
     R"(`expose` names a shell or variable that the effect does not have, or that the effect started under that alias does
not expose. A shell is one that the effect's own `shell` blocks open; a variable is one of its `let`s or
expectations.)",
     R"(effect Server {
    expose server
    shell service {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server
}
)",
     R"(effect Server {
    expose service
    shell service {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server
}
)"},
    {Code::InvalidRegex, Edition::V0_4,
     R"(The regular expression does not compile. The rest of the message is PCRE2's own, and the place is the one at which
it gave up. Characters with a meaning, `. ^ $ * + ? ( ) [ ] { } | \`, stand for themselves after a backslash; text that
needs no pattern is better matched with `<=`, where nothing has a meaning. A pattern with `${name}` in it is compiled
when it runs.)",
     R"(test "shows the total" {
    shell s {
        > echo 'total (net: 5'
        <? ^total (net: 5$
    }
}
)",
     R"(test "shows the total" {
    shell s {
        > echo 'total (net: 5'
        <? ^total \(net: 5$
    }
}
)"},
    {Code::UndeclaredAssignment, Edition::V0_4,
     R"(The variable was never declared. `name = value` changes the nearest variable declared with `let`: of the shell, then
of the test or effect; inside a function only its own. So a misspelt name is found instead of becoming a new variable.
The environment can't be assigned at all: declare a variable of the same name and change that.)",
     R"(test "counts" {
    shell s {
        let count = 1
        cuont = 2
        > echo ${count}
        <? ^2$
    }
}
)",
     R"(test "counts" {
    shell s {
        let count = 1
        count = 2
        > echo ${count}
        <? ^2$
    }
}
)"},
    {Code::UndefinedShell, Edition::V0_4,
     R"(`shell alias.name` enters a shell that the effect started under that alias exposes, and it exposes none of that
name. The message lists what it does expose. A shell is hidden until the effect says `expose name`.)",
     R"(effect Server {
    expose log
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as server
    shell server.logs {
        > echo more
        <? ^more$
    }
}
)",
     R"(effect Server {
    expose log
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as server
    shell server.log {
        > echo more
        <? ^more$
    }
}
)"},
    {Code::UndefinedAlias, Edition::V0_4,
     R"(`shell a.name`, `${a.name}` and `expose a.name` reach into an effect that was started as `a`, and no `start` of this
test or effect gives that alias. A bare `start E` sets the effect up but gives no access to it: write `start E as a`.)",
     R"(effect Server {
    expose log
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server
    shell server.log {
        > echo more
        <? ^more$
    }
}
)",
     R"(effect Server {
    expose log
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as server
    shell server.log {
        > echo more
        <? ^more$
    }
}
)"},
    {Code::StartCycle, Edition::V0_4,
     R"(An overlay that reads `other.NAME` makes its effect wait until `other` is ready. Here the waiting goes in a circle:
each of these effects needs a variable that another one of them has yet to compute. Compute one of the values outside,
for example with a `let` before the starts.)",
     R"(effect Peer {
    expect OTHER
    expose var PORT
    expose s
    let PORT = available_port()
    shell s {
        > echo ${OTHER} ${PORT}
        <? \d$
    }
}
test "two peers" {
    start Peer as a { OTHER = b.PORT }
    start Peer as b { OTHER = a.PORT }
}
)",
     R"(effect Peer {
    expect OTHER
    expose var PORT
    expose s
    let PORT = available_port()
    shell s {
        > echo ${OTHER} ${PORT}
        <? \d$
    }
}
test "two peers" {
    let first = available_port()
    start Peer as a { OTHER = first }
    start Peer as b { OTHER = a.PORT }
}
)"},
    {Code::LimitExceeded, Edition::V0_4,
     R"(Something is larger than the compiler or the format of its modules allows: calls nested more than 200 deep, effects
that start each other in a chain of thousands, a capture number no regex can have, a line of more than 16 million bytes,
or more variables or constants in one place than instructions can name. Generated programs run into it; split them.)",
     "test \"trims\" {\n    let word = " DEEP_CALLS "\"x\"" DEEP_ENDS
     "\n    shell s {\n        > echo ${word}\n        <? ^x$\n    }\n}\n",
     R"(test "trims" {
    let word = trim(trim("x"))
    shell s {
        > echo ${word}
        <? ^x$
    }
}
)"},
    {Code::AliasCasing, Edition::V0_4,
     R"(Casing tells functions from effects: a function's name begins with a lower-case letter or `_`, an effect's with an
upper-case one. An alias keeps the kind of what it names. In edition 0.8 the alias of a `start` begins with an
upper-case letter as well.)",
     R"(// --- relux/tests/serves.relux
import service { Server as server }

test "serves" {
    start Server
}
// --- relux/lib/service.relux
effect Server {
}
)",
     R"(// --- relux/tests/serves.relux
import service { Server as Service }

test "serves" {
    start Service
}
// --- relux/lib/service.relux
effect Server {
}
)"},
    {Code::FileUnreadable, Edition::V0_4,
     R"(The file exists but the system would not let it be read; the message has the system's reason. Most often it is a
matter of permissions, or something that is no file has the name of one.)",
     R"(// --- relux/tests/serves.relux
import service

test "serves" {
    start Server
}
// --- relux/lib/service.relux (not readable)
effect Server {
}
)",
     R"(// --- relux/tests/serves.relux
import service

test "serves" {
    start Server
}
// --- relux/lib/service.relux
effect Server {
}
)"},
    {Code::NeverSet, Edition::V0_4,
     R"(The variable is read, and nothing can ever have set it: no `let` and no parameter that is visible here, no overlay,
not the environment. An unknown name is the empty string, so the program would run with nothing in its place; a misspelt
name is the usual reason. A function sees its own names and the environment only, never the variables of its caller:
pass them as arguments. To give a shell its own variable leave out the braces: `$HOME` reaches the shell untouched. What
may well be unset is read with `default(NAME, "")`.)",
     R"(fn greet() {
    > echo hello ${who}
    <? ^hello ann$
}
test "greets" {
    shell s {
        greet()
    }
}
)",
     R"(fn greet(who) {
    > echo hello ${who}
    <? ^hello ann$
}
test "greets" {
    shell s {
        greet("ann")
    }
}
)"},
    {Code::UnusedLet, Edition::V0_4,
     R"(A variable is declared and nobody reads it. Often the name is misspelt where it should be read, or `$name` stands
where `${name}` is meant: that one is the shell's variable. Remove it, or let its name begin with `_` to say that it is
there on purpose.)",
     R"(test "greets" {
    let who = "ann"
    shell s {
        > echo hello $who
        <? ^hello
    }
}
)",
     R"(test "greets" {
    let who = "ann"
    shell s {
        > echo hello ${who}
        <? ^hello
    }
}
)"},
    {Code::Unreachable, Edition::V0_4,
     R"(No test of this file can reach the function or effect, and other files can't import from a test file. It is left
over, or a call of it is missing. What several files share belongs below `relux/lib`, where nothing is reported as
unused.)",
     R"(fn check() {
    > echo ok
    <? ^ok$
}
fn check_twice() {
    check()
    check()
}
test "checks" {
    shell s {
        check()
    }
}
)",
     R"(fn check() {
    > echo ok
    <? ^ok$
}
test "checks" {
    shell s {
        check()
    }
}
)"},
    {Code::LegacyExpose, Edition::V0_4,
     R"(An effect without `expose` exposes its first shell. That is a rule of edition 0.4 that edition 0.8 dropped, because
nothing in the effect tells its reader. Write the `expose` that is meant; it works in both editions as `expose shell
name`.)",
     R"(effect Server {
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as server
    shell server.log {
        > echo more
        <? ^more$
    }
}
)",
     R"(effect Server {
    expose shell log
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as server
    shell server.log {
        > echo more
        <? ^more$
    }
}
)"},
    {Code::LegacyAlias, Edition::V0_4,
     R"(The alias of an effect that exposes exactly one shell is used as the name of that shell. That is a rule of edition
0.4 that edition 0.8 dropped, because a misspelt shell name and an alias look the same. Write `shell alias.name`.)",
     R"(effect Server {
    expose log
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as server
    shell server {
        > echo more
        <? ^more$
    }
}
)",
     R"(effect Server {
    expose log
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as server
    shell server.log {
        > echo more
        <? ^more$
    }
}
)"},
    {Code::AssertionTooLong, Edition::V0_4,
     R"(A time-out written with `@` is longer than the time-out of the test around it, so it can never fire: the test is
over before. Shorten it, or give the test more time.)",
     R"(test "answers in time" @5s {
    shell s {
        > echo answer
        <@10s? ^answer$
    }
}
)",
     R"(test "answers in time" @15s {
    shell s {
        > echo answer
        <@10s? ^answer$
    }
}
)"},
    {Code::EchoMatch, Edition::V0_4,
     R"(A terminal shows what is typed into it, so what is sent comes back in the output before the command's own output.
This match looks for text that stands in the line just sent: it finds that echo, at once, and says nothing about the
command. Anchor the pattern: `<? ^text$` matches a line that consists of the text, which the echo of the command does
not.)",
     R"(test "greets" {
    shell s {
        > echo hello
        <= hello
    }
}
)",
     R"(test "greets" {
    shell s {
        > echo hello
        <? ^hello$
    }
}
)"},
    {Code::ImplicitExpose, Edition::V0_8,
     R"(In edition 0.8 an effect exposes what its `expose` lines name and nothing else; this one exposes nothing, and a
shell of it is used. Edition 0.4 exposed the first shell of such an effect. Write `expose shell name` in the effect.)",
     R"(effect Server {
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as Main
    shell Main.log {
        > echo more
        <? ^more$
    }
}
)",
     R"(effect Server {
    expose shell log
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as Main
    shell Main.log {
        > echo more
        <? ^more$
    }
}
)"},
    {Code::AliasAsShell, Edition::V0_8,
     R"(An alias stands where the name of a shell belongs. Edition 0.4 took it for the only shell that the effect exposes;
edition 0.8 wants it said: `shell Alias.name`. There an alias also begins with an upper-case letter, and no shell does, so
this error never comes alone.)",
     R"(effect Server {
    expose shell log
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as server
    shell server {
        > echo more
        <? ^more$
    }
}
)",
     R"(effect Server {
    expose shell log
    shell log {
        > echo up
        <? ^up$
    }
}
test "serves" {
    start Server as Main
    shell Main.log {
        > echo more
        <? ^more$
    }
}
)"},
    {Code::VariableNotExposed, Edition::V0_4,
     R"(`${alias.name}` reads a variable that the effect started under that alias exposes, and it exposes none of that name.
Variables of an effect are its own until it says `expose var name`.)",
     R"(effect Server {
    let PORT = available_port()
    expose log
    shell log {
        > echo ${PORT}
        <? \d$
    }
}
test "connects" {
    start Server as server
    shell s {
        > echo ${server.PORT}
        <? \d$
    }
}
)",
     R"(effect Server {
    let PORT = available_port()
    expose var PORT
    expose log
    shell log {
        > echo ${PORT}
        <? \d$
    }
}
test "connects" {
    start Server as server
    shell s {
        > echo ${server.PORT}
        <? \d$
    }
}
)"},
    {Code::UnwaitedSend, Edition::V0_4,
     R"(The last line of a shell is a send, and nothing waits for what it does: when the last line has been typed, the
test is over and its shells are ended, often before the command has run. Whether it fails, is misspelt or never runs
is seen by nobody, and the test passes. The same holds for the last line of a cleanup block. `match_ok()` waits for the
command and checks that it succeeded; a match of what it prints waits too.

There is no warning where something later may be the wait: a block of another shell of the same test or effect that
matches, a starter that matches in the exposed shell; nor for `exit`, `quit` and the like, nor for a send just after a
key such as `ctrl_c()`.)",
     R"(test "deploys" {
    shell s {
        > touch deployed
    }
}
)",
     R"(test "deploys" {
    shell s {
        > touch deployed
        match_ok()
    }
}
)"},
    {Code::DoubledDollar, Edition::V0_4,
     R"(In Relux `$$` is written for one `$`, so the shell never sees the two that stand for its process id, and a name
such as /tmp/work.$$ is the same in every test. The shell's own `$$` is written `$$$$`. There is no warning where `$$`
is certain to be meant as one `$`: before `{` and `(`, and before the name of a variable that the shell may have.)",
     R"(test "the shell's process number" {
    shell s {
        > echo "pid $$"
        <? ^pid \d+$
    }
}
)",
     R"(test "the shell's process number" {
    shell s {
        > echo "pid $$$$"
        <? ^pid \d+$
    }
}
)"},
    {Code::NulBeforeDigit, Edition::V0_4,
     R"(`\0` is the byte NUL, and there are no octal escapes: in `\033` it is followed by the text `33`. The escape byte
is `\e`. Where a program such as printf is to see the backslash, it is written twice.)",
     R"(test "prints in red" {
    shell s {
        > printf '\033[31mred'
        match_ok()
    }
}
)",
     R"(test "prints in red" {
    shell s {
        > printf '\\033[31mred'
        match_ok()
    }
}
)"},
    {Code::BareWordInMarker, Edition::V0_4,
     R"(A bare word in a marker is the name of a variable, on the right of `=` as well. Nothing sets this one, so the
condition compares with the empty text, and decides about the test without a word. Text is written in quotes.)",
     R"(# run if CI = true
test "only in CI" {
    shell s {
        > echo here
        <? ^here$
    }
}
)",
     R"(# run if CI = "true"
test "only in CI" {
    shell s {
        > echo here
        <? ^here$
    }
}
)"},
    {Code::MisspeltMarker, Edition::V0_4,
     R"(A line that begins with `#` is a comment unless its first word is `skip`, `run` or `flaky`. This one is nearly
that, so a marker that was meant is left out. A comment can begin with `//` too.)",
     R"(# Skip
test "not today" {
    shell s {
        > echo here
        <? ^here$
    }
}
)",
     R"(# skip
test "not today" {
    shell s {
        > echo here
        <? ^here$
    }
}
)"},
};

#undef DEEP_ENDS
#undef DEEP_CALLS
#undef TEN
#undef FIFTY

}  // namespace

std::span<const Explanation> explanations() {
    return kExplanations;
}

const Explanation& explanation(DiagnosticCode code) {
    for (const auto& each : kExplanations) {
        if (each.code == code) return each;
    }
    RELUX_UNREACHABLE("a diagnostic without an explanation");
}

std::vector<ExampleFile> example_files(std::string_view example) {
    constexpr std::string_view kMark = "// --- ";
    constexpr std::string_view kNotReadable = " (not readable)";
    if (!example.starts_with(kMark)) return {{"relux/tests/example.relux", example, true}};
    std::vector<ExampleFile> files;
    while (!example.empty()) {
        const auto newline = example.find('\n');
        auto path = example.substr(kMark.size(), newline - kMark.size());
        const bool readable = !path.ends_with(kNotReadable);
        if (!readable) path.remove_suffix(kNotReadable.size());
        example.remove_prefix(newline + 1);
        auto next = example.find(std::string("\n") + std::string(kMark));
        next = next == std::string_view::npos ? example.size() : next + 1;
        files.push_back({path, example.substr(0, next), readable});
        example.remove_prefix(next);
    }
    return files;
}

}  // namespace relux::frontend
