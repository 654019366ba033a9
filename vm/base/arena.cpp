// Blocks grow with what is asked for: a tree of one file takes a few KiB, a suite of thousands some tens of
// MiB, and pages of 4 KiB for those would cost the kernel as much time as filling them takes.
#include "vm/base/arena.h"

#include <cstdlib>
#include <sys/mman.h>

#include "vm/base/assert.h"

namespace relux {

namespace {

constexpr std::size_t kFirstBlock = std::size_t{4} << 10;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
/// Address space only, until it is used; larger than a huge page, so that few are cut off at the ends.
constexpr std::size_t kMappedBlock = std::size_t{32} << 20;

std::size_t rounded_up(std::size_t size, std::size_t unit) {
    return (size + unit - 1) / unit * unit;
}

}  // namespace

Arena::~Arena() {
    for (const Block& block : blocks_) {
        if (block.mapped) {
            ::munmap(block.begin, block.size);
        } else {
            std::free(block.begin);
        }
    }
}

void Arena::clear() {
    current_ = 0;
    next_ = blocks_.empty() ? nullptr : blocks_.front().usable;
    end_ = blocks_.empty() ? nullptr : next_ + blocks_.front().usable_size;
}

void* Arena::allocate_elsewhere(std::size_t size) {
    do {
        // A block that is too small after clear() is passed over.
        const auto next = blocks_.empty() || next_ == nullptr ? current_ : current_ + 1;
        if (next == blocks_.size()) {
            const bool added = add_block(size);
            RELUX_ASSERT(added, "out of memory");
        }
        current_ = next;
        next_ = blocks_[current_].usable;
        end_ = next_ + blocks_[current_].usable_size;
    } while (static_cast<std::size_t>(end_ - next_) < size);
    char* const begin = next_;
    next_ += size;
    return begin;
}

bool Arena::add_block(std::size_t least) {
    const auto wanted =
        std::max(rounded_up(least, kFirstBlock), blocks_.empty() ? kFirstBlock : 2 * blocks_.back().size);
    if (wanted < kHugePage) {
        auto* const begin = static_cast<char*>(std::malloc(wanted));
        if (begin == nullptr) return false;
        blocks_.push_back({begin, wanted, begin, wanted, false});
        return true;
    }
    const auto usable_size = std::max(rounded_up(least, kHugePage), kMappedBlock);
    const auto size = usable_size + kHugePage;
    void* const mapped =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) return false;
    auto* const begin = static_cast<char*>(mapped);
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    char* const usable = begin + (rounded_up(address, kHugePage) - address);
    // A wish: without huge pages everything is the same, only slower.
    ::madvise(usable, usable_size, MADV_HUGEPAGE);
    blocks_.push_back({begin, size, usable, usable_size, true});
    return true;
}

}  // namespace relux
