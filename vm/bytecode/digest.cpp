#include "vm/bytecode/digest.h"

#include <algorithm>

#include <xxhash.h>

#include "vm/base/bytes.h"
#include "vm/bytecode/module_fields.h"

namespace relux::bytecode {

namespace {

template <class T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

/// Writes down every field that counts, as records.def says, with what its index leads to in its place.
class Digester {
  public:
    explicit Digester(const Module& module) : module_(module) {}

    template <AnyRecord T>
    CodeDigest digest(const T& record) {
        add(record);
        // A list, because steps may nest deeper than the stack.
        while (!pending_.empty()) {
            const auto next = pending_.back();
            pending_.pop_back();
            add(next);
        }
        digest_.value = XXH3_64bits(writer_.bytes().data(), writer_.bytes().size());
        return std::move(digest_);
    }

    template <class Row, class T>
    void row(const Row&, const T& value, bool used) {
        // A time-out of kind None has no duration: its index means nothing.
        const bool counts = used || !std::is_same_v<T, Index<Nanoseconds>>;
        if constexpr (Row::kCounts) {
            if (counts) add(value);
        }
    }

  private:
    template <Number T>
    void add(T number) {
        writer_.u64(static_cast<std::uint64_t>(number));
    }
    template <class T>
    void add(const std::vector<T>& values) {
        add(values.size());
        for (const auto& value : values)
            add(value);
    }
    template <AnyRecord T>
    void add(const T& record) {
        for_each_field(record, *this);
    }

    void add(OptionalIndex<String> string) {
        writer_.u8(string == kNone ? 0 : 1);
        if (string != kNone) writer_.string(module_.strings[string]);
    }
    void add(Index<String> string) { add(OptionalIndex<String>(string)); }
    void add(Index<PatternText> pattern) { writer_.string(module_.patterns[pattern]); }
    void add(Index<PathText> path) { writer_.string(module_.paths[path]); }
    void add(OptionalIndex<Workflow> workflow) {
        if (workflow != kNone) add(module_.workflows[workflow]);
    }
    template <class Entry>
    requires(!std::is_same_v<Entry, Chunk>) void add(Index<Entry> index) {
        add(table_of(module_, index)[index]);
        note(index);
    }
    // These are numbered within the scope that is being digested.
    void add(OptionalIndex<Start> start) { add<std::uint32_t>(start); }
    void add(Index<Start> start) { add<std::uint32_t>(start); }
    void add(Index<Frame> frame) { add<std::uint32_t>(frame); }
    void add(Index<Slot> slot) { add<std::uint32_t>(slot); }

    // The references by which a digest leads on to other code.
    void note(std::uint32_t) {}
    void note(Index<EffectRef> reference) { note(digest_.effect_refs, reference); }
    void note(Index<FunctionRef> reference) { note(digest_.function_refs, reference); }
    void note(Index<WorkflowRef> reference) { note(digest_.workflow_refs, reference); }
    static void note(std::vector<std::uint32_t>& references, std::uint32_t reference) {
        if (std::find(references.begin(), references.end(), reference) == references.end())
            references.push_back(reference);
    }

    /// Chunks that code leads to come after all of it.
    template <AnyIndex T>
    requires std::is_same_v<typename IndexTraits<T>::Entry, Chunk>
    void add(T index) {
        if (in_code_) return pending_.push_back(static_cast<std::uint32_t>(index));
        writer_.u8(index == kNone ? 0 : 1);
        if (index == kNone) return;
        const auto& chunk = module_.chunks[index];
        scope_ = chunk.scope == kNone ? nullptr : &module_.scopes[chunk.scope];
        in_code_ = true;
        add(chunk);
        in_code_ = false;
    }

    void add(const Instruction& instruction) {
        const auto& info = opcode_info(instruction.opcode());
        writer_.u8(static_cast<std::uint8_t>(instruction.opcode()));
        // A time-out of kind None has no duration: its index means nothing.
        const bool timed =
            info.d == OperandKind::None || static_cast<TimeoutKind>(instruction.d()) != TimeoutKind::None;
        operand(info.d, instruction.d(), timed);
        operand(info.a, instruction.a(), timed);
        const bool wide = info.format == Format::ABx;
        operand(info.b, wide ? instruction.bx() : instruction.b(), timed);
        if (!wide) operand(info.c, instruction.c(), timed);
    }

    void operand(OperandKind kind, std::uint32_t value, bool timed) {
        if (kind == OperandKind::None || (kind == OperandKind::KDuration && !timed)) return;
        if (kind == OperandKind::Slot && scope_ != nullptr) return add(scope_->slots[value]);
        if (kind == OperandKind::AliasVariable && scope_ != nullptr)
            return add(scope_->alias_variables[value].name);
        switch (kind) {
#define ENTRY(name, Entry, ...) \
    case OperandKind::name:     \
        return add(Index<Entry>(value));
#define REGISTER(name, ...) \
    case OperandKind::name: \
        return add(value);
#define NUMBER(name, ...)   \
    case OperandKind::name: \
        return add(value);
#include "vm/bytecode/operand_kinds.def"
        }
    }

    const Module& module_;
    ByteWriter writer_;
    const Scope* scope_ = nullptr;  ///< of the chunk whose code is being digested
    bool in_code_ = false;
    std::vector<ChunkIndex> pending_;  ///< of steps, branches and loops that are still to be digested
    CodeDigest digest_;
};

}  // namespace

CodeDigest digest_of(const Module& module, const Function& function) {
    return Digester(module).digest(function);
}
CodeDigest digest_of(const Module& module, const Effect& effect) {
    return Digester(module).digest(effect);
}
CodeDigest digest_of(const Module& module, const Test& test) {
    return Digester(module).digest(test);
}
CodeDigest digest_of(const Module& module, const Workflow& workflow) {
    return Digester(module).digest(workflow);
}

}  // namespace relux::bytecode
