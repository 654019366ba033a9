// A project on disk for one test, gone afterwards; the current directory is back then.
#pragma once

#include <filesystem>
#include <stdlib.h>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "vm/base/files.h"

namespace relux::cli {

class ProjectDirectory {
  public:
    ProjectDirectory() : before_(std::filesystem::current_path()) {
        std::string pattern = (std::filesystem::temp_directory_path() / "relux-cli-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        root_ = std::filesystem::canonical(pattern);
    }
    ProjectDirectory(const ProjectDirectory&) = delete;
    ProjectDirectory& operator=(const ProjectDirectory&) = delete;
    ~ProjectDirectory() {
        std::error_code ignored;
        std::filesystem::current_path(before_, ignored);
        std::filesystem::remove_all(root_, ignored);
    }

    const std::filesystem::path& root() const { return root_; }
    void write(const std::string& name, std::string_view text) const {
        auto file = root_ / name;
        std::filesystem::create_directories(file.parent_path());
        REQUIRE(replace_file(file, text));
    }
    void enter(const std::string& directory) const { std::filesystem::current_path(root_ / directory); }

  private:
    std::filesystem::path before_;
    std::filesystem::path root_;
};

}  // namespace relux::cli
