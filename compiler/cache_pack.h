// One file of the cache: the modules that one compilation has made, and a table of what they depend on.
// Written once and never changed, so that any number of processes may read it while others write theirs.
//
//    0   8  magic: a byte above 0x7f, RXP, CR LF ^Z LF
//    8   4  bytecode::kFormatVersion
//   12   4  length of the compiler's fingerprint, then the fingerprint, padded to a multiple of 8
//    …      modules, one after the other, each as bytecode::write_module() gives it
//    …      the table
//  end-32   8  offset of the table, 8 its size, 8 XXH3-64 of it, 8 magic again
//
// A file that is cut short or damaged has no valid table and is none; a module that is damaged fails its own
// digest when it is loaded.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/module_facts.h"
#include "vm/base/files.h"
#include "vm/base/result.h"
#include "vm/bytecode/module.h"

namespace relux::compiler {

struct PackEntry {
    ModuleFacts facts;
    Hash128 source_key;
    Hash128 module_key;
    std::uint64_t offset = 0;  ///< of the module's bytes in the file
    std::uint64_t size = 0;
};

class CachePack {
  public:
    /// Reads the table, and what a small file has besides; modules of larger ones are read when they are
    /// wanted. Nothing is mapped: others may cut the file short at any time, and a page that is gone ends the
    /// process. The error says what is wrong with it: damaged, cut short, of another compiler.
    static Result<std::unique_ptr<CachePack>> open(const std::filesystem::path& file);

    const std::filesystem::path& file() const { return file_; }
    std::size_t size() const { return opened_.size; }
    const std::vector<PackEntry>& entries() const { return entries_; }
    /// As they stand in the file, not checked; fewer where the file has been cut short.
    std::string bytes_of(const PackEntry& entry) const;
    /// Read and verified. Threads may do it at once.
    Result<bytecode::Module> load(const PackEntry& entry) const;
    /// The same of what bytes_of() has given.
    static Result<bytecode::Module> load(const PackEntry& entry, std::string_view bytes);

  private:
    CachePack(std::filesystem::path file, ReadableFile opened)
        : file_(std::move(file)), opened_(std::move(opened)) {}
    Status read_table();
    /// From `end_`, if they are all in it, else from the file.
    std::string read(std::uint64_t offset, std::size_t size) const;

    std::filesystem::path file_;
    ReadableFile opened_;  ///< closed again when `end_` is all of it
    std::string end_;      ///< the last bytes of the file
    std::vector<PackEntry> entries_;
};

inline constexpr std::string_view kPackMagic{"\x89RXP\r\n\x1a\n", 8};

/// The table at the end of a pack, or why there is none. `bytes` are the pack, or the end of it with all of
/// the table and `before` bytes in front of it. `name` is what messages call it.
Result<std::vector<PackEntry>> read_pack_table(std::string_view bytes, const std::string& name,
                                               std::uint64_t before = 0);

/// A module for a pack: its bytes as write_module() gives them.
struct PackedModule {
    PackEntry entry;  ///< offset and size are set by write_pack()
    std::string_view bytes;
};

/// The bytes of a pack, piece by piece: those of the modules are not copied, and stay where they are.
struct PackText {
    std::vector<std::string_view> pieces;
    std::unique_ptr<const std::string> head;  ///< the first piece
    std::unique_ptr<const std::string> tail;  ///< the last
};

/// Same modules, same bytes.
PackText write_pack(std::vector<PackedModule> modules);

}  // namespace relux::compiler
