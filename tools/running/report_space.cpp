#include "tools/running/report_space.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/resource.h>

namespace relux::cli {

namespace {

constexpr std::size_t kOfRun = 96 * 1024;  ///< the page brings its style and its script
constexpr std::size_t kOfTest = 2 * 1024;
constexpr std::size_t kMost = 64 * 1024 * 1024;
constexpr std::size_t kLeast = 16 * 1024;

Fd nameless_file(const std::filesystem::path& directory) {
    Fd file(::open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (file) return file;
    const auto name = directory / "room.new";
    file = Fd(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file) ::unlink(name.c_str());
    return file;
}

/// A file that grows beyond what whoever started us allows would cost a signal.
std::size_t largest_file() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return kMost;
    return std::min<std::size_t>(limit.rlim_cur, kMost);
}

}  // namespace

ReportSpace::ReportSpace(const std::filesystem::path& directory, std::size_t tests)
    : file_(nameless_file(directory)) {
    if (!file_) return;
    // Not posix_fallocate(): where the file system can't, that writes every block.
    for (auto size = std::min(kOfRun + tests * kOfTest, largest_file()); size >= kLeast; size /= 2) {
        if (::fallocate(file_.get(), 0, 0, static_cast<off_t>(size)) == 0 || errno != ENOSPC) return;
    }
}

}  // namespace relux::cli
