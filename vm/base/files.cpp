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

namespace relux {

namespace {

Error unreadable(const std::filesystem::path& file, const std::string& why, int code) {
    return Error{"cannot read " + file.string() + ": " + why, code};
}

std::string too_large(std::size_t largest) {
    return "it is larger than " + std::to_string(largest) + " bytes, which nothing of its kind is";
}

/// Names what a file is instead of a regular one.
std::string_view kind_of(mode_t mode) {
    if (S_ISFIFO(mode)) return "a pipe";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

}  // namespace

Result<ReadableFile> open_to_read(const std::filesystem::path& file, std::size_t largest) {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    ReadableFile opened{Fd(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC))};
    struct stat status {};
    if (!opened.descriptor || ::fstat(opened.descriptor.get(), &status) != 0) {
        // A socket can't even be opened.
        if (errno == ENXIO) return unreadable(file, "it is no regular file; put one in its place", ENOTSUP);
        return system_error("cannot read " + file.string(), errno);
    }
    if (S_ISDIR(status.st_mode)) return system_error("cannot read " + file.string(), EISDIR);
    if (!S_ISREG(status.st_mode)) {
        return unreadable(
            file, "it is " + std::string(kind_of(status.st_mode)) + "; put a regular file in its place",
            ENOTSUP);
    }
    if (static_cast<std::uint64_t>(status.st_size) > largest)
        return unreadable(file, too_large(largest), EFBIG);
    opened.size = static_cast<std::size_t>(status.st_size);
    return opened;
}

Result<std::string> read_file(const std::filesystem::path& file, std::size_t largest) {
    auto opened = open_to_read(file, largest);
    if (!opened) return opened.error();
    std::string bytes;
    std::size_t used = 0;
    // One byte more than the size tells the end of a file that did not grow meanwhile.
    // Files of /proc say that they are empty, and give what they have only to a reader with room for it.
    constexpr std::size_t kLeast = 4096;
    bytes.resize(std::max(opened->size + 1, kLeast));
    while (true) {
        auto count = ::read(opened->descriptor.get(), bytes.data() + used, bytes.size() - used);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("cannot read " + file.string(), errno);
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
        if (used > largest) return unreadable(file, too_large(largest), EFBIG);
        // A file that says its size has ended when it gives less than there was room for.
        if (opened->size != 0 && used < bytes.size() && used >= opened->size) break;
        if (used == bytes.size()) bytes.resize(bytes.size() * 2);
    }
    bytes.resize(used);
    return bytes;
}

Result<std::string> read_source(const std::filesystem::path& file) {
    return read_file(file, kLargestSource);
}

Result<std::string> read_settings(const std::filesystem::path& file) {
    return read_file(file, kLargestSettings);
}

Result<std::string> read_part(const Fd& descriptor, std::uint64_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t used = 0;
    while (used < size) {
        const auto count =
            ::pread(descriptor.get(), bytes.data() + used, size - used, static_cast<off_t>(offset + used));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("cannot read", errno);
        if (count == 0) break;
        used += static_cast<std::size_t>(count);
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
