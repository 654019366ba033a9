// The log files of one shell. No descriptor is held between blocks: a block is 64 KiB, most shells write less
// in their life, and a suite with many shells at once must not run out of descriptors for the sake of its
// logs. Must not know: shells, tests, the clock. Times come from the caller.
#include "vm/report/shell_log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "vm/base/fd.h"
#include "vm/base/input_limits.h"
#include "vm/report/run_mode.h"

namespace relux::report {

namespace {

constexpr std::size_t kBlockSize = 64 * 1024;
constexpr std::size_t kMostWaiting = 4 * 1024 * 1024;
// Shells of different effects may have one name; past this many something else is wrong with the directory.
constexpr int kMostSameNames = 10000;

Fd open_to_append(const std::string& file, int extra_flags) {
    // Most blocks are the first one and the last. The shell may have put a pipe in the file's place, for
    // which nobody must wait.
    const int flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC;
    Fd fd(::open(file.c_str(), flags | O_CREAT | O_EXCL, 0600));
    if (fd) open_as_directory(fd.get(), file);
    if (fd || errno != EEXIST || (extra_flags & O_EXCL) != 0) return fd;
    return Fd(::open(file.c_str(), flags | extra_flags));
}

// The files of a log and the blocks that wait to be written to them. It is shared by the log and by those who
// write, and used by one at a time: while `busy_` they have the files, else the log's thread.
class LogFiles : public std::enable_shared_from_this<LogFiles> {
  public:
    static constexpr std::array<std::string_view, 4> kNames = {".stdin.raw", ".stdin.log", ".stdout.raw",
                                                               ".stdout.log"};

    LogFiles(const std::string& stem, WorkBeside beside) : beside_(std::move(beside)) {
        for (std::size_t i = 0; i < kNames.size(); ++i)
            files_[i].path = stem + std::string(kNames[i]);
    }

    // Also with nothing: a shell that was sent nothing still has its four files.
    void add(std::size_t file, std::string&& bytes) {
        waiting_size_ += bytes.size();
        waiting_.push_back({file, std::move(bytes)});
    }

    // At least once after some add().
    void write() {
        if (!beside_) {
            write_blocks(std::exchange(waiting_, {}));
            waiting_size_ = 0;
            return tell_closed();
        }
        if (busy_) {
            if (waiting_size_ > kMostWaiting) wait_for_disk();
            return;
        }
        if (waiting_.empty()) return tell_closed();
        busy_ = true;
        writing_ = std::make_shared<Writing>();
        writing_->blocks.swap(waiting_);
        waiting_size_ = 0;
        beside_(
            [self = shared_from_this(), writing = writing_] {
                self->write_blocks(std::move(writing->blocks));
                writing->ended = true;
                writing->ended.notify_all();
            },
            [self = shared_from_this()] {
                self->busy_ = false;
                self->write();
            });
    }

    void close(std::function<void(Status)> closed) {
        closed_ = std::move(closed);
        write();
    }

  private:
    // A path as such would take a kilobyte.
    struct File {
        std::string path;
        std::optional<Error> error;
    };
    struct Block {
        std::size_t file;
        std::string bytes;
    };
    struct Writing {
        std::vector<Block> blocks;
        std::atomic<bool> ended = false;
    };

    void write_blocks(std::vector<Block> blocks) {
        for (const auto& block : blocks)
            write_block(files_[block.file], block.bytes);
    }

    static void write_block(File& file, std::string_view rest) {
        if (file.error) return;
        const auto fd = open_to_append(file.path, 0);
        if (!fd) {
            file.error = system_error("cannot open " + file.path, errno);
            return;
        }
        while (!rest.empty()) {
            const auto written = ::write(fd.get(), rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) {
                file.error = system_error("cannot write " + file.path, errno);
                return;
            }
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    // The output comes faster than the disk takes it, and a log is never cut.
    void wait_for_disk() {
        writing_->ended.wait(false);
        write_blocks(std::exchange(waiting_, {}));
        waiting_size_ = 0;
    }

    void tell_closed() {
        if (!closed_) return;
        Status status = Done{};
        for (const auto& file : files_) {
            if (status && file.error) status = *file.error;
        }
        // Whoever hears of it may do without the log.
        std::exchange(closed_, nullptr)(std::move(status));
    }

    std::array<File, kNames.size()> files_;
    WorkBeside beside_;
    std::vector<Block> waiting_;
    std::size_t waiting_size_ = 0;  // in bytes
    std::shared_ptr<Writing> writing_;
    bool busy_ = false;
    std::function<void(Status)> closed_;
};

// Collects what one of the files gets, and hands it over a block at a time.
class BlockBuffer {
  public:
    BlockBuffer(LogFiles& files, std::size_t file, const Secrets* secrets)
        : files_(files), file_(file), secrets_(secrets) {}

    void append(std::string_view bytes) {
        buffer_.append(bytes);
        if (buffer_.size() < kBlockSize) return;
        give(false);
        files_.write();
    }

    void give(bool last) {
        if (secrets_ != nullptr) mask(last);
        files_.add(file_, std::exchange(buffer_, {}));
    }

  private:
    // A secret that is learned after a block is written is masked when the test has ended (test_report.h).
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

    LogFiles& files_;
    std::size_t file_;
    const Secrets* secrets_;
    const SecretSearch* search_ = nullptr;
    std::optional<SecretStream> masking_;
    std::string buffer_;
};

// Both files of one direction.
class Stream {
  public:
    /// `first` is the number of the raw one.
    Stream(LogFiles& files, std::size_t first, const Secrets* secrets)
        : raw_(files, first, secrets), log_(files, first + 1, secrets) {}

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

    void give_rest() {
        raw_.give(true);
        log_.give(true);
    }

  private:
    // One read may bring hundreds of lines, all of one time.
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
    BlockBuffer raw_;
    BlockBuffer log_;
    bool at_line_start_ = true;
};

class FileShellLog final : public ShellLog {
  public:
    FileShellLog(const std::string& stem, const Secrets* secrets, WorkBeside beside)
        : files_(std::make_shared<LogFiles>(stem, std::move(beside))),
          stdin_(*files_, 0, secrets),
          stdout_(*files_, 2, secrets) {}
    ~FileShellLog() override {
        if (!closed_) close([](const Status&) {});
    }

    void sent(std::string_view bytes, Duration time) override { stdin_.append(bytes, time); }
    void received(std::string_view bytes, Duration time) override { stdout_.append(bytes, time); }

    void close(std::function<void(Status)> closed) override {
        closed_ = true;
        stdin_.give_rest();
        stdout_.give_rest();
        files_->close(std::move(closed));
    }

  private:
    std::shared_ptr<LogFiles> files_;
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
    // Room for a number and `.stdout.raw`; shells whose names begin alike get numbers.
    constexpr std::size_t kLongestStem = kLongestFileName - 35;
    stem.resize(std::min(stem.size(), kLongestStem));
    return stem.empty() ? "shell" : stem;
}

}  // namespace

Result<std::unique_ptr<ShellLog>> ShellLog::open(const std::filesystem::path& directory,
                                                 std::string_view name, const Secrets* secrets,
                                                 WorkBeside beside) {
    const auto stem = file_stem(name);
    const auto whole = directory.string() + "/" + stem;
    // Creating one of the four reserves the name and shows early that the directory can't be written.
    for (int number = 1; number <= kMostSameNames; ++number) {
        const auto candidate = number == 1 ? whole : whole + "-" + std::to_string(number);
        const auto file = candidate + ".stdout.raw";
        if (open_to_append(file, O_EXCL))
            return std::unique_ptr<ShellLog>(new FileShellLog(candidate, secrets, std::move(beside)));
        if (errno != EEXIST) return system_error("cannot create " + file, errno);
    }
    return Error{"too many shells are named " + stem + " in " + directory.string(), EEXIST};
}

}  // namespace relux::report
