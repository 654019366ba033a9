// Waiting for work that another thread does.
#pragma once

#include <functional>
#include <utility>

#include "vm/io/loop.h"
#include "vm/io/task.h"

namespace relux::io {

/// Has `work` done by Loop::write_beside() and goes on when it is done. What it uses must live as long.
inline Task<void> written_beside(Loop& loop, std::function<void()> work) {
    struct {
        Signal changed;
        bool ended = false;
    } beside;
    std::function<void()> done = [&beside] {
        beside.ended = true;
        beside.changed.notify_all();
    };
    loop.write_beside(std::move(work), std::move(done));
    while (!beside.ended)
        co_await beside.changed.wait();
}

}  // namespace relux::io
