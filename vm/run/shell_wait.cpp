#include "vm/run/shell_wait.h"

#include <utility>

#include "vm/run/shell_patience.h"

namespace relux::run {

namespace {

class Moment final : public Awaited {
  public:
    Moment(const ShellWait& wait, io::Time time) : wait_(wait), time_(time) {}
    std::optional<io::Time> look() override {
        if (wait_.stopped() || wait_.now() >= time_) return std::nullopt;
        return time_;
    }

  private:
    const ShellWait& wait_;
    io::Time time_;
};

/// The next turn of the loop, in which all that has happened meanwhile is seen.
class NextTurn final : public Awaited {
  public:
    explicit NextTurn(const ShellWait& wait) : wait_(wait) {}
    std::optional<io::Time> look() override {
        if (wait_.stopped() || has_begun_) return std::nullopt;
        has_begun_ = true;
        return wait_.now();
    }

  private:
    const ShellWait& wait_;
    bool has_begun_ = false;
};

}  // namespace

ShellWait::ShellWait(io::Loop& loop, const Activity& activity)
    : loop_(loop), activity_(activity), timer_(loop.make_timer([this] { on_timer(); })), wanted_(kNever) {}

io::Task<bool> ShellWait::until(io::Time time) {
    Moment moment(*this, time);
    co_await until_over(moment);
    co_return !stopped();
}

io::Task<bool> ShellWait::give_way() {
    NextTurn turn(*this);
    co_await until_over(turn);
    co_return !stopped();
}

void ShellWait::wake() {
    wanted_ = kNever;
    // A look may lead here again, which is no news to whoever looks.
    Over* const waiter = std::exchange(waiter_, nullptr);
    if (waiter == nullptr) return;
    if (look(waiter->awaited_)) {
        waiter_ = waiter;
    } else {
        waiter->handle_.resume();
    }
}

bool ShellWait::look(Awaited& awaited) {
    const auto again = awaited.look();
    if (again) wake_at(*again);
    return again.has_value();
}

void ShellWait::wake_at(io::Time time) {
    wanted_ = time;
    if (time == kNever || (timer_->armed() && timer_at_ <= time)) return;
    timer_at_ = time;
    timer_->arm(time);
}

void ShellWait::on_timer() {
    if (wanted_ == kNever) return;
    if (now() < wanted_) return wake_at(wanted_);
    wake();
}

}  // namespace relux::run
