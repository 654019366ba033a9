// A project on disk for one test, gone afterwards; the current directory is back then.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "tests/support/temporary_directory.h"

namespace relux::cli {

class ProjectDirectory {
  public:
    ProjectDirectory() : before_(std::filesystem::current_path()) {}
    ProjectDirectory(const ProjectDirectory&) = delete;
    ProjectDirectory& operator=(const ProjectDirectory&) = delete;
    ~ProjectDirectory() {
        std::error_code ignored;
        std::filesystem::current_path(before_, ignored);
    }

    const std::filesystem::path& root() const { return directory_.path(); }
    void write(const std::string& name, std::string_view text) const { directory_.write(name, text); }
    void enter(const std::string& directory) const { std::filesystem::current_path(root() / directory); }

  private:
    std::filesystem::path before_;
    test_support::TemporaryDirectory directory_;
};

}  // namespace relux::cli
