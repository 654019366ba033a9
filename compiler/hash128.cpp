#include "compiler/hash128.h"

#include <array>
#include <cstdio>

#include <xxhash.h>

namespace relux::compiler {

Hash128 hash128(std::string_view bytes) {
    const auto hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.high64, hash.low64};
}

std::string hexadecimal(const Hash128& hash) {
    std::array<char, 33> text{};
    std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high),
                  static_cast<unsigned long long>(hash.low));
    return text.data();
}

}  // namespace relux::compiler
