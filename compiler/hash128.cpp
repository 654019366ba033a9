#include "compiler/hash128.h"

#include <array>
#include <cstdio>
#include <memory>

#include <xxhash.h>

namespace relux::compiler {

Hash128 hash128(std::string_view bytes) {
    const auto hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.high64, hash.low64};
}

Hash128 hash128(std::span<const std::string_view> pieces) {
    const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                                XXH3_freeState);
    XXH3_128bits_reset(state.get());
    for (const auto piece : pieces)
        XXH3_128bits_update(state.get(), piece.data(), piece.size());
    const auto hash = XXH3_128bits_digest(state.get());
    return {hash.high64, hash.low64};
}

std::string hexadecimal(const Hash128& hash) {
    std::array<char, 33> text{};
    std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high),
                  static_cast<unsigned long long>(hash.low));
    return text.data();
}

}  // namespace relux::compiler
