// The documents of a run are made of this.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "vm/report/run_summary.h"

namespace relux::report {

/// Whether cases of junit.xml have the attributes `file` and `line`. GitLab makes links of them; the schema
/// by which Jenkins' xunit plug-in checks a file refuses them.
enum class JunitPlaces : std::uint8_t { Written, LeftOut };

struct ReportSource {
    const RunSummary& summary;
    std::string_view suite;  ///< its name
    /// Absolute. Documents name logs by their paths below it.
    const std::filesystem::path& run_directory;
    JunitPlaces places = JunitPlaces::Written;
    /// The place of the suite, for documents whose readers look for files from the top of a repository;
    /// empty: the suite is there, or it is not known.
    std::filesystem::path place_in_repository = {};
};

}  // namespace relux::report
