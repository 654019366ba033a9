// Modules and archives as bytes. Reading never trusts: every count is limited before memory is asked for, and
// nothing that is returned has skipped the verifier.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"
#include "vm/bytecode/module.h"

namespace relux::bytecode {

/// Bump on every change of the format or of an opcode's meaning: another version is a cache miss, never
/// migrated.
inline constexpr std::uint32_t kFormatVersion = 4;

/// The bytes of one module: magic, version, sections, payload hash. Same module, same bytes. They are written
/// into `memory`, for those who write many.
std::string write_module(const Module& module, std::string memory = {});

/// Reads and verifies. The error names the fault and its offset: "not a Relux module", "format version 7:
/// this program reads 2", "damaged: payload hash differs", "section strings, offset 312: length 9000 past the
/// end".
Result<Module> read_module(std::string_view bytes);

/// Settings of the manifest that an archive carries, as TOML text, and every module of the suite.
struct Archive {
    std::string manifest;            ///< text of Relux.toml
    std::string suite_root;          ///< where it was built, for messages only
    std::vector<std::string> tests;  ///< names of the modules whose tests run, in order
    std::vector<Module> modules;     ///< sorted by name
};

std::string write_archive(const Archive& archive);
Result<Archive> read_archive(std::string_view bytes);

/// Checks everything that the machine relies on (jump-free code, register, pool and table indexes, arities,
/// legal instructions per chunk kind, spans, limits). The error names module, chunk, instruction and rule.
Status verify(const Module& module);

/// The first rule that a module breaks, and where the fault stands in a file.
struct BrokenRule {
    std::string message;                     ///< as verify() says it
    std::string_view section;                ///< of the file; static
    std::optional<ChunkIndex> chunk;         ///< section chunks only
    std::optional<std::size_t> instruction;  ///< of that chunk
};
std::optional<BrokenRule> find_broken_rule(const Module& module);

/// Text of a module for `dump --bytecode` and golden tests: functions, effects and tests in source order,
/// each instruction with its line, its operands with constants in place and the source line above the first
/// instruction made from it.
std::string disassemble(const Module& module);

}  // namespace relux::bytecode
