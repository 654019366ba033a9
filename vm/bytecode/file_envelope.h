// The envelope is what a module file and an archive have in common around their sections:
//
//   0   8  magic: a byte above 0x7f, three letters, CR LF ^Z LF, so that text-mode damage, 7-bit transport
//   and
//          printing on a terminal all break or stop at it
//   8   4  format version
//  12   4  number of sections N
//  16   8  XXH3-64 of everything from offset 24 on
//  24  8N  section table: for each its number (from 1) and its size, then the sections in that order, without
//  gaps
//
// All numbers are little-endian. Private to vm/bytecode, and to the page that describes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/bytes.h"
#include "vm/base/result.h"
#include "vm/bytecode/listing.h"

namespace relux::bytecode {

inline constexpr std::string_view kModuleMagic{"\x89RXM\r\n\x1a\n", 8};
inline constexpr std::string_view kArchiveMagic{"\x89RXB\r\n\x1a\n", 8};

inline constexpr std::size_t kHeaderSize = 24;

/// The bytes of a section and where they stand in the file.
struct Section {
    std::string_view bytes;
    std::size_t offset = 0;
};

/// Writes an envelope around sections that are written where they stay: behind file(), one after the other.
class EnvelopeWriter {
  public:
    EnvelopeWriter(ByteWriter file, std::string_view magic, std::uint32_t version, std::uint32_t sections);
    /// The header and the table; to be moved to whoever writes the sections.
    ByteWriter& file() { return file_; }
    /// One more section ends where `file`, which was file(), ends now.
    void end_section(ByteWriter& file);
    /// The whole file, when all sections have ended.
    std::string finish(ByteWriter file) const;

  private:
    ByteWriter file_;
    std::uint32_t ended_ = 0;
    std::size_t begin_ = 0;  ///< of the section that is being written
};

std::string write_envelope(std::string_view magic, std::uint32_t version,
                           const std::vector<std::string>& sections);

/// `kind` is how messages call the file: "module" or "archive". The views point into `bytes`.
Result<std::vector<Section>> read_envelope(std::string_view bytes, std::string_view magic,
                                           std::uint32_t version, std::uint32_t section_count,
                                           std::string_view kind);

/// As much of a file as there is.
struct SalvagedEnvelope {
    std::uint32_t version = 0;
    std::vector<Section> sections;  ///< the last one may be cut short
    std::vector<Fault> faults;  ///< in the order of the file, but for a hash that differs, which comes last
};

/// Goes on for as long as the sections can be told apart. `names` of the sections are for messages, `base` is
/// where `bytes` stand in a larger file: faults are told as places in that.
SalvagedEnvelope salvage_envelope(std::string_view bytes, std::string_view magic, std::uint32_t version,
                                  const std::vector<std::string_view>& names, std::string_view kind,
                                  std::size_t base = 0);

}  // namespace relux::bytecode
