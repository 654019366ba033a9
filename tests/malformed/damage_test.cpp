// Modules damaged byte by byte whose hash has been made right again: the reader or the verifier refuses them,
// or they are harmless, which means that they can be dumped, linked and run to the end of every chunk.
#include <doctest/doctest.h>
#include <xxhash.h>

#include "tests/support/fake_host.h"
#include "tests/support/sample_module.h"
#include "vm/bytecode/module_file.h"

using namespace relux;
using relux::test_support::FakeHost;
using relux::test_support::FakeScope;

namespace {

/// Where the header keeps the hash of what follows it (vm/bytecode/file_envelope.h).
constexpr std::size_t kHash = 16, kPayload = 24;

void mend_hash(std::string& bytes) {
    if (bytes.size() < kPayload) return;
    auto hash = XXH3_64bits(bytes.data() + kPayload, bytes.size() - kPayload);
    for (std::size_t i = 0; i < 8; ++i)
        bytes[kHash + i] = static_cast<char>(hash >> (8 * i));
}

/// Enough steps for any chunk of the sample and its calls.
constexpr int kMaximumExits = 10000;

void run_chunk(const exec::LinkedModule& module, const bytecode::Chunk& chunk, FakeHost& host) {
    FakeScope scope(chunk.scope == bytecode::kNone ? 0 : module.code.scopes[chunk.scope].slots.size());
    exec::Fiber fiber;
    exec::Interpreter interpreter(host);
    fiber.enter(module, chunk, &scope, 0);
    for (int exits = 0; exits < kMaximumExits; ++exits) {
        auto exit = interpreter.run(fiber);
        using Kind = exec::Exit::Kind;
        if (exit.kind == Kind::Finished || exit.kind == Kind::Failed || exit.kind == Kind::Decided) return;
        if (exit.kind == Kind::CallEnter || exit.kind == Kind::CallLeave) continue;
        fiber.resume_with(exec::Value("answer"));
    }
}

/// Whether the module was good enough to be run.
bool survive(std::string_view bytes) {
    auto module = bytecode::read_module(bytes);
    if (!module) {
        REQUIRE_FALSE(module.error().message.empty());
        return false;
    }
    REQUIRE(bytecode::verify(*module));
    REQUIRE_FALSE(bytecode::disassemble(*module).empty());
    REQUIRE(bytecode::write_module(*module) == bytes);
    auto program = exec::Program::link({std::move(*module)});
    if (!program) return false;
    FakeHost host;
    host.keep_notes = false;
    for (const auto& linked : (*program)->modules()) {
        for (const auto& chunk : linked->code.chunks)
            run_chunk(*linked, chunk, host);
    }
    return true;
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
