// Fail patterns (language 8).
#include <doctest/doctest.h>

#include "tests/virtual_time/scripted_suite.h"

namespace relux::virtual_time {

namespace {

ScriptedSuite& with_server(ScriptedSuite& suite) {
    auto script = ordinary_shell();
    script.on_send_stay("serve", 1ms, "listening\r\n");
    script.print_at(500ms, "error: out of coffee\r\n");
    suite.loop.set_script(0, script);
    return suite;
}

}  // namespace

TEST_CASE("a fail pattern in an idle shell ends the test while another shell waits") {
    ScriptedSuite suite;
    const auto result = with_server(suite).run(R"(test "t" {
    shell server {
        !? ^error:
        > serve
        <? ^listening$
    }
    shell client {
        <~60s? ^never$
    }
}
)");
    CHECK(ScriptedSuite::summary(result) ==
          "fail pattern matched in shell 'server': `^error:` matched in the line `error: out of coffee`");
    CHECK(result.results[0].duration == 500ms);
    CHECK(result.results[0].failure->chain.back().place.line == 8);
    CHECK(result.results[0].failure->notes[0] == "the fail pattern was set at relux/tests/main.relux:3");
}

TEST_CASE("what stands after the cursor when it is set counts, what stands before does not") {
    ScriptedSuite suite;
    const auto before = suite.run(R"(test "t" {
    shell s {
        > echo bad
        <? ^bad$
        !? ^bad$
        > echo good
        <? ^good$
    }
}
)");
    CHECK(ScriptedSuite::summary(before) == "");
    ScriptedSuite other;
    const auto after = other.run(R"(test "t" {
    shell s {
        > echo bad
        <= echo
        match_prompt()
        > echo late
        != late
        <~60s? ^never$
    }
}
)");
    CHECK(ScriptedSuite::summary(after).starts_with("fail pattern matched in shell 's': `late`"));
}

TEST_CASE("it is replaced, cleared, inherited by functions and given back") {
    ScriptedSuite suite;
    const auto result = suite.run(R"(fn own() {
    != other
    > echo first
    <? ^first$
}
test "t" {
    shell s {
        != zero
        != first
        !?
        != second
        own()
        > echo other
        <? ^other$
        !=
        > echo second
        <? ^second$
    }
}
)");
    CHECK(ScriptedSuite::summary(result) == "");
    ScriptedSuite inherited;
    const auto hit = inherited.run(R"(fn say() {
    > echo boom
    <? ^never$
}
test "t" {
    shell s {
        !? ^boom$
        say()
    }
}
)");
    CHECK(ScriptedSuite::summary(hit).starts_with("fail pattern matched in shell 's'"));
    CHECK(hit.results[0].duration < 100ms);
}

TEST_CASE("it lives on across the hand-over of an exposed shell and dies with one that is not") {
    const std::string source = R"(effect E {
    EXPOSE
    shell server {
        !? ^error:
        > serve
        <? ^listening$
    }
    shell last {
    }
}
test "t" {
    start E
    shell s {
        <@2s? ^never$
    }
}
)";
    for (const bool exposed : {true, false}) {
        auto text = source;
        text.replace(text.find("EXPOSE"), 6, exposed ? "expose server" : "expose last");
        ScriptedSuite suite;
        const auto result = with_server(suite).run(text);
        CHECK(ScriptedSuite::summary(result).starts_with(exposed ? "fail pattern matched" : "match timeout"));
    }
}

}  // namespace relux::virtual_time
