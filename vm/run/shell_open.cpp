// See shell.h: opening the process, also where terminals, descriptors or processes are few.
#include <cerrno>
#include <utility>

#include "vm/run/shell.h"
#include "vm/run/shell_patience.h"

namespace relux::run {

namespace {

/// How often a shell that can't be opened is tried again, and how many times when no other test has one that
/// it could give back: what others have just let go of may be there a moment later.
constexpr Duration kRoomPoll = std::chrono::milliseconds(10);
constexpr int kLooksForRoom = 20;

/// As long as it is there, its test waits for a shell.
class OpenWait {
  public:
    OpenWait(ShellPool& pool, const void* test, const std::string& why) : pool_(pool), test_(test) {
        pool_.begin_wait(test_, why);
    }
    OpenWait(const OpenWait&) = delete;
    OpenWait& operator=(const OpenWait&) = delete;
    ~OpenWait() { pool_.end_wait(test_); }

  private:
    ShellPool& pool_;
    const void* test_;
};

/// There are too many of something at this moment, and there may be fewer later.
bool is_shortage(int code) {
    return code == EMFILE || code == ENFILE || code == ENOSPC || code == EAGAIN || code == ENOMEM;
}

}  // namespace

io::Task<bool> Shell::open() {
    auto& pool = test_.resources().shared.pool;
    const auto options = test_.shell_options(log_name_, std::move(environment_));
    std::string printed;
    io_ = test_.take_early_shell(options, *this, printed);
    if (io_) {
        note_opened();
        if (!printed.empty()) on_output(printed);
        co_return true;
    }
    std::optional<OpenWait> waiting;
    for (int looks = 0; !activity_.stopped();) {
        auto opened = test_.loop().open_shell(options, *this);
        if (opened) {
            io_ = std::move(*opened);
            pool.opened(&test_);
            note_opened();
            co_return true;
        }
        const auto& error = opened.error();
        if (!is_shortage(error.code)) {
            fail(report::FailureKind::Runtime, "runtime error in shell '" + name_ + "': " + error.message);
            co_return false;
        }
        const auto why =
            error.message + (error.code == EMFILE ? "; descriptors are too few (ulimit -n)" : "");
        if (!waiting) waiting.emplace(pool, &test_, why + "; fewer tests run at once from here on");
        // As long as another test has a shell to give back, there is hope.
        looks = pool.somebody_will_release() ? 0 : looks + 1;
        if (looks > kLooksForRoom) {
            const auto never = pool.refusal(test_.shell_need.least);
            fail(report::FailureKind::Runtime,
                 "runtime error in shell '" + name_ + "': " + why + (never ? "; " + *never : std::string()));
            failure_->notes.push_back("the test can have " + std::to_string(test_.shell_need.most) +
                                      " shells open at once, and no other test had one to give back; `relux "
                                      "doctor` tells the limits");
            co_return false;
        }
        wake_at(add(test_.loop().now(), kRoomPoll));
        co_await changed_.wait();
    }
    co_return false;
}

void Shell::note_opened() {
    is_open_ = true;
    ++test_.resources().statistics.shells;
    test_.resources().shared.shells.add();
}

void Shell::note_closed() {
    if (!std::exchange(is_open_, false)) return;
    test_.resources().shared.shells.remove();
    test_.resources().shared.pool.closed(&test_);
}

}  // namespace relux::run
