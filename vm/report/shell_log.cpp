// The log files of one shell. No descriptor is held between blocks: a block is 64 KiB, most shells write less
// in their life, and a suite with many shells at once must not run out of descriptors for the sake of its
// logs. Must not know: shells, tests, the clock. Times come from the caller.
#include "vm/report/shell_log.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <iterator>
#include <optional>

#include "vm/base/fd.h"

namespace relux::report {

namespace {

constexpr std::size_t kBlockSize = 64 * 1024;
// Shells of different effects may have one name; past this many something else is wrong with the directory.
constexpr int kMostSameNames = 10000;

Fd open_to_append(const std::string& file, int extra_flags) {
    return Fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | extra_flags, 0644));
}

// One file, written a block at a time.
class BlockFile {
  public:
    BlockFile(std::string file, const Secrets* secrets) : file_(std::move(file)), secrets_(secrets) {}

    void append(std::string_view bytes) {
        buffer_.append(bytes);
        if (buffer_.size() >= kBlockSize) flush(false);
    }

    // Also with nothing buffered: a shell that was sent nothing still has its four files.
    void flush(bool last) {
        if (error_) {
            buffer_.clear();
            return;
        }
        auto fd = open_to_append(file_, 0);
        if (!fd) {
            error_ = system_error("cannot open " + file_, errno);
            return;
        }
        if (secrets_ != nullptr) mask(last);
        std::string_view rest = buffer_;
        while (!rest.empty()) {
            auto written = ::write(fd.get(), rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) {
                error_ = system_error("cannot write " + file_, errno);
                break;
            }
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        buffer_.clear();
    }

    const std::optional<Error>& error() const { return error_; }

  private:
    // What is learned later than a block is written is masked when the test has ended (test_report.h).
    void mask(bool last) {
        const auto* search = &secrets_->search();
        if (!masking_) masking_.emplace(*search);
        if (search != search_) masking_->change(*search);
        search_ = search;
        std::string masked;
        masked.reserve(buffer_.size());
        masking_->feed(buffer_, masked);
        if (last) masking_->finish(masked);
        buffer_ = std::move(masked);
    }

    std::string file_;  // a path would take a kilobyte
    const Secrets* secrets_;
    const SecretSearch* search_ = nullptr;
    std::optional<SecretStream> masking_;
    std::string buffer_;
    std::optional<Error> error_;
};

// Both files of one direction.
class Stream {
  public:
    /// `stem` with its directory.
    Stream(const std::string& stem, const Secrets* secrets)
        : raw_(stem + ".raw", secrets), log_(stem + ".log", secrets) {}

    void append(std::string_view bytes, Duration time) {
        raw_.append(bytes);
        while (!bytes.empty()) {
            if (at_line_start_) stamp(time);
            auto newline = bytes.find('\n');
            at_line_start_ = newline != std::string_view::npos;
            auto line = at_line_start_ ? bytes.substr(0, newline + 1) : bytes;
            log_.append(line);
            bytes.remove_prefix(line.size());
        }
    }

    void flush() {
        raw_.flush(true);
        log_.flush(true);
    }

    const std::optional<Error>& error() const { return raw_.error() ? raw_.error() : log_.error(); }

  private:
    // Of one read there may be hundreds of lines, all of one time.
    void stamp(Duration time) {
        const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
        if (milliseconds != stamped_) {
            stamped_ = milliseconds;
            constexpr std::string_view kBegin = "[+";
            auto* end = std::copy(kBegin.begin(), kBegin.end(), stamp_.data());
            end = std::to_chars(end, stamp_.data() + stamp_.size(), milliseconds / 1000).ptr;
            const auto rest = milliseconds % 1000;
            const char fraction[] = {'.',
                                     static_cast<char>('0' + rest / 100),
                                     static_cast<char>('0' + rest / 10 % 10),
                                     static_cast<char>('0' + rest % 10),
                                     's',
                                     ']',
                                     ' '};
            end = std::copy(std::begin(fraction), std::end(fraction), end);
            stamp_size_ = static_cast<std::size_t>(end - stamp_.data());
        }
        log_.append(std::string_view(stamp_.data(), stamp_size_));
    }

    std::int64_t stamped_ = -1;
    std::array<char, 48> stamp_{};
    std::size_t stamp_size_ = 0;
    BlockFile raw_;
    BlockFile log_;
    bool at_line_start_ = true;
};

class FileShellLog final : public ShellLog {
  public:
    FileShellLog(const std::string& stem, const Secrets* secrets)
        : stdin_(stem + ".stdin", secrets), stdout_(stem + ".stdout", secrets) {}
    ~FileShellLog() override { flush(); }

    void sent(std::string_view bytes, Duration time) override { stdin_.append(bytes, time); }
    void received(std::string_view bytes, Duration time) override { stdout_.append(bytes, time); }

    Status close() override {
        flush();
        if (stdin_.error()) return *stdin_.error();
        if (stdout_.error()) return *stdout_.error();
        return Done{};
    }

  private:
    void flush() {
        if (closed_) return;
        closed_ = true;
        stdin_.flush();
        stdout_.flush();
    }

    Stream stdin_;
    Stream stdout_;
    bool closed_ = false;
};

std::string file_stem(std::string_view name) {
    std::string stem;
    for (char c : name) {
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '-' || (c == '.' && !stem.empty());
        stem.push_back(plain ? c : '-');
    }
    return stem.empty() ? "shell" : stem;
}

}  // namespace

Result<std::unique_ptr<ShellLog>> ShellLog::open(const std::filesystem::path& directory,
                                                 std::string_view name, const Secrets* secrets) {
    const auto stem = file_stem(name);
    const auto whole = directory.string() + "/" + stem;
    // Creating one of the four reserves the name and shows early that the directory can't be written.
    for (int number = 1; number <= kMostSameNames; ++number) {
        const auto candidate = number == 1 ? whole : whole + "-" + std::to_string(number);
        const auto file = candidate + ".stdout.raw";
        if (open_to_append(file, O_EXCL))
            return std::unique_ptr<ShellLog>(new FileShellLog(candidate, secrets));
        if (errno != EEXIST) return system_error("cannot create " + file, errno);
    }
    return Error{"too many shells are named " + stem + " in " + directory.string(), EEXIST};
}

}  // namespace relux::report
