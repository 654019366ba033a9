// Unbuffered writing to the two standard streams.
#include "tools/cli/output.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <string>
#include <unistd.h>

#include "vm/base/text.h"

namespace relux::cli {

namespace {

void write_whole(int descriptor, std::string_view text) {
    while (!text.empty()) {
        auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) {
            // Whoever shares the stream with us has made it one that does not block.
            pollfd room{descriptor, POLLOUT, 0};
            ::poll(&room, 1, -1);
            continue;
        }
        if (written < 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

bool is_plain(char c) {
    return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t';
}

/// Size of a colour at the front of `text`, `ESC [ 1 ; 31 m`; 0: there is none.
std::size_t color_size(std::string_view text) {
    if (!text.starts_with("\x1b[")) return 0;
    const auto end = text.find_first_not_of("0123456789;", 2);
    return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const auto plain =
            static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_plain) - text.begin());
        const auto color = color_size(text.substr(plain));
        shown += text.substr(0, plain + color);
        text.remove_prefix(plain + color);
        if (color != 0 || text.empty()) continue;
        const auto odd =
            static_cast<std::size_t>(std::find_if(text.begin() + 1, text.end(), is_plain) - text.begin());
        const auto end = std::min(odd, text.find('\x1b', 1));
        shown += visible(text.substr(0, end), true);
        text.remove_prefix(std::min(end, text.size()));
    }
    return shown;
}

void print_output(std::string_view text) {
    write_whole(STDOUT_FILENO, printable(text));
}
void print_error(std::string_view text) {
    write_whole(STDERR_FILENO, printable(text));
}
void print_raw(int descriptor, std::string_view text) {
    write_whole(descriptor, text);
}

int complain(std::string_view message) {
    print_error("error: " + std::string(message) + "\n");
    return kUsage;
}

std::string count_of(std::size_t count, std::string_view word) {
    return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

bool error_wants_color() {
    const char* no_color = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    bool refused = no_color != nullptr && *no_color != '\0';
    bool dumb = term == nullptr || std::string_view(term) == "dumb";
    return !refused && !dumb && ::isatty(STDERR_FILENO) == 1;
}

}  // namespace relux::cli
