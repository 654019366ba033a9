// The types of a record's fields are found by giving it to a stream that writes nothing down but them
// (vm/bytecode/module_fields.h), so a field that is added and not explained ends in an assertion.
#include "tools/cli/explain_format.h"

#include <initializer_list>
#include <string_view>
#include <vector>

#include "compiler/cache_pack.h"
#include "compiler/call_evaluator.h"
#include "vm/base/assert.h"
#include "vm/bytecode/file_envelope.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/module_fields.h"
#include "vm/bytecode/module_file.h"
#include "vm/exec/fiber.h"
#include "vm/exec/value.h"
#include "vm/match/pattern.h"

namespace relux::cli {

namespace {

using namespace bytecode;

template <class T>
constexpr std::string_view kTypeName = "";
template <>
constexpr std::string_view kTypeName<std::uint8_t> = "u8";
template <>
constexpr std::string_view kTypeName<std::uint16_t> = "u16";
template <>
constexpr std::string_view kTypeName<std::uint32_t> = "u32";
template <>
constexpr std::string_view kTypeName<std::uint64_t> = "u64";
template <>
constexpr std::string_view kTypeName<std::int64_t> = "i64";
template <>
constexpr std::string_view kTypeName<bool> = "flag";
template <>
constexpr std::string_view kTypeName<std::string> = "text";
template <>
constexpr std::string_view kTypeName<Instruction> = "u64";
template <>
constexpr std::string_view kTypeName<Span> = "place";
template <>
constexpr std::string_view kTypeName<Chunk> = "chunk";
template <>
constexpr std::string_view kTypeName<Marker> = "marker";
template <>
constexpr std::string_view kTypeName<Function> = "function";
template <>
constexpr std::string_view kTypeName<FunctionRef> = "called function";
template <>
constexpr std::string_view kTypeName<EffectRef> = "started effect";
template <>
constexpr std::string_view kTypeName<NativeRef> = "called built-in";
template <>
constexpr std::string_view kTypeName<Start> = "start";
template <>
constexpr std::string_view kTypeName<Expose> = "expose";
template <>
constexpr std::string_view kTypeName<Frame> = "shell";
template <>
constexpr std::string_view kTypeName<Block> = "block";
template <>
constexpr std::string_view kTypeName<AliasVariable> = "alias variable";
template <>
constexpr std::string_view kTypeName<Scope> = "scope";
template <>
constexpr std::string_view kTypeName<Test> = "test";
template <>
constexpr std::string_view kTypeName<Effect> = "effect";
template <>
constexpr std::string_view kTypeName<Step> = "step";
template <>
constexpr std::string_view kTypeName<Loop> = "loop";
template <>
constexpr std::string_view kTypeName<Workflow> = "workflow";
template <>
constexpr std::string_view kTypeName<WorkflowRef> = "called workflow";

struct TypeStream {
    static constexpr bool kReading = false;
    std::vector<std::string> types;

    template <class T>
    void value(T) {
        if constexpr (std::is_enum_v<T>) {
            types.emplace_back("u8");
        } else {
            types.emplace_back(kTypeName<T>);
        }
        RELUX_ASSERT(!types.back().empty(), "a type without a name");
    }
    void string(const std::string&) { types.emplace_back("text"); }
    template <class T>
    void list(const std::vector<T>&) {
        static_assert(!kTypeName<T>.empty(), "a record without a name");
        types.push_back("list of " + std::string(kTypeName<T>));
    }
};

/// Chosen over the template that would take the place apart.
void fields(TypeStream& stream, const Span&) {
    stream.types.emplace_back("place");
}

struct FieldWords {
    std::string_view name, meaning;
};

std::string table(const std::vector<std::string>& types, std::initializer_list<FieldWords> words) {
    RELUX_ASSERT(types.size() == words.size(), "every field of a record is explained");
    std::string text = "| field | type | |\n|---|---|---|\n";
    auto type = types.begin();
    for (const auto& [name, meaning] : words)
        text += "| " + std::string(name) + " | " + *type++ + " | " + std::string(meaning) + " |\n";
    return text + "\n";
}

template <class T>
std::string record(std::initializer_list<FieldWords> words) {
    TypeStream stream;
    bytecode::fields(stream, T());
    return "#### " + std::string(kTypeName<T>) + "\n\n" + table(stream.types, words);
}

std::string place_record() {
    TypeStream stream;
    const Span span;
    bytecode::fields<TypeStream>(stream, span);
    return "#### place\n\n" +
           table(stream.types, {{"line", "from 1; 0: no place, then so are the others"},
                                {"column", "from 1, in bytes"},
                                {"end column", "one past the last byte that lies on the line"}});
}

std::string grouped(std::uint64_t number) {
    auto text = std::to_string(number);
    for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3)
        text.insert(static_cast<std::size_t>(i), ",");
    return text;
}

std::string hexadecimal(std::string_view bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += text.empty() ? "" : " ";
        text += kDigits[value >> 4];
        text += kDigits[value & 15];
    }
    return text;
}

std::string_view section_meaning(std::string_view name) {
    constexpr std::pair<std::string_view, std::string_view> kMeanings[] = {
        {"module",
         "its name: the path below the project's root; XXH3-64 of the source; the source, empty when "
         "stripped"},
        {"strings", "pool `k`: constants, and every name"},
        {"patterns", "regular expressions that are known to compile"},
        {"durations", "nanoseconds, above 0"},
        {"references",
         "functions and effects of this module or others, built-ins, template functions and workflows: "
         "linked "
         "when loaded"},
        {"chunks", "the code, each chunk with its line table"},
        {"scopes", "bodies of effects and tests"},
        {"functions", "defined here"},
        {"effects", "defined here"},
        {"tests", "defined here"},
        {"workflows", "steps, loops and workflows of a YAML file"},
    };
    for (const auto& [section, meaning] : kMeanings) {
        if (section == name) return meaning;
    }
    RELUX_UNREACHABLE("a section that is not explained");
}

std::string header() {
    return "## Files\n\n"
           "All numbers are little-endian. Types: `u8`, `u16`, `u32`, `u64` and `i64` are numbers of so many "
           "bits; a "
           "`flag` is a\nbyte, 0 or 1; a `text` is its length as u32, then its bytes; a `list` is its length "
           "as u32, "
           "then its records. An index\nthat leads nowhere is " +
           std::to_string(kNone) +
           " (none).\n\n### Header\n\nModules and archives begin alike:\n\n"
           "| offset | size | |\n|---|---|---|\n"
           "| 0 | 8 | magic: module `" +
           hexadecimal(kModuleMagic) + "`, archive `" + hexadecimal(kArchiveMagic) +
           "`; text mode, 7-bit transport and terminals all break or stop at it |\n"
           "| 8 | 4 | format version, " +
           std::to_string(kFormatVersion) +
           " |\n| 12 | 4 | number of sections |\n"
           "| 16 | 8 | XXH3-64 of everything from offset " +
           std::to_string(kHeaderSize) + " on |\n| " + std::to_string(kHeaderSize) +
           " | 8 for each | section table: number of the section, from 1, and its size, each u32 |\n\n"
           "Then the sections, in that order, without gaps, to the end of the file.\n\n";
}

std::string sections() {
    std::string text = "### Sections of a module\n\n| number | name | fields | |\n|---|---|---|---|\n";
    std::uint32_t number = 0;
    const Module module;
    for_each_section(module, [&](std::string_view name, auto store) {
        TypeStream stream;
        store(stream);
        std::string types;
        for (const auto& type : stream.types)
            types += (types.empty() ? "" : ", ") + type;
        text += "| " + std::to_string(++number) + " | " + std::string(name) + " | " + types + " | " +
                std::string(section_meaning(name)) + " |\n";
    });
    RELUX_ASSERT(number == kSectionCount, "every section is listed");
    return text + "\n";
}

std::string code_records() {
    return record<Chunk>(
               {{"kind",
                 "0 function, 1 pure function, 2 declarations, 3 overlay, 4 block, 5 cleanup, 6 marker; of "
                 "workflows 7 "
                 "set-up, 8 list of steps, 9 step"},
                {"registers", "how many it uses; parameters and a shell's variables come first"},
                {"arguments", "of functions, else 0"},
                {"documents", "how many document registers it uses; of workflows, else 0"},
                {"scope", "the scope that it runs in, or none"},
                {"code", "[instruction words](#the-instruction-word)"},
                {"places",
                 "the line table: for each instruction the statement or expression that it was made from"}}) +
           place_record() +
           record<FunctionRef>({{"module", "string: name of the module that defines it; none: this one"},
                                {"name", "string"},
                                {"arity", "number of arguments"}}) +
           record<EffectRef>({{"module", "string: name of the module that defines it; none: this one"},
                              {"name", "string"}}) +
           record<NativeRef>({{"name", "string"}, {"arity", "number of arguments"}}) +
           record<Function>({{"name", "string"},
                             {"pure", "whether it needs no shell"},
                             {"parameters", "strings"},
                             {"chunk", "its code"},
                             {"markers", "that stand before it"},
                             {"place", "of its header"}}) +
           record<Marker>({{"kind", "0 skip, 1 run, 2 flaky"},
                           {"modifier", "0 none, 1 if, 2 unless"},
                           {"condition", "chunk; none without a modifier"},
                           {"text", "string: as written, without `#`"},
                           {"subject", "string: the left side, for messages"},
                           {"place", "of the line"}});
}

std::string scope_records() {
    return record<Scope>({{"name", "string"},
                          {"variables", "strings"},
                          {"declarations", "chunk, or none"},
                          {"starts", "in the order of the source"},
                          {"alias variables", "what it reads from effects that it starts"},
                          {"shells", "as this scope sees them"},
                          {"blocks", "in the order of the source"},
                          {"cleanup", "chunk, or none"},
                          {"markers", "that stand before it"},
                          {"place", "of its header"}}) +
           record<Start>({{"effect", "started effect"},
                          {"alias", "string, or none"},
                          {"overlay", "chunk that sets the entries, or none"},
                          {"after", "starts whose variables the overlay reads"},
                          {"place", "of the statement"}}) +
           record<AliasVariable>({{"start", "of this scope"}, {"name", "string"}}) +
           record<Frame>({{"start", "that exposes it; none: opened here"},
                          {"name", "string"},
                          {"variables", "how many registers last from block to block"}}) +
           record<Block>({{"shell", "of this scope"}, {"chunk", "its code"}, {"place", "of its header"}}) +
           record<Effect>({{"scope", "its body"},
                           {"expects", "strings, sorted"},
                           {"exposes", "what others see of it"}}) +
           record<Expose>({{"variable", "a variable, else a shell"},
                           {"name", "string: as seen outside"},
                           {"start", "whose it is; none: its own"},
                           {"inner name", "string"},
                           {"slot", "its own variable, or none"},
                           {"place", "of the statement"}}) +
           record<Test>({{"scope", "its body"},
                         {"docstring", "string, or none"},
                         {"kind of time-out", "0 none, 1 tolerance, 2 assertion"},
                         {"time-out", "duration; 0 without a kind"},
                         {"workflow", "the workflow that it is, or none"}}) +
           record<Workflow>(
               {{"name", "string"}, {"set-up", "chunk"}, {"steps", "chunk"}, {"place", "of the document"}}) +
           record<Step>({{"name", "string: as written"},
                         {"type", "string: `http`, `shell` and so on"},
                         {"key path", "string: `steps[0].then[1]`"},
                         {"errors ignored", "whether the workflow goes on when it fails"},
                         {"chunk", "its code"},
                         {"place", "of the step"}}) +
           record<Loop>(
               {{"item", "string: the variable that holds the element"}, {"chunk", "list of steps"}}) +
           record<WorkflowRef>({{"module", "string: name of the module that defines it; none: this one"},
                                {"workflow", "its number there"},
                                {"target's module", "string, or none"},
                                {"target", "string: the one step to run; none: all of them"}});
}

std::string line_tables() {
    return "### Line tables\n\n"
           "The places of a chunk are as many as its instructions, one each, so finding the line of an "
           "instruction is "
           "one look-up\nand needs no decoding. They name bytes of the module's source, also of a stripped "
           "one. What "
           "the compiler has folded\nkeeps the places of what it was made from: the events of an evaluated "
           "call stand "
           "at the lines of the function.\n\n";
}

std::string limits() {
    const auto row = [](const std::string& what, std::uint64_t number, const std::string& rest = "") {
        return "| " + what + " | " + grouped(number) + rest + " |\n";
    };
    return "## Limits\n\nWhat a file may hold is checked when it is loaded, and the compiler says so before; "
           "what a "
           "run may do is checked as it\nruns; what the compiler folds beyond its limits is left to run "
           "time.\n\n"
           "| limit | |\n|---|---|\n" +
           row("registers of a chunk", kMaximumRegisters) +
           row("instructions of a chunk", kMaximumInstructions) +
           row("lines, and columns of a line", kMaximumPlace) + row("number of a capture", kMaximumCapture) +
           row("entries that B or C can name: patterns, durations, functions, built-ins", 0x10000) +
           row("modules of an archive", kMaximumModules) +
           row("calls inside each other, at run time", exec::Fiber::kMaximumDepth) +
           row("bytes of a value, at run time", exec::Value::kMaximumSize) +
           row("patterns that are kept compiled", match::PatternCache::kDefaultCapacity,
               ", least recently used first out") +
           row("bytes of a text that the compiler folds", compiler::EvaluationLimits::kText) +
           row("steps of a call that the compiler evaluates", compiler::EvaluationLimits::kSteps) +
           row("instructions that take its place", compiler::EvaluationLimits::kInstructions) +
           row("calls inside each other, of one that the compiler evaluates",
               compiler::EvaluationLimits::kDepth) +
           "\nA pattern is compiled when a test first needs it, once for all tests of the process: by its "
           "text, "
           "whether it is static\nor was put together at run time.\n\n";
}

std::string versions() {
    return "## Versions\n\n"
           "The format version is " +
           std::to_string(kFormatVersion) + "; there are " + std::to_string(kOpcodeCount) +
           " opcodes. Any change of the layout, of the set of opcodes or of what one means\nis another "
           "version. A file "
           "of another version is refused, never converted: an archive is built anew, and what the "
           "cache\nholds is "
           "compiled anew.\n\n";
}

std::string archive() {
    return "## Archives\n\n`reluxc build` writes one: a header as above, and two sections.\n\n"
           "| number | name | fields | |\n|---|---|---|---|\n"
           "| 1 | manifest | text, text, list of text | `Relux.toml`; the project's directory, for messages; "
           "the names "
           "of the modules whose tests run, in order |\n"
           "| 2 | modules | list of text | module files as above, sorted by name, each name once |\n\n"
           "Every module has a hash of its own besides that of the archive, so damage can be placed: "
           "`reluxc dump --sections` shows\nwhat is where, also in a file that is cut or damaged.\n\n";
}

std::string cache() {
    constexpr std::string_view kBefore = R"(## The cache

A compilation writes the modules that it has made into one file, a *pack*, never changed afterwards. It begins with the
magic `)";
    constexpr std::string_view kAfter =
        R"(`, the format version (u32) and the fingerprint of the compiler (text), a hash of its
sources. Module files follow, each at a multiple of 8, then the table, and at the end of the file its offset and size
(u64 each), its XXH3-64, and the magic again. The table is a list of these:

#### pack entry

| field | type | |
|---|---|---|
| source key | hash | of fingerprint, format version, edition, name and source |
| module key | hash | of the source key and the interfaces of what it imports: what the bytes depend on |
| offset | u64 | of the module file, in the pack |
| size | u64 | of the module file |
| name | text | of the module |
| source | hash | of the source |
| interface | hash | of what importers see: functions with arity and purity, effects with what they expect, expose and need |
| imports | list of import | |
| environment | list of answer | what the check of expectations asked |
| warnings | flag | whether it has some to show |
| tests | list of text | their names |

#### import

| field | type | |
|---|---|---|
| name | text | of the module |
| interface | hash | that it had |

#### answer

| field | type | |
|---|---|---|
| name | text | of the variable |
| set | flag | whether the environment had it |

A `hash` is XXH3-128, two u64, the upper half first. A pack without a valid table, or of another compiler, is as if it
were not there; a module that is damaged is compiled again.

)";
    return std::string(kBefore) + hexadecimal(compiler::kPackMagic) + std::string(kAfter);
}

}  // namespace

std::string format_reference() {
    return header() + sections() + "### Records\n\n" + code_records() + scope_records() + line_tables() +
           limits() + versions() + archive() + cache();
}

}  // namespace relux::cli
