// Effects (language 10): identity, order, concurrency, overlays, exposes, failing set-up.
#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

using report::OutcomeKind;

TEST_CASE("equal values of what is expected are one instance, whatever the path") {
    const std::string effects = R"(effect Db {
    expect PORT
    expose s
    shell s {
        > echo db ${PORT}
        <= db
    }
}
effect Left {
    expect PORT
    start Db
    expose s
    shell s {
    }
}
effect Right {
    expect PORT
    start Db as other
    expose s
    shell s {
    }
}
)";
    ScriptedSuite same;
    same.run(effects +
             "test \"t\" {\n let p = \"1\"\n start Left { PORT = p }\n start Right { PORT = \"1\" }\n}\n");
    CHECK(same.loop.shells_opened() == 3);
    ScriptedSuite different;
    different.run(effects + "test \"t\" {\n start Left { PORT = \"1\" }\n start Right { PORT = \"2\" }\n}\n");
    CHECK(different.loop.shells_opened() == 4);
}

TEST_CASE("independent effects are set up at the same time, dependent ones in order") {
    ScriptedSuite suite;
    auto script = ordinary_shell();
    script.on_send("boot", 1s, "booted\r\n");
    suite.loop.set_script(script);
    const auto result = suite.run(R"(effect A {
    expose s
    shell s {
        > boot
        <? ^booted$
    }
}
effect B {
    expose s
    shell s {
        > boot
        <? ^booted$
    }
}
effect C {
    start A
    expose s
    shell s {
        > boot
        <? ^booted$
    }
}
test "t" {
    start A
    start B
    start C
}
)");
    CHECK(result.results[0].outcome == OutcomeKind::Passed);
    CHECK(result.results[0].duration == 2s);
}

TEST_CASE("overlays reach through levels, into shells' environments too, and not into functions") {
    ScriptedSuite suite;
    const auto result = suite.run(R"(fn no_overlay() {
    > echo [${PORT}]
    <= []
}
effect Inner {
    expect PORT
    expose s
    shell s {
        > echo inner ${PORT} ${NAME}
        <= inner 7 outer
        no_overlay()
    }
}
effect Outer {
    expect PORT
    start Inner { NAME = "outer" }
    expose s
    shell s {
        > echo outer ${NAME}.
        <= outer .
    }
}
test "t" {
    start Outer { PORT = "7" }
}
)");
    CHECK(ScriptedSuite::summary(result) == "");
    bool found = false;
    for (const auto& entry : suite.loop.options(0).environment)
        found = found || entry == "PORT=7";
    CHECK(found);
}

TEST_CASE("an exposed shell keeps its process and buffer; variables start empty") {
    ScriptedSuite suite;
    const auto result = suite.run(R"(effect Inner {
    expose s
    shell s {
        let secret = "x"
        > echo kept
    }
}
effect Middle {
    start Inner as i
    expose i.s as outer
}
test "t" {
    start Middle as m
    shell m.outer {
        <? ^kept$
        > echo [${secret}]
        <= []
    }
}
)");
    CHECK(ScriptedSuite::summary(result) == "");
    CHECK(suite.loop.shells_opened() == 1);
}

TEST_CASE("a failing set-up fails the test and names the chain of starts") {
    ScriptedSuite suite;
    const auto result = suite.run(R"(effect Bad {
    expose s
    shell s {
        <@1s? ^never$
    }
}
effect User {
    start Bad as bad
    expose s
    shell s {
        > echo unreached
    }
}
test "t" {
    start User
    shell s {
        > echo unreached
    }
}
)");
    CHECK(ScriptedSuite::summary(result) == "match timeout in shell 's': timed out waiting for ^never$");
    const auto& chain = result.results[0].failure->chain;
    REQUIRE(chain.size() == 5);
    CHECK(chain[0].what == "test \"t\"");
    CHECK(chain[1].what == "start User");
    CHECK(chain[2].what == "start Bad as bad");
    CHECK(chain[3].what == "shell s");
    CHECK(chain[4].place.line == 4);
    CHECK(suite.loop.shells_opened() == 1);
}

TEST_CASE("a variable computed by set-up is read by a sibling's overlay, whatever the order") {
    ScriptedSuite suite;
    const auto result = suite.run(R"(effect Db {
    let port = "4711"
    expose var port
    expose s
    shell s {
        > echo up
        <? ^up$
        port = "815"
    }
}
effect Api {
    expect PORT
    expose s
    shell s {
        > echo api ${PORT}
        <= api 815
    }
}
test "t" {
    start Api { PORT = db.port }
    start Db as db
    shell s {
        > echo ${db.port}
        <= 815
    }
}
)");
    CHECK(ScriptedSuite::summary(result) == "");
}

}  // namespace relux::virtual_time
