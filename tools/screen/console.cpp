// The thread is made when it is needed, which in most runs is never.
#include "tools/screen/console.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include "tools/cli/output.h"
#include "vm/base/signals.h"

namespace relux::cli {

namespace {

constexpr auto kPieceOfTime = std::chrono::milliseconds(10);
/// At most so much at once, so that it shows that somebody reads.
constexpr std::size_t kPiece = 4096;

std::string note_of_dropped(std::size_t lines) {
    return "note: " + count_of(lines, "line") + " left out here: nobody read them\n";
}

std::size_t count_lines(std::string_view text) {
    std::size_t lines = 0;
    for (const char c : text)
        lines += c == '\n';
    return lines;
}

/// A description of our own: the one we were given is shared with whoever gave it. None for what can't be
/// opened again.
Fd open_unblocked(int descriptor) {
    const auto path = "/proc/self/fd/" + std::to_string(descriptor);
    return Fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

}  // namespace

/// Holds what waits to be written, and the thread that does it.
class Console::Waiting {
  public:
    bool is_empty() const { return !some_.load(std::memory_order_acquire); }

    /// False: there is no thread.
    static bool add(const std::shared_ptr<Waiting>& waiting, int descriptor, std::string_view text,
                    bool may_drop);
    std::size_t written() const { return written_; }
    /// Waits for at most so long.
    bool wait_until_empty(std::chrono::milliseconds time);
    /// The thread ends when it has nothing left to do.
    void close();

  private:
    bool start(const std::shared_ptr<Waiting>& self, int descriptor);
    void write_all(int descriptor);
    void tell_dropped();
    bool write_piece(int descriptor, std::string_view& rest);

    std::atomic<bool> some_ = false;
    std::atomic<std::size_t> written_ = 0;
    bool started_ = false;  // the console's own
    std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable emptied_;
    // Guarded by mutex_.
    std::string next_;
    std::size_t dropped_ = 0;  // lines
    bool closed_ = false;
    bool gone_ = false;  // whoever read it
};

// Signals are the loop's, but for the one that stops a program that prints in the background.
bool Console::Waiting::start(const std::shared_ptr<Waiting>& self, int descriptor) {
    const BlockedSignals of_the_thread(SIGTTOU);
    try {
        std::thread([self, descriptor] { self->write_all(descriptor); }).detach();
        started_ = true;
    } catch (const std::system_error&) {
    }
    return started_;
}

bool Console::Waiting::add(const std::shared_ptr<Waiting>& waiting, int descriptor, std::string_view text,
                           bool may_drop) {
    if (!waiting->started_ && !waiting->start(waiting, descriptor)) return false;
    {
        const std::lock_guard lock(waiting->mutex_);
        if (waiting->gone_) return true;
        if (may_drop && waiting->some_ && waiting->next_.size() + text.size() > kMostWaiting) {
            waiting->dropped_ += count_lines(text);
            return true;
        }
        waiting->tell_dropped();
        waiting->next_ += text;
        waiting->some_ = true;
    }
    waiting->changed_.notify_one();
    return true;
}

void Console::Waiting::tell_dropped() {
    if (dropped_ > 0) next_ += note_of_dropped(std::exchange(dropped_, 0));
}

bool Console::Waiting::wait_until_empty(std::chrono::milliseconds time) {
    if (is_empty()) return true;
    std::unique_lock lock(mutex_);
    return emptied_.wait_for(lock, time, [this] { return is_empty(); });
}

void Console::Waiting::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_one();
}

bool Console::Waiting::write_piece(int descriptor, std::string_view& rest) {
    const auto count = ::write(descriptor, rest.data(), std::min(rest.size(), kPiece));
    if (count < 0 && errno == EINTR) return true;
    if (count < 0 && errno == EAGAIN) {
        // Whoever shares the stream with us has made it one that does not block.
        pollfd room{descriptor, POLLOUT, 0};
        ::poll(&room, 1, -1);
        return true;
    }
    if (count < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(count));
    written_ += static_cast<std::size_t>(count);
    return true;
}

void Console::Waiting::write_all(int descriptor) {
    std::string text;
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return closed_ || !next_.empty(); });
        if (next_.empty()) return;
        text.clear();
        text.swap(next_);
        lock.unlock();
        bool there = true;
        for (std::string_view rest = text; there && !rest.empty();)
            there = write_piece(descriptor, rest);
        lock.lock();
        gone_ |= !there;
        tell_dropped();
        if (gone_) next_.clear();
        if (!next_.empty()) continue;
        some_.store(false, std::memory_order_release);
        emptied_.notify_one();
    }
}

Console::Console(int descriptor) : descriptor_(descriptor), waiting_(std::make_shared<Waiting>()) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return;
    const bool is_terminal = S_ISCHR(status.st_mode) && ::isatty(descriptor) == 1;
    if (S_ISFIFO(status.st_mode) || is_terminal) {
        unblocked_ = open_unblocked(descriptor);
    } else if (S_ISSOCK(status.st_mode)) {
        kind_ = Kind::Socket;
    } else if (S_ISCHR(status.st_mode)) {
        kind_ = Kind::Immediate;  // such as /dev/null
    }
    if (unblocked_) kind_ = Kind::Immediate;
}

Console::~Console() {
    waiting_->close();
}

/// Writes what can be written without waiting, and takes it off. False: nobody is there to read it.
bool Console::starts_writing(std::string_view& text) {
    while (!text.empty()) {
        const auto count =
            kind_ == Kind::Socket
                ? ::send(descriptor_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                : ::write(unblocked_ ? unblocked_.get() : descriptor_, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void Console::hand_over(std::string_view text, bool may_drop) {
    if (text.empty()) return;
    const bool at_once = kind_ != Kind::OnThread && waiting_->is_empty();
    if (at_once && (!starts_writing(text) || text.empty())) return;
    if (Waiting::add(waiting_, descriptor_, text, may_drop && !at_once)) return;
    // Without a thread it waits, as any program does.
    print_raw(descriptor_ == STDOUT_FILENO ? STDOUT_FILENO : STDERR_FILENO, text);
}

void Console::print(std::string_view lines) {
    hand_over(printable(lines), true);
}

void Console::draw(std::string_view sequences) {
    hand_over(sequences, true);
}

void Console::print_result(std::string_view lines) {
    hand_over(printable(lines), false);
}

bool Console::is_behind() const {
    return kind_ != Kind::OnThread && !waiting_->is_empty();
}

void Console::finish(HeldInterrupts& held) {
    constexpr int kPatience = 100;  // pieces of time
    int idle = 0;
    for (auto written = waiting_->written(); !waiting_->wait_until_empty(kPieceOfTime);) {
        idle = waiting_->written() == written ? idle + 1 : 0;
        written = waiting_->written();
        if (held.told_to_end() && idle >= kPatience) return;
    }
}

}  // namespace relux::cli
