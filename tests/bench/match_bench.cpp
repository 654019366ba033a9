// Throughput of the matcher over 16 MiB of log output that never matches, by pattern and by size of the
// reads, and over 4 MiB, to show that the time per byte does not grow with the length. Numbers are for people
// to read.
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <sys/resource.h>

#include "vm/match/matcher.h"

namespace relux::match {

namespace {

struct Subject {
    const char* name;
    const char* pattern;
    bool is_regex;
};

constexpr std::array kSubjects{
    Subject{"literal never matching", "no such text", false},
    Subject{"regex never matching", "^panic: (\\d+)$", true},
    Subject{"regex, attempts everywhere", "\\w+ok$", true},
    Subject{"early partial across lines", "(?s)starting.*never seen", true},
    Subject{"early partial, lazy", "(?s)starting.*?never seen", true},
    Subject{"20 alternatives",
            "(?:alpha|beta|gamma|delta|epsilon|zeta|theta|iota|kappa|lambda|mumu|nunu|xixi|pipi|rhorho|sigma|"
            "tautau|"
            "upsilon|phiphi|chichi)!",
            true},
    Subject{"look-behind", "(?<=error: )\\d+", true},
    Subject{"unlimited look-behind", "\\X\\x{301}x", true},
};

std::string log_output(std::size_t size) {
    std::string text = "starting the service\r\n";
    while (text.size() < size) {
        text +=
            "2024-02-29 12:00:00.000 INFO  worker-7 handled request 4711 in 12 ms, status 200, 3 retries\r\n";
    }
    text.resize(size);
    return text;
}

/// Seconds until all of `text` has been looked at in reads of `step` bytes.
double seconds_for(const Subject& subject, std::string_view text, std::size_t step) {
    auto pattern = subject.is_regex ? *Pattern::regex(subject.pattern) : Pattern::literal(subject.pattern);
    OutputBuffer buffer(64 << 20);
    Matcher matcher(pattern, 0);
    auto start = std::chrono::steady_clock::now();
    auto state = Matcher::State::NeedMore;
    for (std::size_t at = 0; at < text.size(); at += step) {
        buffer.append(text.substr(at, step));
        state = matcher.advance(buffer, false);
    }
    state = matcher.advance(buffer, true);
    auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (state != Matcher::State::NeedMore)
        std::printf("unexpected state %d for %s\n", int(state), subject.name);
    return seconds;
}

void compare(const Subject& subject) {
    constexpr std::size_t kLong = 16 << 20;
    constexpr std::size_t kShort = kLong / 4;
    auto text = log_output(kLong);
    std::printf("%-28s", subject.name);
    for (std::size_t step : {std::size_t(1), std::size_t(4096), std::size_t(65536)}) {
        auto brief = seconds_for(subject, std::string_view(text).substr(0, kShort), step) / double(kShort);
        auto full = seconds_for(subject, text, step) / double(kLong);
        std::printf(" | %8.1f MB/s %7.3f ns/B (x%.2f)", 1e-6 / full, full * 1e9, full / brief);
    }
    std::printf("\n");
}

}  // namespace

}  // namespace relux::match

int main() {
    std::printf("16 MiB; in brackets the time per byte against that over 4 MiB\n%-28s | %-33s | %-33s | %s\n",
                "", "1 byte a read", "4 KiB a read", "64 KiB a read");
    for (const auto& subject : relux::match::kSubjects)
        relux::match::compare(subject);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("largest memory in use: %ld KiB, with the 16 MiB text and the buffer that doubles\n",
                usage.ru_maxrss);
}
