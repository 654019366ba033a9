// A watch of both directions of a descriptor on libuv. Private to vm/io.
#pragma once

#include <functional>
#include <memory>

#include <uv.h>

#include "vm/io/loop.h"

namespace relux::io {

/// As Loop::watch_descriptor().
std::unique_ptr<DescriptorWatch> make_uv_descriptor_watch(uv_loop_t* uv, int descriptor, Readiness wanted,
                                                          std::function<void(Readiness)> callback);

}  // namespace relux::io
