// Sections and records are shown as their rows declare them (vm/bytecode/module.def and records.def).
#include "tools/explain/explain_format.h"

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
struct Listed {
    static constexpr bool kIs = false;
};
template <class T>
struct Listed<std::vector<T>> {
    static constexpr bool kIs = true;
    using Item = T;
};

/// How the page calls the type of a field.
template <class T>
std::string type_name() {
    if constexpr (std::is_same_v<T, bool>)
        return "flag";
    else if constexpr (std::is_same_v<T, std::string>)
        return "text";
    else if constexpr (std::is_integral_v<T>)
        return (std::is_signed_v<T> ? "i" : "u") + std::to_string(8 * sizeof(T));
    else if constexpr (Listed<T>::kIs)
        return "list of " + type_name<typename Listed<T>::Item>();
    else if constexpr (AnyRecord<T>)
        return std::string(RecordRow<T>::kName);
    else
        return "u" + std::to_string(8 * kLeastSize<T>);  // an enumerator, an index, an instruction
}

/// The lines of a record's table.
struct FieldLines {
    std::string text;

    template <class Row, class T>
    void row(const Row& row, const T&, bool) {
        text +=
            "| " + std::string(row.name) + " | " + type_name<T>() + " | " + std::string(row.meaning) + " |\n";
    }
};

template <class T>
std::string record() {
    FieldLines lines;
    const T record;
    for_each_field(record, lines);
    return "#### " + std::string(RecordRow<T>::kName) + "\n\n| field | type | |\n|---|---|---|\n" +
           lines.text + "\n";
}

std::string records() {
    std::string text = "### Records\n\n";
#define RECORD(Type, name, line) text += record<Type>();
#include "vm/bytecode/records.def"
    return text;
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

/// The types of what is in a section, in one line.
struct SectionTypes {
    std::string text;

    template <class Row, class T>
    void row(const Row&, const T&) {
        text += (text.empty() ? "" : ", ") + type_name<T>();
    }
};

std::string sections() {
    std::string text = "### Sections of a module\n\n| number | name | fields | |\n|---|---|---|---|\n";
    std::uint32_t number = 0;
    const Module module;
    for_each_section(module, [&](const SectionRow& row, auto fields) {
        SectionTypes types;
        fields(types);
        text += "| " + std::to_string(++number) + " | " + std::string(row.name) + " | " + types.text + " | " +
                std::string(row.meaning) + " |\n";
    });
    return text + "\n";
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
           row("entries that B or C can name: patterns, paths, durations, functions, built-ins", 0x10000) +
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
    return header() + sections() + records() + line_tables() + limits() + versions() + archive() + cache();
}

}  // namespace relux::cli
