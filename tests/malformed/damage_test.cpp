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
