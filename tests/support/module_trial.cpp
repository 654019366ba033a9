#include "tests/support/module_trial.h"

#include <xxhash.h>

#include "tests/support/exits.h"
#include "tests/support/fake_host.h"
#include "vm/base/assert.h"
#include "vm/base/bytes.h"
#include "vm/bytecode/module_file.h"
#include "vm/exec/reach.h"
#include "vm/exec/workflow_state.h"

namespace relux::test_support {

namespace {

/// The header of a file (vm/bytecode/file_envelope.h).
constexpr std::size_t kHash = 16, kPayload = 24, kTableEntry = 8;
/// Waits and calls of one chunk, and of everything that one trial runs.
constexpr int kMaximumExits = 300, kMaximumExitsOfTrial = 3000;
/// Limits the work of one run between two waits; real programs may do a hundred thousand times as much.
constexpr std::uint64_t kMaximumWork = 200'000;

using bytecode::Chunk;
using bytecode::kNone;
namespace exits = exec::exits;

class Trial {
  public:
    explicit Trial(Choices& choices) : choices_(choices) {
        host_.keep_notes = false;
        host_.environment = {{"PORT", "8080"}, {"PATH", ""}, {"a", "*"}};
    }

    void run(const exec::Program& program) {
        for (const auto& module : program.modules()) {
            RELUX_ASSERT(module != nullptr, "a program that is linked has all its modules");
            for (const auto& scope : module->code.scopes)
                run_scope(*module, scope);
            for (const auto& function : module->code.functions) {
                run_markers(*module, function.markers);
                run_alone(*module, function.chunk, nullptr);
            }
            for (const auto& workflow : module->code.workflows)
                run_workflow(*module, workflow);
            check_reach(*module);
        }
    }

  private:
    void run_markers(const exec::LinkedModule& module, const std::vector<bytecode::Marker>& markers) {
        for (const auto& marker : markers)
            run_alone(module, marker.condition, nullptr);
    }

    /// As a test does it: markers, declarations, overlays, blocks in their shells, cleanup.
    void run_scope(const exec::LinkedModule& module, const bytecode::Scope& scope) {
        FakeScope context(scope.slots.size());
        run_markers(module, scope.markers);
        run_alone(module, scope.declarations, &context);
        for (const auto& start : scope.starts)
            run_alone(module, start.overlay, &context);
        std::vector<exec::Fiber> shells(scope.frames.size());
        for (const auto& block : scope.blocks)
            run_chunk(module, module.code.chunks[block.chunk], shells[block.frame], &context,
                      scope.frames[block.frame].variable_count);
        run_alone(module, scope.cleanup, &context);
    }

    void run_alone(const exec::LinkedModule& module, bytecode::OptionalIndex<bytecode::Chunk> index,
                   exec::ScopeContext* context) {
        if (index == kNone) return;
        exec::Fiber fiber;
        run_chunk(module, module.code.chunks[index], fiber, context, 0);
    }

    void run_chunk(const exec::LinkedModule& module, const Chunk& chunk, exec::Fiber& fiber,
                   exec::ScopeContext* context, std::uint16_t persistent) {
        exec::Interpreter interpreter(host_, kMaximumWork);
        fiber.enter(module, chunk, context, persistent);
        for (int exits = 0; exits < kMaximumExits && exits_ < kMaximumExitsOfTrial; ++exits, ++exits_) {
            const auto exit = interpreter.run(fiber);
            check_frames(fiber);
            const bool decides = chunk.kind == bytecode::ChunkKind::Marker;
            const bool decided = std::holds_alternative<exits::Decided>(exit);
            if (std::holds_alternative<exits::Finished>(exit) || decided) {
                RELUX_ASSERT(fiber.finished(), "a chunk that has ended has no frame");
                RELUX_ASSERT(decides == decided, "markers decide, others finish");
                return;
            }
            if (const auto* failed = std::get_if<exits::Failed>(&exit)) {
                RELUX_ASSERT(!failed->message.empty(), "a failure says why");
                return;
            }
            const auto* wanted = std::get_if<exec::ShellExit>(&exit);
            RELUX_ASSERT(wanted != nullptr, "code of a test wants nothing that only workflows may want");
            RELUX_ASSERT(!bytecode::is_pure(chunk.kind), "a pure chunk does not wait");
            if (std::holds_alternative<exits::CallEnter>(*wanted) ||
                std::holds_alternative<exits::CallLeave>(*wanted))
                continue;
            check_suspension(fiber);
            answer(fiber, *wanted);
        }
    }

    void run_workflow(const exec::LinkedModule& module, const bytecode::Workflow& workflow) {
        exec::Interpreter interpreter(host_, kMaximumWork);
        exec::Fiber fiber;
        fiber.enter_workflow(module, workflow, {{{"a", "[1]"}, {"v", "x"}}, [] { return std::int64_t(0); }});
        for (int exits = 0; exits < kMaximumExits && exits_ < kMaximumExitsOfTrial; ++exits, ++exits_) {
            const auto exit = interpreter.run(fiber);
            for (const auto& frame : fiber.frames())
                RELUX_ASSERT(frame.pc < frame.chunk->code.size(), "a frame is at one of its instructions");
            if (std::holds_alternative<exits::Finished>(exit)) {
                RELUX_ASSERT(fiber.finished(), "a workflow that has ended has no frame");
                return;
            }
            const auto* entered = get_exit<exits::StepEnter>(exit);
            const auto* left = get_exit<exits::StepLeave>(exit);
            if (entered != nullptr || left != nullptr) {
                RELUX_ASSERT((entered != nullptr ? entered->step : left->step) != nullptr, "a step is known");
                continue;
            }
            exec::WorkflowAccess access(fiber);
            const auto* failed = std::get_if<exits::Failed>(&exit);
            const auto* failed_step = get_exit<exits::StepFailed>(exit);
            if (failed != nullptr || failed_step != nullptr) {
                RELUX_ASSERT(!(failed != nullptr ? failed->message : failed_step->message).empty(),
                             "a failure says why");
                auto failing = access.leave_failed_step();
                while (failing && !failing->step->ignore_error)
                    failing = access.leave_failed_step();
                if (!failing) return;
                access.ignore();
            } else if (get_exit<exits::Print>(exit) != nullptr) {
                fiber.resume_with(exec::Value());
            } else {
                access.resume_with(
                    data::Json::parse(choices_.one_in(2) ? R"([{"a":1}])" : R"({"status":200})"));
            }
        }
    }

    /// Checks that the frames have what a failure's message or a log needs of them.
    static void check_frames(const exec::Fiber& fiber) {
        const exec::CallFrame* caller = nullptr;
        for (const auto& frame : fiber.frames()) {
            RELUX_ASSERT(frame.pc < frame.chunk->code.size(), "a frame is at one of its instructions");
            RELUX_ASSERT((frame.function == nullptr) == (caller == nullptr), "only calls have callers");
            if (caller != nullptr) {
                RELUX_ASSERT(caller->base + frame.result < frame.base, "a result goes to the caller");
                RELUX_ASSERT(frame.base + frame.function->parameters.size() <=
                                 caller->base + caller->chunk->register_count,
                             "arguments stand in the caller's frame");
                RELUX_ASSERT(frame.function->parameters.size() <= frame.chunk->register_count,
                             "arguments fit in the callee's frame");
            }
            caller = &frame;
        }
    }

    /// The machine waits only where the table of opcodes says so.
    static void check_suspension(const exec::Fiber& fiber) {
        const auto& frame = fiber.frames().back();
        const auto& info = bytecode::opcode_info(frame.chunk->code[frame.pc].opcode());
        RELUX_ASSERT((info.effects & bytecode::kSuspends) != 0, "the table says that the opcode waits");
        RELUX_ASSERT(!bytecode::is_pure(frame.chunk->kind), "a pure function does not wait");
    }

    void answer(exec::Fiber& fiber, const exec::ShellExit& exit) {
        constexpr std::string_view kAnswers[] = {"answer", "", "*", "!", "3", "a", "%9f", "PORT"};
        exec::Value value(kAnswers[choices_.below(std::size(kAnswers))]);
        const auto* match = std::get_if<exits::Match>(&exit);
        if (match != nullptr && match->pattern.is_regex) {
            exec::Captures captures(choices_.below(4), value);
            fiber.resume_with(std::move(value), std::move(captures));
        } else {
            fiber.resume_with(std::move(value));
        }
    }

    static void check_reach(const exec::LinkedModule& module) {
        exec::Reach reach;
        for (const auto& test : module.code.tests) {
            const auto first = reach.of(module, test);
            RELUX_ASSERT(!first.empty(), "a test reaches itself");
            RELUX_ASSERT(reach.of(module, test) == first, "what a test reaches stays the same");
        }
    }

    FakeHost host_;
    Choices& choices_;
    int exits_ = 0;
};

void check_module(const bytecode::Module& module) {
    const auto verified = bytecode::verify(module);
    RELUX_ASSERT(verified, verified.error().message.c_str());
    RELUX_ASSERT(!bytecode::disassemble(module).empty(), "a module can be shown");
}

}  // namespace

void mend_hash(std::string& bytes) {
    if (bytes.size() < kPayload) return;
    const auto hash = XXH3_64bits(bytes.data() + kPayload, bytes.size() - kPayload);
    for (std::size_t i = 0; i < 8; ++i)
        bytes[kHash + i] = static_cast<char>(hash >> (8 * i));
}

void mend_archive(std::string& bytes) {
    ByteReader header(bytes);
    header.raw(kPayload + 4);
    const std::size_t manifest_size = header.u32();
    header.u64();
    header.raw(manifest_size);
    for (auto count = header.u32(); count > 0 && !header.failed(); --count) {
        std::string module(header.string());
        if (header.failed()) break;
        mend_hash(module);
        bytes.replace(header.position() - module.size(), module.size(), module);
    }
    mend_hash(bytes);
}

bool try_modules(std::vector<bytecode::Module> modules, Choices& choices) {
    for (const auto& module : modules)
        check_module(module);
    auto program = exec::Program::link(std::move(modules));
    if (!program) {
        RELUX_ASSERT(!program.error().message.empty(), "what can't be linked has a reason");
        return false;
    }
    Trial(choices).run(**program);
    return true;
}

bool try_module_file(std::string_view bytes, Choices& choices) {
    auto module = bytecode::read_module(bytes);
    if (!module) {
        RELUX_ASSERT(!module.error().message.empty(), "what is refused has a reason");
        return false;
    }
    RELUX_ASSERT(bytecode::write_module(*module) == bytes, "a module written is the module read");
    std::vector<bytecode::Module> modules;
    modules.push_back(std::move(*module));
    return try_modules(std::move(modules), choices);
}

bool try_archive(std::string_view bytes, Choices& choices) {
    auto archive = bytecode::read_archive(bytes);
    if (!archive) {
        RELUX_ASSERT(!archive.error().message.empty(), "what is refused has a reason");
        return false;
    }
    RELUX_ASSERT(bytecode::write_archive(*archive) == bytes, "an archive written is the archive read");
    return try_modules(std::move(archive->modules), choices);
}

}  // namespace relux::test_support
