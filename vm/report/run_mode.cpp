// mkdir() takes away what the umask says, so the mode is set again.
#include "vm/report/run_mode.h"

#include <cerrno>
#include <sys/stat.h>

namespace relux::report {

namespace fs = std::filesystem;

namespace {

constexpr mode_t kRights = 0777;
constexpr mode_t kRightsOfFiles = 0666;
constexpr mode_t kOnlyOwner = 0600;

std::error_code make_directory(const fs::path& directory, mode_t mode) {
    if (::mkdir(directory.c_str(), mode) == 0) {
        if (::chmod(directory.c_str(), mode) == 0) return {};
    } else if (errno == EEXIST) {
        std::error_code error;
        if (fs::is_directory(directory, error)) return {};
        return std::make_error_code(std::errc::not_a_directory);
    }
    return {errno, std::generic_category()};
}

}  // namespace

std::error_code make_directories(const fs::path& directory, mode_t mode) {
    auto error = make_directory(directory, mode);
    if (error != std::errc::no_such_file_or_directory || !directory.has_parent_path()) return error;
    error = make_directories(directory.parent_path(), mode);
    return error ? error : make_directory(directory, mode);
}

std::error_code make_directories_below(const fs::path& directory) {
    struct stat status {};
    auto above = directory;
    while (::stat(above.c_str(), &status) != 0) {
        if (errno != ENOENT || !above.has_relative_path()) return {errno, std::generic_category()};
        above = above.parent_path();
    }
    return make_directories(directory, status.st_mode & kRights);
}

void open_as_directory(int fd, const std::string& file) {
    const auto slash = file.rfind('/');
    const auto directory = slash == std::string::npos ? std::string(".") : file.substr(0, slash + 1);
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0 || (status.st_mode & S_ISVTX) != 0) return;
    const mode_t mode = (status.st_mode & kRightsOfFiles) | kOnlyOwner;
    // Where modes can't be changed, the owner alone can read it, which is the safe side.
    if (mode != kOnlyOwner) static_cast<void>(::fchmod(fd, mode));
}

}  // namespace relux::report
