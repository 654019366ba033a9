// One run of the interpreter: the instructions of a Fiber until something must leave. Private to vm/exec.
// Handlers return whether the loop goes on; one that returns false has filled exit_.
#pragma once

#include <optional>
#include <string>

#include "vm/base/assert.h"
#include "vm/exec/interp.h"
#include "vm/exec/workflow_state.h"

namespace relux::exec {

class Execution {
  public:
    Execution(Host& host, Fiber& fiber, std::uint64_t maximum_work)
        : host_(host), fiber_(fiber), work_left_(maximum_work) {}

    Exit run();

  private:
    using Word = bytecode::Instruction;

    /// Caches what the frame on top says; registers_ moves whenever Fiber::registers_ grows.
    void load_frame();
    /// Does what an instruction says; pc_ has not moved yet. There is one for each row of opcodes.def, by its
    /// name: one that is missing is not found by the linker.
    template <bytecode::Opcode kOpcode>
    bool execute(Word word);
    bool step(Word word);
    /// The instruction has been done.
    bool advance() {
        ++pc_;
        return true;
    }

    bool note_variable(Word word, Note::Kind kind);
    /// Whether depth, number and work allow one more call; false: it has failed.
    bool may_call(Word word);
    bool may_call_native(std::span<const Value> arguments);
    void note_call(Word word, std::span<const Value> arguments);

    bool send(Word word, bool raw);
    bool match(Word word, Value pattern, bool is_regex);
    bool fail_pattern(Value pattern, bool is_regex);
    bool multi_pattern(Value pattern, bool is_regex);

    bool assert_matches(Word word, std::string_view pattern);
    bool decide_matches(Word word, std::string_view pattern);
    // Workflows.
    data::Json& d(unsigned index);
    bool fail_step(std::string message);
    bool set_document(Word word, data::Json value);
    void note_environment(const std::string& name);
    bool set_variable(data::StateBag::Layer layer, std::string_view name, const data::Json& value);
    /// A path that was computed; null when it is none, and then exit_ says so.
    const data::Path* parsed_path(const data::Json& path_text);
    /// The same with the words of what looks into a step's document.
    const data::Path* looked_path(const data::Json& path_text);
    bool find_variable(Word word, const data::Path& path);
    std::optional<data::Json> look(const data::Json& document, const data::Path& path);
    bool extract(Word word, const data::Path& path, const std::string& written);
    bool check(Word word, const data::Path& path, const std::string& written);
    bool judge(Word word, const std::string& left, const data::Json* value);
    bool enter(const LinkedModule& module, bytecode::ChunkIndex chunk, WorkflowFrame::Role role);
    bool enter_step(const LinkedModule& module, const bytecode::Step& step);
    bool next_element();
    bool branch(Word word, bool wanted);
    bool end_call();

    /// Host::search; nothing when it failed, and then exit_ says so.
    std::optional<std::optional<Captures>> search(std::string_view pattern, std::string_view subject);

    /// Takes work from what may be done without a wait. False when that is spent, and then exit_ says so.
    bool afford(std::uint64_t work);
    // These wait for an answer.
    bool leave(ShellExit exit);
    bool leave(WorkflowExit exit);
    bool leave_for_search();
    void wait_for_answer();
    /// Says of an instruction that has called functions whether it is left for a search that takes long.
    bool leaves_search();
    bool fail(exits::Failed failure);
    /// A run-time failure.
    bool fail(std::string message);
    void stop_as_failed();
    void note(Note::Kind kind, std::string_view name, std::string_view value,
              std::span<const Value> arguments = {});
    /// The same with what only some kinds have; `note` need not say where and when.
    void note(Note note);
    /// A variable is read; code that has no shell is reported in full.
    void note_read(std::string_view name, const Value& value);
    bool decide(Word word, bool holds, std::string_view pattern, bool is_regex);
    void note_search(Note::Kind kind, std::string_view pattern, std::string_view subject, bool is_regex);

    // The verifier has checked every index. Builds with sanitizers check that it has: a register outside its
    // frame is still inside the fiber's memory, where they see nothing.
    static void check_index([[maybe_unused]] std::size_t index, [[maybe_unused]] std::size_t size) {
#ifdef RELUX_CHECK_MACHINE
        RELUX_ASSERT(index < size, "the verifier lets nothing out of its frame or table");
#endif
    }
    Value& r(unsigned index) {
        check_index(index, chunk_->register_count);
        return registers_[index];
    }
    /// Registers `first` to `first + count - 1`.
    std::span<Value> run_of(unsigned first, unsigned count) {
        if (count > 0) check_index(first + count - 1, chunk_->register_count);
        return {registers_ + first, count};
    }
    const Value& constant(std::uint32_t index) const {
        check_index(index, module_->constants.size());
        return module_->constants[index];
    }
    const Value& pattern_constant(std::uint32_t index) const {
        check_index(index, module_->patterns.size());
        return module_->patterns[index];
    }
    const data::Path& path_constant(std::uint32_t index) const {
        check_index(index, module_->paths.size());
        return module_->paths[index];
    }
    Timeout timeout(Word word) const;

    /// Calls within one run: about a second's worth.
    static constexpr std::uint32_t kMaximumCalls = 10'000'000;
    /// Parts of Interpreter::kMaximumWork. Code has no jumps, so an instruction runs once for each time that
    /// its chunk is entered, and is paid for then.
    static constexpr std::uint64_t kWorkOfInstruction = 16, kWorkOfNative = 4000;
    /// So much is done before the clock is read again: some microseconds' worth.
    static constexpr std::uint64_t kWorkOfMoment = 16'000;

    Host& host_;
    Fiber& fiber_;
    Value* registers_ = nullptr;
    const LinkedModule* module_ = nullptr;
    const bytecode::Chunk* chunk_ = nullptr;
    std::uint32_t pc_ = 0;
    std::uint32_t calls_ = 0;
    std::uint64_t work_left_;
    std::uint64_t noted_work_ = 0;  ///< what work_left_ was when Note::later was last true
    bool took_time_ = true;         ///< something that is no work may have taken its time since then
    Exit exit_;
};

#define OP(name, ...) \
    template <>       \
    bool Execution::execute<bytecode::Opcode::name>(Word word);
#include "vm/bytecode/opcodes.def"
#undef OP

}  // namespace relux::exec
