// The short name of a test: in its log directory, on the console, in reports. Made here and nowhere else, so
// that a name that is seen in one place is found in all others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "vm/base/flat_map.h"

namespace relux::run {

/// A slug is no longer than this, so that with its number it still is the name of a file.
inline constexpr std::size_t kLongestSlug = 240;

/// The slug of a test's name (cli 2): lower case in the composed form of Unicode (NFC); letters and digits of
/// every script, marks that follow them, `_` and `-` stay, every other character becomes `-`; without `-` at
/// its ends, cut to kLongestSlug bytes between two characters, and never empty: `test`.
std::string slug(std::string_view name);
/// The same, in place of what `result` holds.
void set_slug(std::string_view name, std::string& result);

/// The slug of the `namesake`-th test of a file (from 1) whose names have this slug: `a-b`, `a-b-2`.
std::string slug(std::string_view name, std::uint32_t namesake);

/// Numbers tests whose files have one of the same slug, in the order in which they are asked for.
class SlugNumbers {
  public:
    /// For about `count` tests.
    explicit SlugNumbers(std::size_t count) : taken_(count) {}

    /// To give slug(): 1, or more where an earlier test of `file` has that slug.
    std::uint32_t number(std::string_view file, std::string_view name);

  private:
    // By their hashes: should those of two slugs be the same by chance, a number more does no harm.
    FlatMap<std::uint64_t, bool> taken_;
    std::string buffer_;
};

}  // namespace relux::run
