// Fuzzes without a fuzzing library, for where there is none: changes inputs of the corpora at random, blind
// to what they reach. `fuzz_mutate TARGET SECONDS SEED DIRECTORY...`; the input that is being tried is kept
// in `fuzz_mutate.TARGET.SEED`, so that it is there when it ends the program.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

namespace {

using Target = void (*)(std::string_view);
using Random = std::mt19937_64;

constexpr std::size_t kLongest = 64 * 1024;

std::size_t below(Random& random, std::size_t count) {
    return count == 0 ? 0 : random() % count;
}

std::vector<std::string> inputs_of(int count, char** directories) {
    std::vector<std::filesystem::path> paths;
    for (int i = 0; i < count; ++i) {
        for (const auto& entry : std::filesystem::directory_iterator(directories[i]))
            paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> inputs;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return inputs;
}

/// One change behind the first byte, which says what the input is.
void change(std::string& input, const std::vector<std::string>& inputs, Random& random) {
    static constexpr std::uint64_t kOdd[] = {0,      1,      0x7f,       0x80,       0xff,
                                             0x7fff, 0xffff, 0x7fffffff, 0xffffffff, ~std::uint64_t{0}};
    if (input.size() < 2) input.append(2, '\0');
    const auto at = 1 + below(random, input.size() - 1);
    const auto rest = input.size() - at;
    switch (below(random, 7)) {
        case 0:
            input[at] = static_cast<char>(random());
            break;
        case 1:
            input[at] = static_cast<char>(input[at] ^ (1 << below(random, 8)));
            break;
        case 2:
            input.erase(at, 1 + below(random, std::min<std::size_t>(rest, 64)));
            break;
        case 3:
            input.insert(at, input.substr(at, 1 + below(random, std::min<std::size_t>(rest, 256))));
            break;
        case 4: {
            const auto number = kOdd[below(random, std::size(kOdd))];
            for (std::size_t i = 0; i < (std::size_t{1} << below(random, 4)) && at + i < input.size(); ++i)
                input[at + i] = static_cast<char>(number >> (8 * i));
            break;
        }
        case 5: {
            const auto& other = inputs[below(random, inputs.size())];
            const auto from = below(random, other.size());
            input.insert(at, other.substr(from, 1 + below(random, 256)));
            break;
        }
        default:
            input.resize(at);
    }
    if (input.size() > kLongest) input.resize(kLongest);
}

Target target_of(std::string_view name) {
    if (name == "compile") return relux::fuzz::compile;
    if (name == "files") return relux::fuzz::files;
    if (name == "match") return relux::fuzz::match;
    if (name == "module") return relux::fuzz::module;
    return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
    const Target target = argc > 4 ? target_of(argv[1]) : nullptr;
    const auto inputs = target == nullptr ? std::vector<std::string>() : inputs_of(argc - 4, argv + 4);
    if (inputs.empty()) {
        std::fputs("usage: fuzz_mutate compile|files|match|module SECONDS SEED DIRECTORY...\n", stderr);
        return 2;
    }
    Random random(std::strtoull(argv[3], nullptr, 10));
    const std::string kept = std::string("fuzz_mutate.") + argv[1] + "." + argv[3];
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[2]));
    std::size_t count = 0;
    for (; std::chrono::steady_clock::now() < end; ++count) {
        auto input = inputs[below(random, inputs.size())];
        for (auto changes = 1 + below(random, 8); changes > 0; --changes)
            change(input, inputs, random);
        std::ofstream(kept, std::ios::binary | std::ios::trunc) << input;
        target(input);
    }
    std::filesystem::remove(kept);
    std::printf("%s: %zu inputs, no finding\n", argv[1], count);
    return 0;
}
