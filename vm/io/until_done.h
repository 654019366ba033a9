// Waiting in a coroutine for what tells of its end by a call: the loop's work on other threads, and the like.
#pragma once

#include <functional>
#include <type_traits>

#include "vm/io/task.h"

namespace relux::io {

/// Calls `begin` with the function that is to be called once, on the loop's thread, when all is done, and
/// goes on then. What `begin` has started must not outlive what it uses: nothing ends the wait before.
template <typename Begin>
Task<void> until_done(Begin begin) {
    static_assert(std::is_trivially_destructible_v<Begin>,
                  "g++ 12 destroys a temporary twice that stands in an awaited call: capture by reference");
    struct {
        Signal changed;
        bool ended = false;
    } state;
    begin(std::function<void()>([&state] {
        state.ended = true;
        state.changed.notify_all();
    }));
    while (!state.ended)
        co_await state.changed.wait();
}

}  // namespace relux::io
