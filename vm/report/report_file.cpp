// Must not know what is written.
#include "vm/report/report_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>

#include "vm/report/run_mode.h"

namespace relux::report {

ReportFile::ReportFile(std::filesystem::path file)
    : file_(std::move(file)),
      temporary_(file_),
      block_(std::make_unique_for_overwrite<char[]>(kBlockSize + kMostRoom)),
      limit_(block_.get() + kBlockSize + kMostRoom),
      end_(block_.get()) {
    // Two runs may be told to write to one place; and a test must not lead us elsewhere, or to a pipe.
    temporary_ += "." + std::to_string(::getpid()) + ".new";
    fd_ = Fd(
        ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    if (fd_) open_as_directory(fd_.get(), temporary_.native());
    if (!fd_) error_ = system_error("cannot write " + file_.string(), errno);
}

ReportFile::~ReportFile() {
    if (!committed_ && fd_) ::unlink(temporary_.c_str());
}

// Blocks are written whole, so that each begins with a page of the file: the kernel looks at a page that two
// of them share twice, and takes memory for the others in larger pieces.
void ReportFile::write_block() {
    write_through({block_.get(), kBlockSize});
    const auto rest = used() - kBlockSize;
    std::memcpy(block_.get(), block_.get() + kBlockSize, rest);
    end_ = block_.get() + rest;
}

void ReportFile::write_long(std::string_view bytes) {
    while (bytes.size() > left()) {
        if (used() == 0) {
            const auto whole = bytes.size() / kBlockSize * kBlockSize;
            write_through(bytes.substr(0, whole));
            bytes.remove_prefix(whole);
            continue;
        }
        const auto missing = kBlockSize - std::min(used(), kBlockSize);
        std::memcpy(end_, bytes.data(), missing);
        end_ += missing;
        bytes.remove_prefix(missing);
        write_block();
    }
    write(bytes);
}

void ReportFile::write_through(std::string_view bytes) {
    while (!error_ && !bytes.empty()) {
        const auto written = ::write(fd_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            error_ = system_error("cannot write " + file_.string(), errno);
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

Status ReportFile::commit(bool durable) {
    write_through({block_.get(), used()});
    end_ = block_.get();
    // Without it a power cut after the rename may leave the new name on an empty file.
    if (!error_ && durable && ::fsync(fd_.get()) != 0)
        error_ = system_error("cannot write " + file_.string(), errno);
    if (!error_ && ::rename(temporary_.c_str(), file_.c_str()) != 0)
        error_ = system_error("cannot write " + file_.string(), errno);
    if (error_) return *error_;
    committed_ = true;
    return Done{};
}

Status write_report_file(const std::filesystem::path& file, std::string_view bytes, bool durable) {
    ReportFile report(file);
    report.write(bytes);
    return report.commit(durable);
}

}  // namespace relux::report
