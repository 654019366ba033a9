// Unbuffered writing to the two standard streams.
#include "tools/cli/output.h"

#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <string>
#include <unistd.h>

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

}  // namespace

void print_output(std::string_view text) {
    write_whole(STDOUT_FILENO, text);
}
void print_error(std::string_view text) {
    write_whole(STDERR_FILENO, text);
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
