// Modules and archives as text, whatever state they are in: everything up to the fault, and the fault with
// its place. Never trusts, never stops for good: what the sections hold is shown for as long as records can
// be told apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relux::bytecode {

/// Says what is wrong with a file, and at which byte.
struct Fault {
    std::size_t offset = 0;
    std::string what;  ///< one line
};

struct Listing {
    std::string text;
    std::vector<Fault> faults;  ///< none: the file is whole, and has passed the verifier
};

enum class ListingStyle : std::uint8_t {
    Code,      ///< a whole module as disassemble() shows it; a damaged one section by section
    Sections,  ///< every section with its offset and size
};

/// A module file, `\x89RXM…`. `offset` is added to all offsets: where `bytes` stand in a larger file.
Listing list_module(std::string_view bytes, ListingStyle style, std::size_t offset = 0);
/// How many bytes the module file takes that `bytes` begin with, as its section table says; nothing when they
/// begin with something else.
std::optional<std::size_t> module_file_size(std::string_view bytes);
/// An archive, `\x89RXB…`, with every module in it.
Listing list_archive(std::string_view bytes, ListingStyle style);

}  // namespace relux::bytecode
