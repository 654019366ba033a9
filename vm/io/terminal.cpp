// Terminal pairs by the Unix 98 calls. The modes are read and set through the master, which stands for the
// other end.
#include "vm/io/terminal.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <vector>

namespace relux::io {

namespace {
constexpr std::size_t kCanonicalLine = 4096;  // N_TTY_BUF_SIZE
}

Result<Terminal> open_terminal(std::uint16_t columns, std::uint16_t rows) {
    Terminal terminal;
    terminal.master = Fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    if (!terminal.master && errno == ENOSPC)
        return Error{"all terminals of the system are in use (/proc/sys/kernel/pty/max)", ENOSPC};
    if (!terminal.master) return system_error("no terminal can be opened", errno);
    const int master = terminal.master.get();
    char path[PATH_MAX];
    // No grantpt(): on devpts it does nothing but a system call or two.
    if (::unlockpt(master) != 0 || ::ptsname_r(master, path, sizeof path) != 0) {
        return system_error("no terminal can be opened", errno);
    }
    terminal.path = path;
    winsize size{};
    size.ws_col = columns;
    size.ws_row = rows;
    termios modes{};
    if (::ioctl(master, TIOCSWINSZ, &size) != 0 || ::tcgetattr(master, &modes) != 0) {
        return system_error("the terminal can't be set up", errno);
    }
    modes.c_iflag |= IUTF8;
    if (::tcsetattr(master, TCSANOW, &modes) != 0) return system_error("the terminal can't be set up", errno);
    return terminal;
}

std::size_t terminal_line_limit(int master) {
    termios modes{};
    if (::tcgetattr(master, &modes) != 0) return 0;
    return (modes.c_lflag & ICANON) != 0 ? kCanonicalLine : 0;
}

bool terminal_is_raw(int master) {
    termios modes{};
    return ::tcgetattr(master, &modes) == 0 && (modes.c_lflag & (ICANON | ECHO)) == 0;
}

bool input_wakes_reader(int master, std::string_view bytes) {
    if (bytes.empty()) return false;
    // Wakes in every mode; most of what is sent ends with one.
    if (bytes.find('\n') != std::string_view::npos) return true;
    termios modes{};
    if (::tcgetattr(master, &modes) != 0 || (modes.c_lflag & ICANON) == 0) return true;
    std::vector<cc_t> waking = {modes.c_cc[VEOF], modes.c_cc[VEOL], modes.c_cc[VEOL2]};
    if ((modes.c_iflag & ICRNL) != 0) waking.push_back('\r');
    if ((modes.c_lflag & ISIG) != 0) {
        waking.insert(waking.end(), {modes.c_cc[VINTR], modes.c_cc[VQUIT], modes.c_cc[VSUSP]});
    }
    std::erase(waking, cc_t{_POSIX_VDISABLE});
    return std::any_of(bytes.begin(), bytes.end(), [&](char byte) {
        return std::find(waking.begin(), waking.end(), static_cast<cc_t>(byte)) != waking.end();
    });
}

}  // namespace relux::io
