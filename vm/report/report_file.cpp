// See report_file.h. Must not know what is written.
#include "vm/report/report_file.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>

#include "vm/report/run_mode.h"

namespace relux::report {

ReportFile::ReportFile(std::filesystem::path file)
    : file_(std::move(file)),
      temporary_(file_),
      block_(std::make_unique_for_overwrite<char[]>(kBlockSize)),
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

void ReportFile::flush() {
    write_through({block_.get(), static_cast<std::size_t>(end_ - block_.get())});
    end_ = block_.get();
}

void ReportFile::write_long(std::string_view bytes) {
    flush();
    if (bytes.size() > kBlockSize) return write_through(bytes);
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
    flush();
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
