// A 128-bit hash of bytes, XXH3: what the cache addresses things by. It guards against accidents, not against
// people who write into the cache on purpose; what is loaded passes the verifier whoever wrote it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace relux::compiler {

struct Hash128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    auto operator<=>(const Hash128&) const = default;
};

Hash128 hash128(std::string_view bytes);
/// Hashes the pieces as if they were one.
Hash128 hash128(std::span<const std::string_view> pieces);

/// 32 hexadecimal digits.
std::string hexadecimal(const Hash128& hash);

struct Hash128Hasher {
    std::size_t operator()(const Hash128& hash) const { return static_cast<std::size_t>(hash.low); }
};

}  // namespace relux::compiler
