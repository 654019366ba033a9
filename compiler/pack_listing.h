// A file of the cache as text, whatever state it is in.
#pragma once

#include <string_view>

#include "vm/bytecode/listing.h"

namespace relux::compiler {

/// A pack, `\x89RXP…`, with every module in it; of any compiler that writes this format.
bytecode::Listing list_pack(std::string_view bytes, bytecode::ListingStyle style);

}  // namespace relux::compiler
