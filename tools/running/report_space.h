// Room on the disk for the reports of a run, taken before its tests can fill the disk with their logs.
#pragma once

#include <cstddef>
#include <filesystem>

#include "vm/base/fd.h"

namespace relux::cli {

class ReportSpace {
  public:
    /// For the summary, the page and all documents of so many tests, in `directory`. Less where there is
    /// less, and none where the file system can't do it. The room has no name: it goes with the runner,
    /// however that ends.
    ReportSpace(const std::filesystem::path& directory, std::size_t tests);
    /// Before the reports are written.
    void give_back() { file_.reset(); }

  private:
    Fd file_;
};

}  // namespace relux::cli
