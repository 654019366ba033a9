// Reading and replacing whole files with plain system calls: no stream, no locale, an errno for every
// failure.
#include "vm/base/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

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
        // Of a file that says its size, less than there was room for is its end.
        if (S_ISREG(status.st_mode) && status.st_size != 0 && used < bytes.size() &&
            used >= static_cast<std::size_t>(status.st_size))
            break;
        if (used == bytes.size()) bytes.resize(bytes.size() * 2);
    }
    bytes.resize(used);
    return bytes;
}

namespace {

/// Writes all pieces, whatever the kernel takes of them at once.
Status write_pieces(int fd, std::span<const std::string_view> pieces) {
    std::array<iovec, 256> vectors;
    std::size_t written = 0;  // of the first piece
    while (!pieces.empty()) {
        std::size_t count = 0;
        for (auto skipped = written; count < std::min(pieces.size(), vectors.size()); skipped = 0) {
            const auto piece = pieces[count].substr(skipped);
            vectors[count++] = {const_cast<char*>(piece.data()), piece.size()};
        }
        const auto taken = ::writev(fd, vectors.data(), static_cast<int>(count));
        if (taken < 0 && errno == EINTR) continue;
        if (taken < 0) return system_error("", errno);
        written += static_cast<std::size_t>(taken);
        while (!pieces.empty() && written >= pieces.front().size()) {
            written -= pieces.front().size();
            pieces = pieces.subspan(1);
        }
    }
    return Done{};
}

}  // namespace

Status replace_file(const std::filesystem::path& file, std::string_view bytes) {
    return replace_file(file, std::span<const std::string_view>(&bytes, 1));
}

Status replace_file(const std::filesystem::path& file, std::span<const std::string_view> pieces) {
    auto temporary = file;
    // Containers that share a directory may each have a process of our number.
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    temporary += ".new-" + std::to_string(::getpid()) + "-" + std::to_string(now.tv_sec) + "-" +
                 std::to_string(now.tv_nsec);
    const auto failed = [&](int code) {
        auto error = system_error("cannot write " + file.string(), code);
        ::unlink(temporary.c_str());
        return error;
    };
    {
        Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
        if (!fd) return system_error("cannot write " + file.string(), errno);
        if (const auto written = write_pieces(fd.get(), pieces); !written)
            return failed(written.error().code);
    }
    if (::rename(temporary.c_str(), file.c_str()) == 0) return Done{};
    return failed(errno);
}

}  // namespace relux
