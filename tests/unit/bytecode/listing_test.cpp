// Dumps of whole and of damaged files: everything up to the fault, and where it is.
#include "vm/bytecode/listing.h"

#include <cstring>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/support/sample_module.h"
#include "vm/bytecode/file_envelope.h"
#include "vm/bytecode/module_fields.h"
#include "vm/bytecode/module_file.h"

using namespace relux;
using namespace relux::bytecode;
using relux::test_support::sample_module;

namespace {

constexpr auto kCode = ListingStyle::Code;
constexpr auto kSections = ListingStyle::Sections;

Archive sample_archive() {
    Archive archive{"name = \"x\"\n", "/build", {"relux/tests/sample.relux"}, {sample_module()}};
    auto other = sample_module();
    other.name = "relux/lib/other.relux";
    archive.modules.insert(archive.modules.begin(), std::move(other));
    return archive;
}

/// The lines that show a record; titles have sizes in them.
std::vector<std::string> records(const std::string& text) {
    std::vector<std::string> found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("  ") && line.find("section ") == std::string::npos) found.push_back(line);
    }
    return found;
}

/// The same record, but for what stands behind the cut: the end of it, or a name, whose number is shown then,
/// with a question mark.
bool same_record(const std::string& part, const std::string& whole) {
    if (whole.starts_with(part)) return true;
    const auto mark = part.find('?');
    if (mark == std::string::npos) return false;
    const auto digit = part.find_last_not_of("0123456789", mark - 1) + 1;
    return digit < mark && whole.starts_with(part.substr(0, digit));
}

/// How many of the first records of `part` are those of `whole`. One may differ, within one that is there in
/// part.
std::size_t common(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
    std::size_t count = 0;
    int others = 0;
    for (; count < part.size() && count < whole.size(); ++count) {
        if (!same_record(part[count], whole[count]) && ++others > 1) break;
    }
    return count;
}

void check_offsets(const Listing& listing, std::size_t size) {
    REQUIRE_FALSE(listing.faults.empty());
    for (const auto& fault : listing.faults) {
        CHECK(fault.offset <= size);
        CHECK_FALSE(fault.what.empty());
    }
}

/// The module file with one section changed, and a hash that is right.
template <class Change>
std::string with_section(const std::string& file, std::size_t index, Change change) {
    auto sections = read_envelope(file, kModuleMagic, kFormatVersion, kSectionCount, "module");
    REQUIRE(sections);
    std::vector<std::string> bytes;
    for (const auto& section : *sections)
        bytes.emplace_back(section.bytes);
    change(bytes[index]);
    return write_envelope(kModuleMagic, kFormatVersion, bytes);
}

}  // namespace

TEST_CASE("a whole module is listed as code, or section by section") {
    const auto file = write_module(sample_module());
    CHECK(list_module(file, kCode).text == disassemble(sample_module()));
    CHECK(list_module(file, kCode).faults.empty());
    const auto listing = list_module(file, kSections);
    CHECK(listing.faults.empty());
    CHECK(listing.text.starts_with("module file of " + std::to_string(file.size()) +
                                   " bytes, format version 4\n" + "section 1, module: offset 112, "));
    for (const std::string expected :
         {"\n  name \"relux/tests/sample.relux\"\n", "\n  string 0 \"hello \"\n", "\n  pattern 0 /a.a/\n",
          "\n  duration 1 2000000000 ns\n", "\n  function 1 \"greet\"/1\n", "\n  effect 0 \"Db\"\n",
          "\n  built-in 0 \"trim\"/1\n", "\n  chunk 3: overlay, registers 2, arguments 0, scope 1\n",
          "\n    1  line 10  call.native     r0, trim/1, r1\n", "\n  scope 1 \"Api\", line 9\n",
          "\n    start of effect 0 as \"Db\", overlay chunk 3, line 10\n",
          "\n  function 1 \"twice\", pure, parameters (\"x\"), code chunk 1, line 4\n",
          "\n  effect 0: scope 0, expects \"PORT\"\n",
          "\n    exposes variable \"PORT\", inside \"PORT\", variable 0, line 7\n",
          "\n  test 0: scope 2, time-out ~10s, docstring \"Says hello.\"\n",
          "\n    marker skip if, written \"skip if CI ? ^true\", condition chunk 8, line 1\n"}) {
        CAPTURE(expected);
        CHECK(listing.text.find(expected) != std::string::npos);
    }
}

TEST_CASE("a module cut at each length: what is before the cut, and where it is") {
    const auto file = write_module(sample_module());
    const auto whole = records(list_module(file, kSections).text);
    std::size_t before = 0;
    for (std::size_t size = 0; size < file.size(); ++size) {
        CAPTURE(size);
        const auto listing = list_module(std::string_view(file).substr(0, size), kCode);
        check_offsets(listing, size);
        CHECK(listing.faults.back().offset == size);
        CHECK(listing.faults.back().what.starts_with("the file ends "));
        const auto shown = records(listing.text);
        const auto good = common(shown, whole);
        // At most a record that is there in part differs, with its own lines.
        CHECK(good >= before);
        CHECK(shown.size() - good <= 8);
        before = good;
    }
    CHECK(before + 1 >= whole.size());
}

TEST_CASE("what stands behind a cut is not shown as if it were 0") {
    const auto file = write_module(sample_module());
    std::set<std::string> shown;
    for (std::size_t size = 0; size < file.size(); ++size) {
        const auto listing = list_module(std::string_view(file).substr(0, size), kCode);
        for (const auto& line : records(listing.text))
            if (line.find("source") != std::string::npos || line.starts_with("    variable "))
                shown.insert(line);
    }
    const auto source = "  source of " + std::to_string(sample_module().source.size()) + " bytes";
    std::erase_if(
        shown, [&](const std::string& line) { return line.starts_with("  source of ") && line != source; });
    CHECK(shown == std::set<std::string>{"  source hash 42", source, "    variable of start 0",
                                         "    variable \"PORT\" of start 0"});
}

TEST_CASE("every byte of a module changed: never without a fault") {
    const auto file = write_module(sample_module());
    for (std::size_t i = 0; i < file.size(); ++i) {
        for (const int bits : {0x01, 0x80, 0xff}) {
            auto damaged = file;
            damaged[i] = static_cast<char>(damaged[i] ^ bits);
            CAPTURE(i);
            check_offsets(list_module(damaged, kCode), file.size());
        }
    }
}

TEST_CASE(
    "every byte of every section changed, with a hash that fits: a fault exactly when it can't be loaded") {
    const auto file = write_module(sample_module());
    const auto sections = read_envelope(file, kModuleMagic, kFormatVersion, kSectionCount, "module");
    for (std::size_t index = 0; index < kSectionCount; ++index) {
        for (std::size_t i = 0; i < (*sections)[index].bytes.size(); ++i) {
            for (const int bits : {0x01, 0x80, 0xff}) {
                const auto damaged = with_section(
                    file, index, [&](std::string& bytes) { bytes[i] = static_cast<char>(bytes[i] ^ bits); });
                CAPTURE(index);
                CAPTURE(i);
                const auto listing = list_module(damaged, kSections);
                CHECK(listing.faults.empty() == bool(read_module(damaged)));
                for (const auto& fault : listing.faults)
                    CHECK(fault.offset <= damaged.size());
            }
        }
    }
}

TEST_CASE("a rule that an instruction breaks is at the instruction's bytes") {
    for (std::size_t chunk = 0; chunk < sample_module().chunks.size(); ++chunk) {
        for (std::size_t i = 0; i < sample_module().chunks[chunk].code.size(); ++i) {
            auto module = sample_module();
            module.chunks[chunk].code[i].word = 0x1122334455667799;
            const auto file = write_module(module);
            const auto listing = list_module(file, kCode);
            REQUIRE(listing.faults.size() == 1);
            std::uint64_t word = 0;
            std::memcpy(&word, file.data() + listing.faults[0].offset, sizeof word);
            CHECK(word == 0x1122334455667799);
            CHECK(listing.text.find("opcode 153?") != std::string::npos);
        }
    }
    auto module = sample_module();
    module.tests[0].timeout_kind = static_cast<TimeoutKind>(7);
    const auto listing = list_module(write_module(module), kCode, 1000);
    REQUIRE(listing.faults.size() == 1);
    CHECK(listing.faults[0].what ==
          "module \"relux/tests/sample.relux\": test \"greets\": unknown kind of time-out");
    CHECK(listing.text.find("section 10, tests: offset " + std::to_string(listing.faults[0].offset) + ", ") !=
          std::string::npos);
}

TEST_CASE("files of other versions, and files that are none") {
    auto file = write_module(sample_module());
    file[8] = 7;
    auto listing = list_module(file, kCode);
    REQUIRE(listing.faults.size() == 1);
    CHECK(listing.faults[0].offset == 8);
    CHECK(listing.faults[0].what == "format version 7: this program reads 4");
    for (const std::string& foreign :
         {std::string("\x7f"
                      "ELF and more"),
          std::string("test \"t\" {\n}\n"), std::string(1000, '\0'), write_archive(sample_archive())}) {
        listing = list_module(foreign, kCode);
        REQUIRE(listing.faults.size() == 1);
        CHECK(listing.faults[0].what == "not a Relux module");
        CHECK(listing.faults[0].offset <= 3);
    }
    // Text-mode damage shows in the magic.
    file = write_module(sample_module());
    file.erase(4, 1);
    CHECK(list_module(file, kCode).faults[0].offset == 4);
    file = write_module(sample_module()) + "x";
    listing = list_module(file, kCode);
    REQUIRE(listing.faults.size() == 1);
    CHECK(listing.faults[0].offset == file.size() - 1);
    CHECK(listing.faults[0].what == "bytes after the last section");
}

TEST_CASE("an archive, whole, cut at each length and with every byte changed") {
    const auto file = write_archive(sample_archive());
    const auto whole = list_archive(file, kCode);
    CHECK(whole.faults.empty());
    CHECK(whole.text ==
          disassemble(sample_archive().modules[0]) + "\n" + disassemble(sample_module()) + "\n");
    const auto sections = list_archive(file, kSections).text;
    CHECK(sections.find("section 2, modules: offset ") != std::string::npos);
    CHECK(sections.find("\n  tests of \"relux/tests/sample.relux\"\n") != std::string::npos);
    std::size_t modules = 0;
    for (std::size_t size = 0; size < file.size(); ++size) {
        CAPTURE(size);
        const auto listing = list_archive(std::string_view(file).substr(0, size), kCode);
        check_offsets(listing, size);
        CHECK(listing.faults.back().offset == size);
        std::size_t now = 0;
        for (auto at = listing.text.find("\nfn greet(name)"); at != std::string::npos;
             at = listing.text.find("\nfn greet(name)", at + 1))
            ++now;
        CHECK(now >= modules);
        modules = now;
    }
    CHECK(modules == 1);  // the last one lacks a byte at least, and is shown section by section
    for (std::size_t i = 0; i < file.size(); ++i) {
        auto damaged = file;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
        CAPTURE(i);
        check_offsets(list_archive(damaged, kCode), file.size());
    }
}

TEST_CASE("an archive with a damaged module shows the others, and where the damage is") {
    auto archive = sample_archive();
    archive.modules[0].chunks[0].code[0].word = 0xff;
    const auto file = write_archive(archive);
    const auto listing = list_archive(file, kCode);
    REQUIRE(listing.faults.size() == 1);
    CHECK(listing.faults[0].what.starts_with(
        "module 0: module \"relux/lib/other.relux\": chunk 0, instruction 0"));
    CHECK(static_cast<unsigned char>(file[listing.faults[0].offset]) == 0xff);
    CHECK(listing.text.find(disassemble(sample_module())) != std::string::npos);
    archive = sample_archive();
    archive.tests = {"relux/tests/none.relux"};
    const auto missing = list_archive(write_archive(archive), kCode);
    REQUIRE(missing.faults.size() == 1);
    CHECK(missing.faults[0].what == "archive: the test module `relux/tests/none.relux` is not in it");
}
