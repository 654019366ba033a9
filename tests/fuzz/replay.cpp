// Runs every file of the corpora through the entry point that it belongs to: `fuzz_replay DIRECTORY`, with a
// directory for each target below it. The name of each file is printed before it is run, so the last one
// printed is the one that ended the program.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

namespace {

using Target = void (*)(std::string_view);

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The number of files.
int replay(const std::filesystem::path& directory, Target target) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
        std::printf("%s/%s\n", directory.filename().c_str(), path.filename().c_str());
        std::fflush(stdout);
        target(read(path));
    }
    return static_cast<int>(paths.size());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: fuzz_replay DIRECTORY\n", stderr);
        return 2;
    }
    const std::filesystem::path corpora(argv[1]);
    int count = 0;
    for (auto [name, target] : {std::pair<const char*, Target>{"compile", relux::fuzz::compile},
                                std::pair<const char*, Target>{"files", relux::fuzz::files},
                                std::pair<const char*, Target>{"match", relux::fuzz::match},
                                std::pair<const char*, Target>{"module", relux::fuzz::module}}) {
        const int files = replay(corpora / name, target);
        if (files == 0) std::printf("no corpus in %s\n", (corpora / name).c_str());
        if (files == 0) return 1;
        count += files;
    }
    std::printf("%d passed, 0 failed\n", count);
    return 0;
}
