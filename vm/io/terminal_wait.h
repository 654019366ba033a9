// Whether a system call that a thread of another process sleeps in waits for input from a certain terminal: a
// read of it, or poll, select or epoll with it among the descriptors.
//
// The process has what the call waits for: the descriptors in /proc/<pid>/fd, the arrays of poll and select
// in its memory, the set of an epoll in /proc/<pid>/fdinfo. Where these can't be read the call counts as one
// that waits for the terminal.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <sys/types.h>

#include "vm/base/fd.h"

struct stat;

namespace relux::io {

Fd open_process_file(pid_t pid, const char* name);
std::chrono::nanoseconds monotonic_now();

class TerminalWait {
  public:
    /// `master` must outlive this.
    explicit TerminalWait(int master) : master_(master) {}

    /// `call` is what /proc/<thread>/syscall says of a thread of `process`.
    bool waits(pid_t process, std::string_view call);
    /// As waits(), for a process of another session, whose /dev/tty is another terminal.
    bool waits_elsewhere(pid_t process, std::string_view call);

  private:
    struct Call {
        long number = -1;
        std::array<std::uint64_t, 3> arguments{};
        bool operator==(const Call&) const = default;
    };
    static Call parse(std::string_view text);
    bool waits(pid_t process, const Call& call);
    bool is_terminal(pid_t process, long descriptor);
    bool is_terminal(const struct stat& status);
    bool look_up(pid_t process, long descriptor, bool& may_hold_others);
    bool leads_to_terminal(pid_t process, long descriptor, int depth);
    bool poll_waits(pid_t process, std::uint64_t entries, std::uint64_t count);
    bool select_waits(pid_t process, std::uint64_t count, std::uint64_t bits);
    /// select_waits() for descriptor 0 alone, as shells with a line editor call it.
    bool select_waits_for_input(pid_t process, const Call& call);
    bool epoll_waits(pid_t process, long descriptor, int depth);
    void know_terminal();

    int master_;
    bool own_session_ = true;
    bool knows_terminal_ = false;
    dev_t terminal_ = 0;
    dev_t file_system_ = 0;  ///< 0: not known
    /// The descriptor that was found to be the terminal last, and when: looking costs as much as all the
    /// rest.
    struct Known {
        pid_t process = 0;
        long descriptor = -1;
        std::chrono::nanoseconds at{};
    };
    Known known_;
    /// The call of descriptor 0 alone that was found to wait last, and when.
    struct KnownSelect {
        pid_t process = 0;
        Call call;
        std::chrono::nanoseconds at{};
    };
    KnownSelect known_select_;
};

}  // namespace relux::io
