// Work on many things that have nothing to do with each other, on all processors.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

#include "vm/base/processors.h"

namespace relux {

/// Calls work(i) once for each i below `count` and returns when all calls have. They come in any order and
/// several at once, so what they give must not depend on that; `work` must not throw. Few of them, or without
/// a second processor, are done by the calling thread alone.
template <class Work>
void parallel_for(std::size_t count, const Work& work) {
    // A thread costs as much as compiling some tens of lines.
    constexpr std::size_t kFewestOfAThread = 16;
    constexpr std::size_t kTakenAtOnce = 4;
    constexpr std::size_t kMostThreads = 16;
    std::atomic<std::size_t> next = 0;
    const auto take_all = [&] {
        for (auto first = next.fetch_add(kTakenAtOnce); first < count; first = next.fetch_add(kTakenAtOnce)) {
            for (auto i = first; i < std::min(count, first + kTakenAtOnce); ++i)
                work(i);
        }
    };
    const auto wanted =
        std::min({count / kFewestOfAThread, kMostThreads, static_cast<std::size_t>(allowed_processors())});
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < wanted; ++i) {
        try {
            helpers.emplace_back(take_all);
        } catch (const std::system_error&) {
            break;  // no more threads are to be had: those that are there do it
        }
    }
    take_all();
}

}  // namespace relux
