// A compiled module: one `.relux` file as plain data, the contract between the compiler and the machine.
// It owns everything in it, refers to other modules by name only, and is the same for the same input on any
// machine: no pointer, clock, address or hash order gets into it. Its parts are declared in module.def and
// records.def, with what each field means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vm/bytecode/index.h"
#include "vm/bytecode/opcode.h"

namespace relux::bytecode {

#define ENUM(Type, unknown, rule) enum class Type : std::uint8_t {
#define ENUMERATOR(Name, text) Name,
#define ENUM_END(Type) \
    }                  \
    ;
#include "vm/bytecode/records.def"

/// Whether a chunk of that kind belongs to a workflow.
constexpr bool is_of_workflow(ChunkKind kind) {
    return kind == ChunkKind::Setup || kind == ChunkKind::Steps || kind == ChunkKind::Step;
}

/// Whether a chunk of that kind must run without a shell.
constexpr bool is_pure(ChunkKind kind) {
    return kind != ChunkKind::Function && kind != ChunkKind::Block && kind != ChunkKind::Cleanup;
}

/// Whether a chunk of that kind runs in the scope of a test or effect.
constexpr bool runs_in_scope(ChunkKind kind) {
    return kind == ChunkKind::Declarations || kind == ChunkKind::Overlay || kind == ChunkKind::Block ||
           kind == ChunkKind::Cleanup;
}

#define RECORD(Type, name, line) struct Type;
#include "vm/bytecode/records.def"

// An index may lead to these, which are no records:
struct String;            ///< a text of Module::strings
struct PatternText;       ///< a text of Module::patterns
struct PathText;          ///< a text of Module::paths
struct Nanoseconds;       ///< a number of Module::durations
struct TemplateFunction;  ///< a NativeRef of Module::template_functions
struct Slot;              ///< a variable of the scope that the record stands in

/// How a table of the module keeps an entry.
template <class Entry>
struct Stored {
    using Type = Entry;
};
template <>
struct Stored<String> {
    using Type = std::string;
};
template <>
struct Stored<PatternText> {
    using Type = std::string;
};
template <>
struct Stored<PathText> {
    using Type = std::string;
};
template <>
struct Stored<Nanoseconds> {
    using Type = std::int64_t;
};
template <>
struct Stored<TemplateFunction> {
    using Type = NativeRef;
};

using StringIndex = Index<String>;
using ChunkIndex = Index<Chunk>;
template <ChunkKind kKind>
using ChunkOf = Index<Chunk, kKind>;
template <ChunkKind kKind>
using OptionalChunkOf = OptionalIndex<Chunk, kKind>;

#define RECORD(Type, name, line) struct Type {
#define FIELD(Type, member, initial, ...) Type member = initial;
#define FIELD_WHEN(condition, Type, member, initial, ...) \
    Type member = initial;                                \
    bool has_##member() const {                           \
        return condition;                                 \
    }
#define LIST(Type, member, ...) std::vector<Type> member;
#define RECORD_END(Type)                          \
    bool operator==(const Type&) const = default; \
    }                                             \
    ;
#include "vm/bytecode/records.def"

struct Module {
#define VALUE(Type, member, line) Type member{};
#define TABLE(Entry, member, word, words) std::vector<Stored<Entry>::Type> member;
#include "vm/bytecode/module.def"

    bool operator==(const Module&) const = default;
};

}  // namespace relux::bytecode
