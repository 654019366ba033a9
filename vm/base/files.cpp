// Reading and replacing whole files with plain system calls: no stream, no locale, an errno for every
// failure.
#include "vm/base/files.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

#include "vm/base/fd.h"

namespace relux {

Result<std::string> read_file(const std::filesystem::path& file) {
    Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return system_error("cannot read " + file.string(), errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return system_error("cannot read " + file.string(), errno);
    std::string bytes;
    std::size_t used = 0;
    // One byte more than the size tells the end of a file that did not grow meanwhile.
    // Files of /proc say that they are empty, and give what they have only to a reader with room for it.
    constexpr std::size_t kLeast = 4096;
    bytes.resize(std::max(static_cast<std::size_t>(status.st_size) + 1, kLeast));
    while (true) {
        auto count = ::read(fd.get(), bytes.data() + used, bytes.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("cannot read " + file.string(), errno);
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
        if (used == bytes.size()) bytes.resize(bytes.size() * 2);
    }
    bytes.resize(used);
    return bytes;
}

Status replace_file(const std::filesystem::path& file, std::string_view bytes) {
    auto temporary = file;
    temporary += ".new-" + std::to_string(::getpid());
    {
        Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (!fd) return system_error("cannot write " + file.string(), errno);
        while (!bytes.empty()) {
            auto written = ::write(fd.get(), bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) {
                auto error = system_error("cannot write " + file.string(), errno);
                ::unlink(temporary.c_str());
                return error;
            }
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    if (::rename(temporary.c_str(), file.c_str()) == 0) return Done{};
    auto error = system_error("cannot write " + file.string(), errno);
    ::unlink(temporary.c_str());
    return error;
}

}  // namespace relux
