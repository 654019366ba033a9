#include "vm/base/memory_budget.h"

#include <algorithm>

namespace relux {

bool MemoryBudget::take(std::size_t bytes) {
    const auto held = held_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (held <= sure_ || (find_limit_ && held <= limit())) return true;
    give_back(bytes);
    return false;
}

std::size_t MemoryBudget::limit() {
    std::call_once(found_, [this] { limit_ = std::max(sure_, find_limit_()); });
    return limit_;
}

}  // namespace relux
