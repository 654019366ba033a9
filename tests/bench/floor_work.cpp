// The cases without a shell.
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "tests/bench/floor_cases.h"
#include "tests/bench/floor_shell.h"

namespace relux::bench {

void read_sources(const std::string& directory) {
    std::size_t bytes = 0;
    unsigned sum = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.path().extension() != ".relux") continue;
        std::ifstream file(entry.path(), std::ios::binary);
        std::stringstream text;
        text << file.rdbuf();
        for (const char byte : text.view())
            sum = sum * 31 + static_cast<unsigned char>(byte);
        bytes += text.view().size();
    }
    std::printf("bytes %zu\nsum %u\n", bytes, sum);
}

// A third each of joining, of changing case and of replacing, on strings of the size that tests have.
void string_work(int count) {
    const auto start = nanoseconds_now();
    std::size_t total = 0;
    std::string text = "token";
    for (int i = 0; i < count; i += 3) {
        std::string joined = text + "-" + text;
        for (char& letter : joined)
            letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
        for (auto at = joined.find('T'); at != std::string::npos; at = joined.find('T', at + 1))
            joined.replace(at, 1, "x");
        total += joined.size();
    }
    std::printf("elapsed %lld\ntotal %zu\n", nanoseconds_now() - start, total);
}

void emit(long long size, long long chunk) {
    const std::string line =
        "2024-02-29 12:00:00.000 INFO  worker-7 handled request 4711 in 12 ms, status 200, 3 retries\n";
    const std::string last = "flood-done\n";
    std::string text;
    text.reserve(static_cast<std::size_t>(size) + line.size());
    while (static_cast<long long>(text.size()) < size - static_cast<long long>(last.size()))
        text += line;
    text += last;
    for (std::string_view rest = text; !rest.empty();) {
        const auto part = rest.substr(0, static_cast<std::size_t>(chunk));
        const ssize_t count = ::write(STDOUT_FILENO, part.data(), part.size());
        if (count <= 0) fail("cannot write");
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
}

}  // namespace relux::bench
