// Every diagnostic is explained, and the examples are what they say: the wrong one gives its code and no
// other, the right one nothing.
#include "frontend/explanations.h"

#include <algorithm>
#include <cerrno>

#include <doctest/doctest.h>

#include "memory_suite.h"

using namespace relux;
using frontend::Explanation;

namespace {

constexpr std::string_view kCodes[] = {
#define DIAGNOSTIC(name, code, severity, title) code,
#include "frontend/diagnostics.def"
#undef DIAGNOSTIC
};

struct Said {
    std::vector<std::string_view> codes;
    std::string text;
};

Said said_to(std::string_view example, frontend::Edition edition) {
    auto files = frontend::example_files(example);
    MemorySuite suite;
    suite.edition = edition;
    auto options = suite.options();
    std::vector<std::filesystem::path> tests;
    for (const auto& file : files) {
        suite.files[std::string(file.path)] = file.text;
        if (file.path.starts_with("relux/tests/")) tests.push_back("/suite/" + std::string(file.path));
    }
    auto read = options.read_file;
    options.read_file = [&](const std::filesystem::path& path) -> Result<std::string> {
        for (const auto& file : files) {
            if (!file.readable && path == "/suite/" + std::string(file.path))
                return Error{"no permission", EACCES};
        }
        return read(path);
    };
    auto compiled = compiler::compile_suite(options, tests);
    Said said;
    for (const auto& diagnostic : compiled.diagnostics.diagnostics())
        said.codes.push_back(frontend::diagnostic_info(diagnostic.code).code);
    said.text = MemorySuite::text_of(compiled.diagnostics);
    return said;
}

}  // namespace

TEST_CASE("each diagnostic has one explanation, in the order of the table") {
    auto all = frontend::explanations();
    REQUIRE(all.size() == std::size(kCodes));
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(frontend::diagnostic_info(all[i].code).code == kCodes[i]);
        CHECK(all[i].text.size() > 80);
        CHECK(&frontend::explanation(all[i].code) == &all[i]);
    }
}

TEST_CASE("each wrong example gives its diagnostic and no other") {
    for (const Explanation& each : frontend::explanations()) {
        auto said = said_to(each.wrong, each.edition);
        auto code = frontend::diagnostic_info(each.code).code;
        CAPTURE(code);
        CAPTURE(said.text);
        CHECK(std::find(said.codes.begin(), said.codes.end(), code) != said.codes.end());
        // In edition 0.8 the alias that is taken for a shell's name is wrong in itself.
        const std::string_view besides = code == "E0220" ? "E0217" : code;
        CHECK(std::all_of(said.codes.begin(), said.codes.end(),
                          [&](auto found) { return found == code || found == besides; }));
    }
}

TEST_CASE("each corrected example gives none") {
    for (const Explanation& each : frontend::explanations()) {
        auto said = said_to(each.right, each.edition);
        CAPTURE(frontend::diagnostic_info(each.code).code);
        CHECK(said.text == "");
    }
}

TEST_CASE("the files of an example") {
    auto one = frontend::example_files("test \"t\" {\n}\n");
    REQUIRE(one.size() == 1);
    CHECK(one[0].path == "relux/tests/example.relux");
    auto two = frontend::example_files("// --- a.relux\nA\n// B\n// --- b.relux (not readable)\nC\n");
    REQUIRE(two.size() == 2);
    CHECK(two[0].path == "a.relux");
    CHECK(two[0].text == "A\n// B\n");
    CHECK(two[0].readable);
    CHECK(two[1].path == "b.relux");
    CHECK(two[1].text == "C\n");
    CHECK(!two[1].readable);
}
