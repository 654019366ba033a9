// Who may read what a run leaves: the output of programs and values of the environment are in it. A run
// directory is made with a mode, and everything in it is as open as the directory that it stands in, whatever
// the umask.
#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <system_error>

namespace relux::report {

/// The mode of run directories, unless `[report] mode` says otherwise.
inline constexpr mode_t kUsualRunMode = 0700;

/// Makes `directory` and those above it that are missing, with this mode. One that is there is left as it is.
std::error_code make_directories(const std::filesystem::path& directory, mode_t mode);
/// The same with the mode of the nearest directory that is there: for what is below a run directory.
std::error_code make_directories_below(const std::filesystem::path& directory);

/// Gives `fd`, a file that we have just made with the mode 0600, the mode of its directory without the right
/// to execute. That of a directory for everybody's files, such as /tmp, says nothing.
void open_as_directory(int fd, const std::string& file);

}  // namespace relux::report
