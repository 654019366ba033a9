// What a module file and an archive have in common around their sections:
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
// All numbers are little-endian. Private to vm/bytecode.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"

namespace relux::bytecode {

inline constexpr std::string_view kModuleMagic{"\x89RXM\r\n\x1a\n", 8};
inline constexpr std::string_view kArchiveMagic{"\x89RXB\r\n\x1a\n", 8};

/// The bytes of a section and where they stand in the file.
struct Section {
    std::string_view bytes;
    std::size_t offset = 0;
};

std::string write_envelope(std::string_view magic, std::uint32_t version,
                           const std::vector<std::string>& sections);

/// `kind` is how messages call the file: "module" or "archive". The views point into `bytes`.
Result<std::vector<Section>> read_envelope(std::string_view bytes, std::string_view magic,
                                           std::uint32_t version, std::uint32_t section_count,
                                           std::string_view kind);

}  // namespace relux::bytecode
