// A compiled module: one `.relux` file as plain data, the contract between the compiler and the machine.
// It owns everything in it, refers to other modules by name only, and is the same for the same input on any
// machine: no pointer, clock, address or hash order gets into it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vm/bytecode/opcode.h"

namespace relux::bytecode {

/// Indexes into the pools of the same Module.
using StringIndex = std::uint32_t;
using ChunkIndex = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xffffffff;

/// A place in the module's source: 1-based line and column (in bytes), end_column one past the last byte of
/// the part that lies on `line`.
struct Span {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint32_t end_column = 0;

    bool operator==(const Span&) const = default;
};

/// Decides which instructions are legal (see the effects in opcodes.def) and who runs the chunk.
enum class ChunkKind : std::uint8_t {
    Function,      ///< `fn`: runs in the caller's shell; parameters in r[0..]
    PureFunction,  ///< `pure fn`
    Declarations,  ///< lets and assertions of a test or effect, run once before its starts; pure
    Overlay,       ///< the entries of one start; pure
    Block,    ///< one `shell` block; its registers below FrameInfo::variable_count persist between blocks
    Cleanup,  ///< a cleanup block, in a fresh shell
    Marker,   ///< the condition of one marker; pure, base environment only
    // Of workflows; they need no shell:
    Setup,  ///< the first variables and the connections
    Steps,  ///< a list of steps: of a workflow, a branch, a loop
    Step,   ///< what one step does
};

/// Whether a chunk of that kind belongs to a workflow.
constexpr bool is_of_workflow(ChunkKind kind) {
    return kind == ChunkKind::Setup || kind == ChunkKind::Steps || kind == ChunkKind::Step;
}

/// Whether a chunk of that kind must run without a shell.
constexpr bool is_pure(ChunkKind kind) {
    return kind != ChunkKind::Function && kind != ChunkKind::Block && kind != ChunkKind::Cleanup;
}

struct Chunk {
    ChunkKind kind = ChunkKind::Function;
    std::uint16_t register_count = 0;  ///< registers used, including parameters and persistent variables
    std::uint16_t argument_count = 0;  ///< functions only
    std::uint16_t document_count = 0;  ///< document registers used; workflows only
    std::uint32_t scope = kNone;       ///< index of Module::scopes for chunks that run in one, else kNone
    std::vector<Instruction> code;     ///< never empty; the last one has kEnds, and no other
    std::vector<Span> spans;           ///< one per instruction: the statement or expression it was made from

    bool operator==(const Chunk&) const = default;
};

enum class MarkerKind : std::uint8_t { Skip, Run, Flaky };
enum class MarkerModifier : std::uint8_t { None, If, Unless };

struct Marker {
    MarkerKind kind = MarkerKind::Skip;
    MarkerModifier modifier = MarkerModifier::None;
    ChunkIndex condition = kNone;  ///< a Marker chunk; kNone without a modifier
    StringIndex text = 0;          ///< the marker as written, without `#`: `skip unless which("curl")`
    StringIndex subject = 0;       ///< its left side for messages: `CI`, `which("curl")`
    Span span;

    bool operator==(const Marker&) const = default;
};

struct Function {
    StringIndex name = 0;
    bool pure = false;
    std::vector<StringIndex> parameters;  ///< the arity is their number
    ChunkIndex chunk = 0;
    std::vector<Marker> markers;
    Span span;

    bool operator==(const Function&) const = default;
};

/// A function by name and number of arguments, in this module (`module` is kNone) or another.
struct FunctionRef {
    StringIndex module = kNone;  ///< Module::name of the module that defines it
    StringIndex name = 0;
    std::uint16_t arity = 0;

    bool operator==(const FunctionRef&) const = default;
};

struct EffectRef {
    StringIndex module = kNone;
    StringIndex name = 0;

    bool operator==(const EffectRef&) const = default;
};

/// A built-in by name and number of arguments; the machine resolves it by natives.def when it links.
struct NativeRef {
    StringIndex name = 0;
    std::uint16_t arity = 0;

    bool operator==(const NativeRef&) const = default;
};

struct Start {
    std::uint32_t effect = 0;    ///< index of Module::effect_refs
    StringIndex alias = kNone;   ///< as written; kNone when there is none
    ChunkIndex overlay = kNone;  ///< runs OverlaySet for each entry, in order; kNone without entries
    std::vector<std::uint32_t>
        waits_for;  ///< starts of the same scope whose exposed variables the overlay reads
    Span span;

    bool operator==(const Start&) const = default;
};

struct Expose {
    bool variable = false;
    StringIndex name = 0;         ///< the name seen outside
    std::uint32_t start = kNone;  ///< from this start of the effect; kNone: the effect's own
    StringIndex inner_name = 0;   ///< name in that start, or of the own shell
    std::uint32_t slot = kNone;   ///< own variable: its slot
    Span span;

    bool operator==(const Expose&) const = default;
};

/// One shell as a test or effect sees it: its variables live here across blocks.
struct Frame {
    std::uint32_t start = kNone;       ///< the start that exposes it; kNone: opened by this scope
    StringIndex name = 0;              ///< its name in that start, or here
    std::uint16_t variable_count = 0;  ///< registers that persist between its blocks

    bool operator==(const Frame&) const = default;
};

struct Block {
    std::uint32_t frame = 0;  ///< index of Scope::frames
    ChunkIndex chunk = 0;
    Span span;  ///< the header `shell name`

    bool operator==(const Block&) const = default;
};

/// `${Alias.name}`: a variable that a start of the scope exposes.
struct AliasVariable {
    std::uint32_t start = 0;
    StringIndex name = 0;

    bool operator==(const AliasVariable&) const = default;
};

/// The body that a test and an effect have in common.
struct Scope {
    StringIndex name = 0;            ///< test name, or effect name
    std::vector<StringIndex> slots;  ///< names of its variables
    ChunkIndex declarations = kNone;
    std::vector<Start> starts;
    std::vector<AliasVariable> alias_variables;
    std::vector<Frame> frames;
    std::vector<Block> blocks;  ///< in source order
    ChunkIndex cleanup = kNone;
    std::vector<Marker> markers;
    Span span;

    bool operator==(const Scope&) const = default;
};

struct Test {
    std::uint32_t scope = 0;
    StringIndex docstring = kNone;
    TimeoutKind timeout_kind = TimeoutKind::None;
    std::uint32_t timeout = 0;  ///< index of Module::durations when timeout_kind is not None
    std::uint32_t workflow =
        kNone;  ///< index of Module::workflows: the test is a workflow, its scope has only a name

    bool operator==(const Test&) const = default;
};

struct Effect {
    std::uint32_t scope = 0;
    std::vector<StringIndex> expects;  ///< sorted by name: the effect's identity
    std::vector<Expose> exposes;

    bool operator==(const Effect&) const = default;
};

/// One step of a workflow.
struct Step {
    StringIndex name = 0;      ///< as written; unique in the workflow
    StringIndex type = 0;      ///< `http`, `shell`, ...
    StringIndex key_path = 0;  ///< `steps[0].then[1]`
    bool ignore_error = false;
    ChunkIndex chunk = 0;  ///< a Step chunk
    Span span;

    bool operator==(const Step&) const = default;
};

/// A chunk that runs for each element of a list.
struct Loop {
    StringIndex item = 0;  ///< the variable that holds the element
    ChunkIndex chunk = 0;  ///< a Steps chunk

    bool operator==(const Loop&) const = default;
};

/// A YAML workflow: a document of the file, run as a test, or called or included by others.
struct Workflow {
    StringIndex name = 0;
    ChunkIndex setup = 0;  ///< a Setup chunk
    ChunkIndex steps = 0;  ///< a Steps chunk
    Span span;

    bool operator==(const Workflow&) const = default;
};

/// A workflow of this module (`module` is kNone) or another, by its number there.
struct WorkflowRef {
    StringIndex module = kNone;
    std::uint32_t workflow = 0;
    StringIndex target_module = kNone;  ///< whose step `target` is, with a target; kNone: this module's
    StringIndex target = kNone;         ///< of a call: the name of the one step to run; kNone: all of them

    bool operator==(const WorkflowRef&) const = default;
};

struct Module {
    std::string name;    ///< path of the file below the project root, with `/`: `relux/lib/service/db.relux`
    std::string source;  ///< the source text, for messages; empty when stripped
    std::uint64_t source_hash = 0;  ///< XXH3-64 of the source text
    std::vector<std::string> strings;
    std::vector<std::string> patterns;    ///< static regexes, known to compile
    std::vector<std::int64_t> durations;  ///< nanoseconds, > 0
    std::vector<FunctionRef> function_refs;
    std::vector<EffectRef> effect_refs;
    std::vector<NativeRef> native_refs;
    std::vector<NativeRef> template_functions;  ///< functions of templates (vm/data/functions.def)
    std::vector<WorkflowRef> workflow_refs;
    std::vector<Chunk> chunks;
    std::vector<Scope> scopes;
    std::vector<Function> functions;
    std::vector<Effect> effects;
    std::vector<Test> tests;
    std::vector<Step> steps;
    std::vector<Loop> loops;
    std::vector<Workflow> workflows;

    bool operator==(const Module&) const = default;
};

}  // namespace relux::bytecode
