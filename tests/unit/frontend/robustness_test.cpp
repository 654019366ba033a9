// Whatever the input, the parser ends, and its result can be dumped and rendered. Meant to run under
// sanitizers too.
#include <filesystem>
#include <random>

#include <doctest/doctest.h>

#include "frontend/parse.h"
#include "tests/support/golden_file.h"

using namespace relux::frontend;

namespace {

std::string sample() {
    auto text = relux::test_support::read_golden(std::filesystem::path(FRONTEND_TESTS) / "cases" /
                                                 "everything.relux");
    REQUIRE(text.size() > 1000);
    return text;
}

void survive(const std::string& text) {
    for (auto edition : {Edition::V0_4, Edition::V0_8}) {
        Source source("fuzz.relux", text);
        DiagnosticSink sink;
        auto module = parse(source, edition, sink);
        CHECK(module.has_errors == (sink.error_count() > 0));
        dump_ast(module);
        dump_tokens(source, edition);
        for (const auto& diagnostic : sink.diagnostics()) {
            REQUIRE(diagnostic.range.begin <= diagnostic.range.end);
            REQUIRE(diagnostic.range.end <= source.text().size());
            CHECK(!render(diagnostic, false).empty());
        }
    }
}

}  // namespace

TEST_CASE("every prefix of a program") {
    std::string text = sample();
    for (std::size_t length = 0; length <= text.size(); ++length)
        survive(text.substr(0, length));
}

TEST_CASE("programs with damaged bytes and lines") {
    std::string text = sample();
    std::mt19937 random(42);
    auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    constexpr std::string_view interesting("{}()\"$\\\n \t\0\xff<>?=!~@#/,.:", 25);
    for (int round = 0; round < 1500; ++round) {
        std::string damaged = text;
        for (std::size_t count = below(6) + 1; count > 0; --count) {
            auto at = below(damaged.size());
            switch (below(4)) {
                case 0:
                    damaged[at] = static_cast<char>(below(256));
                    break;
                case 1:
                    damaged[at] = interesting[below(interesting.size())];
                    break;
                case 2:
                    damaged.insert(at, 1, interesting[below(interesting.size())]);
                    break;
                case 3:
                    damaged.erase(at, below(30));
                    break;
                default:
                    break;
            }
        }
        survive(damaged);
    }
}

TEST_CASE("programs that lack one line each") {
    std::string text = sample();
    for (std::size_t begin = 0; begin < text.size();) {
        auto end = text.find('\n', begin) + 1;
        survive(text.substr(0, begin) + text.substr(end));
        begin = end;
    }
}
