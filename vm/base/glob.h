// Globs: the patterns for names that users write on command lines, in manifests and in shells.
//
// `*` stands for any characters, `?` for one, `[a-z]` for one of a set, `[!a-z]` and `[^a-z]` for one that is
// not in it. In a set a `]` that comes first, a `-` that comes first or last and the ASCII classes of POSIX
// (`[:digit:]`) are members. A backslash makes what follows stand for itself, and so does a `[` that nothing
// closes. A character is a code point of UTF-8, or a byte that is part of none.
#pragma once

#include <string_view>

namespace relux {

/// Whether `glob` covers all of `text`. A slash is a character like any other. Takes no longer than the
/// product of the two sizes.
bool glob_matches(std::string_view glob, std::string_view text);

/// The same for the name of a file, without directories: as in shells, only a dot takes the dot in front of
/// the name of a hidden file.
bool glob_matches_name(std::string_view glob, std::string_view name);

}  // namespace relux
