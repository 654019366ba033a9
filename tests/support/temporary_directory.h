// A directory that is gone when the test is.
#pragma once

#include <filesystem>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <system_error>

#include <doctest/doctest.h>

#include "vm/base/files.h"

namespace relux::test_support {

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "relux-test-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = std::filesystem::canonical(pattern);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    /// Without links in it.
    const std::filesystem::path& path() const { return path_; }
    /// A file in it, of any size. A test that asks for one that can't be read has failed.
    std::string read(const std::string& name) const {
        auto text = read_file(path_ / name);
        REQUIRE_MESSAGE(text, name);
        return *text;
    }
    /// Makes the directories above it too.
    void write(const std::string& name, std::string_view text) const {
        const auto file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        REQUIRE(replace_file(file, text));
    }

  private:
    std::filesystem::path path_;
};

}  // namespace relux::test_support
