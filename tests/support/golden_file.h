// Expected texts in files. With RELUX_BLESS=1 in the environment they are rewritten instead of compared.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "vm/base/files.h"

namespace relux::test_support {

/// Whether expectations are rewritten. Look at the difference before you commit it.
inline bool blesses() {
    const char* const bless = std::getenv("RELUX_BLESS");
    return bless != nullptr && std::string_view(bless) == "1";
}

/// A test that asks for a file that can't be read has failed.
inline std::string read_golden(const std::filesystem::path& file) {
    auto text = read_file(file);
    REQUIRE_MESSAGE(text, file.string());
    return *text;
}

inline void compare_with_golden(const std::filesystem::path& file, const std::string& actual) {
    if (blesses()) {
        REQUIRE(replace_file(file, actual));
        return;
    }
    CHECK_MESSAGE(actual == read_golden(file), file.string());
}

}  // namespace relux::test_support
