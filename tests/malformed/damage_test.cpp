// Modules damaged byte by byte whose hash has been made right again: the reader or the verifier refuses them,
// or they are harmless, which means that they can be dumped, linked and run to the end of every chunk.
#include <doctest/doctest.h>

#include "tests/support/module_trial.h"
#include "tests/support/sample_module.h"
#include "vm/bytecode/module_file.h"

using namespace relux;
using relux::test_support::mend_hash;

namespace {

/// Where the sections' table begins (vm/bytecode/file_envelope.h).
constexpr std::size_t kPayload = 24;

/// Whether the module was good enough to be run.
bool survive(std::string_view bytes) {
    test_support::Choices choices({});
    return test_support::try_module_file(bytes, choices);
}

}  // namespace

TEST_CASE("every byte changed, hash made right") {
    const auto good = bytecode::write_module(test_support::sample_module());
    REQUIRE(survive(good));
    int survivors = 0;
    for (std::size_t i = 8; i < good.size(); ++i) {
        for (int change : {0x01, 0x02, 0x80, 0xff}) {
            auto bytes = good;
            bytes[i] = static_cast<char>(bytes[i] ^ change);
            mend_hash(bytes);
            CAPTURE(i);
            survivors += survive(bytes);
        }
    }
    // Letters of strings and the source may change; structure may not.
    CHECK(survivors > 0);
}

TEST_CASE("every truncation, hash made right") {
    const auto good = bytecode::write_module(test_support::sample_module());
    for (std::size_t size = 0; size < good.size(); ++size) {
        auto bytes = good.substr(0, size);
        mend_hash(bytes);
        CAPTURE(size);
        REQUIRE_FALSE(survive(bytes));
    }
}

TEST_CASE("counts that lie ask for no memory") {
    const auto good = bytecode::write_module(test_support::sample_module());
    for (std::size_t i = kPayload; i + 4 <= good.size(); ++i) {
        auto bytes = good;
        bytes.replace(i, 4, std::string(4, '\xff'));
        mend_hash(bytes);
        CAPTURE(i);
        survive(bytes);
    }
}

TEST_CASE("instructions made of chance: refused or harmless") {
    // A fixed sequence, so that a failure comes again.
    std::uint64_t state = 1;
    auto next = [&] {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
    };
    int accepted = 0;
    for (int round = 0; round < 20000; ++round) {
        auto module = test_support::sample_module();
        auto& chunk = module.chunks[next() % module.chunks.size()];
        auto& word = chunk.code[next() % chunk.code.size()];
        auto small = [&] { return static_cast<unsigned>(next() % 4); };
        word = bytecode::Instruction::abc(static_cast<bytecode::Opcode>(next() % bytecode::kOpcodeCount),
                                          small(), small(), small(), small() / 2);
        if (!bytecode::verify(module)) continue;
        ++accepted;
        REQUIRE_NOTHROW(survive(bytecode::write_module(module)));
    }
    CHECK(accepted > 100);
}

namespace {

bytecode::Archive sample_archive() {
    bytecode::Archive archive;
    archive.manifest = "name = \"sample\"\n";
    archive.suite_root = "/suite";
    archive.modules = {test_support::sample_module(), test_support::sample_module()};
    archive.modules[1].name = "relux/tests/second.relux";
    archive.tests = {archive.modules[0].name, archive.modules[1].name};
    return archive;
}

bool survive_archive(std::string bytes) {
    test_support::mend_archive(bytes);
    test_support::Choices choices({});
    return test_support::try_archive(bytes, choices);
}

void check_refused(const bytecode::Archive& archive, std::string_view message) {
    const auto read = bytecode::read_archive(bytecode::write_archive(archive));
    REQUIRE_FALSE(read);
    CHECK(read.error().message == message);
}

}  // namespace

TEST_CASE("archives: every byte changed, hashes made right") {
    const auto good = bytecode::write_archive(sample_archive());
    REQUIRE(survive_archive(good));
    for (std::size_t i = 8; i < good.size(); ++i) {
        CAPTURE(i);
        auto bytes = good;
        bytes[i] = static_cast<char>(bytes[i] ^ 0x01);
        survive_archive(bytes);
    }
}

TEST_CASE("archives: every truncation, hashes made right") {
    const auto good = bytecode::write_archive(sample_archive());
    for (std::size_t size = 0; size < good.size(); ++size) {
        CAPTURE(size);
        REQUIRE_FALSE(survive_archive(good.substr(0, size)));
    }
}

TEST_CASE("archives: one thing wrong each") {
    auto archive = sample_archive();
    archive.tests.push_back("relux/tests/third.relux");
    check_refused(archive, "archive: the test module `relux/tests/third.relux` is not in it");
    archive = sample_archive();
    std::swap(archive.modules[0], archive.modules[1]);
    check_refused(archive, "archive: module `relux/tests/sample.relux` is not in order");
    archive = sample_archive();
    archive.modules[1].name = archive.modules[0].name;
    check_refused(archive, "archive: module `relux/tests/sample.relux` is not in order");
    archive = sample_archive();
    archive.modules[1].tests[0].scope = 0;
    check_refused(archive,
                  "archive, module 1: module \"relux/tests/second.relux\": scope 0: it does not belong to "
                  "exactly one test or effect");
}
