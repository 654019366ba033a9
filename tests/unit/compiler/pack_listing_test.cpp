// Files of the cache as text: whole, cut at each length, and with every byte changed.
#include "compiler/pack_listing.h"

#include <doctest/doctest.h>

#include "compiler/cache_pack.h"
#include "memory_suite.h"
#include "vm/bytecode/module_file.h"

namespace {

using namespace relux;

constexpr auto kCode = bytecode::ListingStyle::Code;

std::string sample_pack(std::vector<std::string>& files) {
    auto suite = MemorySuite::of("test \"a\" {\n  shell s {\n    > echo hello\n  }\n}\n");
    suite.files["relux/tests/b.relux"] = "test \"b\" {\n}\n";
    auto compiled = suite.compile();
    REQUIRE(compiled.modules.size() == 2);
    std::vector<compiler::PackedModule> modules;
    for (std::size_t i = 0; i < 2; ++i) {
        files.push_back(bytecode::write_module(compiled.modules[i]));
        modules.push_back({{compiled.facts[i], {}, {}, 0, 0}, {}});
    }
    for (std::size_t i = 0; i < 2; ++i)
        modules[i].bytes = files[i];
    const auto pack = compiler::write_pack(std::move(modules));
    std::string text;
    for (const auto piece : pack.pieces)
        text += piece;
    return text;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

}  // namespace

TEST_CASE("a pack is listed with every module, and up to where it is cut") {
    std::vector<std::string> files;
    const auto pack = sample_pack(files);
    const auto whole = compiler::list_pack(pack, kCode);
    CHECK(whole.faults.empty());
    CHECK(count(whole.text, "\nmodule \"relux/tests/") == 2);
    CHECK(count(whole.text, "\ntest \"a\"\n") == 1);
    std::size_t before = 0;
    for (std::size_t size = 0; size < pack.size(); ++size) {
        CAPTURE(size);
        const auto listing = compiler::list_pack(std::string_view(pack).substr(0, size), kCode);
        REQUIRE_FALSE(listing.faults.empty());
        CHECK(listing.faults.back().offset == size);
        const auto modules = count(listing.text, "\ntest \"");
        CHECK(modules >= before);
        before = modules;
    }
    CHECK(before == 2);
}

TEST_CASE("a pack with a byte changed: said where, unless nothing reads that byte") {
    std::vector<std::string> files;
    const auto pack = sample_pack(files);
    for (std::size_t i = 0; i < pack.size(); ++i) {
        auto damaged = pack;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x21);
        CAPTURE(i);
        const auto listing = compiler::list_pack(damaged, kCode);
        for (const auto& fault : listing.faults)
            CHECK(fault.offset <= pack.size());
        const bool padding = pack[i] == '\0' && listing.faults.empty();
        const bool fingerprint = i >= 12 && i < 48;
        CHECK((padding || fingerprint || !listing.faults.empty()));
    }
}

TEST_CASE("a pack of another compiler is listed too, one of another format is not") {
    std::vector<std::string> files;
    auto pack = sample_pack(files);
    pack[20] = '?';
    auto listing = compiler::list_pack(pack, kCode);
    CHECK(listing.faults.empty());
    CHECK(listing.text.find(", another than this one\n") != std::string::npos);
    pack[8] = 77;
    listing = compiler::list_pack(pack, kCode);
    REQUIRE(listing.faults.size() == 1);
    CHECK(listing.faults[0].offset == 8);
    CHECK(listing.faults[0].what == "format version 77: this program reads 4");
}
