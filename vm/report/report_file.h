// A file that is there whole or not at all: written to a temporary beside it and renamed. As open as its
// directory (run_mode.h).
#pragma once

#include <cstddef>
#include <cstring>
#include <filesystem>
#include <memory>
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
        if (bytes.size() > left()) return write_long(bytes);
        // An empty view may have no address.
        if (!bytes.empty()) std::memcpy(end_, bytes.data(), bytes.size());
        end_ += bytes.size();
    }
    void write(char byte) {
        char* const at = room(1);
        *at = byte;
        filled(at + 1);
    }
    /// Where `size` bytes, at most kMostRoom, can be put in place. Those before the argument of filled() are
    /// written then.
    char* room(std::size_t size) {
        if (size > left()) write_block();
        return end_;
    }
    void filled(char* end) { end_ = end; }
    static constexpr std::size_t kMostRoom = 512;
    /// Replaces the file. `durable`: also after a power cut, which takes milliseconds.
    Status commit(bool durable);

  private:
    static constexpr std::size_t kBlockSize = 64 * 1024;
    std::size_t left() const { return static_cast<std::size_t>(limit_ - end_); }
    std::size_t used() const { return static_cast<std::size_t>(end_ - block_.get()); }
    void write_block();
    void write_long(std::string_view bytes);
    void write_through(std::string_view bytes);

    std::filesystem::path file_;
    std::filesystem::path temporary_;
    Fd fd_;
    std::unique_ptr<char[]> block_;  ///< with kMostRoom bytes behind it
    const char* limit_;              ///< of both
    char* end_;                      ///< of what is in them
    std::optional<Error> error_;
    bool committed_ = false;
};

/// The whole content at once.
Status write_report_file(const std::filesystem::path& file, std::string_view bytes, bool durable);

}  // namespace relux::report
