// A file that is there whole or not at all: written to a temporary beside it and renamed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "vm/base/fd.h"
#include "vm/base/result.h"

namespace relux::report {

class ReportFile {
  public:
    explicit ReportFile(std::filesystem::path file);
    /// Without commit() nothing is left.
    ~ReportFile();
    ReportFile(const ReportFile&) = delete;
    ReportFile& operator=(const ReportFile&) = delete;

    /// Buffered. After an error the rest is dropped, and commit() says what it was.
    void write(std::string_view bytes) {
        if (error_) return;
        buffer_.append(bytes);
        if (buffer_.size() >= kBlockSize) flush();
    }
    /// Replaces the file. `durable`: also after a power cut, which takes milliseconds.
    Status commit(bool durable);

  private:
    static constexpr std::size_t kBlockSize = 64 * 1024;
    void flush();

    std::filesystem::path file_;
    std::filesystem::path temporary_;
    Fd fd_;
    std::string buffer_;
    std::optional<Error> error_;
    bool committed_ = false;
};

/// The whole content at once.
Status write_report_file(const std::filesystem::path& file, std::string_view bytes, bool durable);

}  // namespace relux::report
