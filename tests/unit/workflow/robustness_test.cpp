// Whatever is in a file, the loader ends, and says something about it unless it is right.
#include <doctest/doctest.h>

#include "tests/unit/workflow/memory_files.h"

using namespace relux::workflow;
using namespace relux::workflow::test;

namespace {

const std::string good = R"(# all that there is
name: "Everything"
version: v0.1
description: >
  folded
config:
  http: {base_url: 'http://{{ host }}', headers: {A: b}}
  vars: &vars {a: 1, b: "{{ a }}", list: [1, "x", {k: v}]}
include:
  - {file: other.yaml, with: {<<: *vars}}
steps:
  - name: get
    type: http
    request: {method: POST, url: "/x/{{ a }}", body: {n: [1, 2.5, null, "{{ upper(trim(b)) }}"]}}
    extract: {id: "$.data[-1]['a b']..id", n: "data.n[1:2]"}
    assert:
      - ["$.status", "!=", 200]
      - {path: $.data, op: not_null}
  - name: run
    type: shell
    parallel: true
    commands: ["a", 'it''s', |-
      block
      ]
  - name: run-2
    type: shell
    command: |
      one
      two {{ x }}
    timeout: 1m30s
    ignore_error: true
  - name: branch
    type: if
    condition: [a, ">=", 5]
    then:
      - {name: redis, type: db, engine: redis, command: [SET, k, "{{ v }}"]}
    else:
      - name: loop
        type: loop
        foreach: list, item
        steps:
          - {name: call, type: call, file: other.yaml, target: o, returns: [z]}
---
name: Second
steps:
  - {name: p, type: print, message: "\u00e9{{ '}}' }}"}
)";

WorkflowSet load(const std::string& text) {
    return MemoryFiles{{{"a.yaml", text}, {"other.yaml", "steps: [{name: o, type: print, message: m}]\n"}}}
        .load({"a.yaml"});
}

/// Problems have words, and places within the file.
void check_problems(const WorkflowSet& set, const std::string& text) {
    auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) +
                 static_cast<std::size_t>(std::count(text.begin(), text.end(), '\r')) + 1;
    for (const auto& problem : set.problems) {
        CHECK_FALSE(problem.message.empty());
        CHECK(problem.place.line <= lines);
        CHECK(render(problem).find('\n') == std::string::npos);
    }
}

/// The same numbers on every machine.
class Numbers {
  public:
    std::uint32_t next(std::uint32_t limit) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::uint32_t>(state_ >> 33) % limit;
    }

  private:
    std::uint64_t state_ = 42;
};

}  // namespace

TEST_CASE("the file that the others are made of") {
    // A block text cannot stand in a flow list.
    std::string text = good;
    auto block = text.find("|-\n      block\n      ]");
    text.replace(block, std::string("|-\n      block\n      ]").size(), "c]");
    auto set = load(text);
    CHECK(rendered(set.problems) == Lines{});
    CHECK(set.documents.size() == 2);
    CHECK(load(good).problems.size() == 1);
}

TEST_CASE("a file cut at every byte") {
    for (std::size_t size = 0; size < good.size(); ++size) {
        auto text = good.substr(0, size);
        check_problems(load(text), text);
    }
}

TEST_CASE("every byte replaced, removed, doubled") {
    constexpr std::string_view bytes = std::string_view("\0\n\t \"'{}[]:-#&*!|>%@`\\,x\x80\xff", 27);
    Numbers numbers;
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto replaced = good;
        replaced[i] = bytes[numbers.next(static_cast<std::uint32_t>(bytes.size()))];
        check_problems(load(replaced), replaced);
        auto removed = good;
        removed.erase(i, 1);
        check_problems(load(removed), removed);
        auto doubled = good;
        doubled.insert(i, 1, good[i]);
        check_problems(load(doubled), doubled);
    }
}

TEST_CASE("lines in another order, lost or repeated") {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < good.size();) {
        auto end = good.find('\n', begin) + 1;
        lines.push_back(good.substr(begin, end - begin));
        begin = end;
    }
    Numbers numbers;
    auto count = static_cast<std::uint32_t>(lines.size());
    for (int round = 0; round < 1000; ++round) {
        auto changed = lines;
        for (std::uint32_t i = 0; i <= numbers.next(4); ++i)
            std::swap(changed[numbers.next(count)], changed[numbers.next(count)]);
        if (numbers.next(2) == 0) changed.erase(changed.begin() + numbers.next(count));
        if (numbers.next(2) == 0)
            changed.insert(changed.begin() + numbers.next(count - 1), lines[numbers.next(count)]);
        std::string text;
        for (const auto& line : changed)
            text += line;
        check_problems(load(text), text);
    }
}

TEST_CASE("bytes by chance") {
    Numbers numbers;
    constexpr std::string_view bytes = "\n\n  --:{}[],\"'&*!|>#%ab{{}}";
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (std::uint32_t i = 0; i < 40; ++i)
            text += bytes[numbers.next(static_cast<std::uint32_t>(bytes.size()))];
        check_problems(load(text), text);
        check_problems(load("name: w\nsteps:\n- " + text), "name: w\nsteps:\n- " + text);
    }
}

TEST_CASE("one byte very often") {
    for (const char* piece : {"[", "{",    "- ",   "? ", ": ", "\"",   "'",     "&a ",   "*a ", "!",
                              "|", ">",    "#",    "%",  "{{", "}}",   "---\n", "...\n", "a: ", "a\n",
                              ",", "{a: ", "[[],", "\t", "\r", "!!x ", "<<: ",  "\\"}) {
        CAPTURE(piece);
        std::string text;
        while (text.size() < 100'000)
            text += piece;
        check_problems(load(text), text);
        auto inside = "name: w\nsteps:\n  - {name: a, type: print, message: \"" + text + "\"}\n";
        check_problems(load(inside), inside);
    }
}

TEST_CASE("a very long name or value is cut in messages") {
    std::string key(1000, 'k');
    auto lines = problems_of("name: w\n" + key + ": 1\nsteps: " + std::string(1'000'000, 'v') + "\n");
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].size() < 400);
    CHECK(lines[1].size() < 400);
}

TEST_CASE("very many problems are all there") {
    std::string text = "name: w\nsteps:\n";
    for (int i = 0; i < 20'000; ++i)
        text += "  - {name: s" + std::to_string(i) + ", type: prnt}\n";
    CHECK(load(text).problems.size() == 20'000);
}
