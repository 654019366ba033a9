#include "vm/match/output_buffer.h"

#include <algorithm>

#include "vm/base/assert.h"

namespace relux::match {

namespace {
/// A buffer that has been larger than this gives memory back once little of it is in use.
constexpr std::size_t kShrinkFrom = 1024 * 1024;
}  // namespace

OutputBuffer::OutputBuffer(std::size_t limit, MemoryBudget* budget) : limit_(limit), budget_(budget) {}

OutputBuffer::~OutputBuffer() {
    if (budget_ != nullptr) budget_->give_back(accounted_);
}

std::size_t OutputBuffer::append(std::string_view bytes) {
    std::size_t dropped = 0;
    if (bytes_.size() + bytes.size() > bytes_.capacity()) dropped = make_room(bytes.size());
    // Appending copies each byte once, without filling anything with zeros.
    bytes_.append(bytes);
    const auto unread = end() - cursor_;
    if (unread <= limit_) return dropped;
    const auto excess = static_cast<std::size_t>(unread - limit_);
    dropped_ += excess;
    cursor_ += excess;
    release(cursor_);
    return dropped + excess;
}

/// Memory for so many bytes more, twice what there was, so that appending is cheap. Where it is refused the
/// oldest bytes go, read or not. Gives the number of unread ones.
std::size_t OutputBuffer::make_room(std::size_t size) {
    const auto needed = bytes_.size() + size;
    // If not twice as much, then a little more.
    for (const auto wanted : {std::max(needed, 2 * bytes_.capacity()), needed + needed / 8}) {
        const bool sure = budget_ == nullptr || wanted <= kSure;
        if (!sure && !budget_->take(wanted - accounted_)) continue;
        if (!sure) accounted_ = wanted;
        move_to(wanted);
        return 0;
    }
    compact();
    std::size_t dropped = 0;
    if (bytes_.size() + size > bytes_.capacity()) {
        // More than needed, or each output would move all of them.
        dropped = drop_oldest(bytes_.size() + size - bytes_.capacity() + bytes_.capacity() / 4);
    }
    // Still too little for a single output: it is kept whole.
    if (bytes_.size() + size > bytes_.capacity()) move_to(bytes_.size() + size);
    return dropped;
}

/// A string that grows takes twice its capacity at least, whatever it is asked for.
void OutputBuffer::move_to(std::size_t capacity) {
    std::string moved;
    moved.reserve(capacity);
    moved.append(bytes_, head_);
    bytes_ = std::move(moved);
    head_ = 0;
    account();
}

std::size_t OutputBuffer::drop_oldest(std::size_t size) {
    begin_ += std::min(size, bytes_.size());
    bytes_.erase(0, size);
    if (begin_ <= cursor_) return 0;
    const auto dropped = static_cast<std::size_t>(begin_ - cursor_);
    cursor_ = begin_;
    dropped_ += dropped;
    ran_out_of_budget_ = true;
    return dropped;
}

void OutputBuffer::compact() {
    bytes_.erase(0, head_);
    head_ = 0;
}

/// After the memory has changed.
void OutputBuffer::account() {
    if (budget_ == nullptr) return;
    const auto held = bytes_.capacity();
    if (held > accounted_) budget_->take_anyway(held - accounted_);
    if (held < accounted_) budget_->give_back(accounted_ - held);
    accounted_ = held;
}

std::string_view OutputBuffer::view(Position from, Position to) const {
    RELUX_ASSERT(begin_ <= from && from <= to && to <= end(), "a view lies within what the buffer keeps");
    return std::string_view(bytes_).substr(head_ + static_cast<std::size_t>(from - begin_),
                                           static_cast<std::size_t>(to - from));
}

void OutputBuffer::consume(Position to) {
    RELUX_ASSERT(to <= end(), "the cursor stays within the output");
    cursor_ = std::max(cursor_, to);
}

void OutputBuffer::release(Position position) {
    auto history = cursor_ < kHistory ? 0 : cursor_ - kHistory;
    auto keep = std::min({position, history, end()});
    if (keep <= begin_) return;
    head_ += static_cast<std::size_t>(keep - begin_);
    begin_ = keep;
    if (head_ < bytes_.size() / 2) return;
    auto live = bytes_.size() - head_;
    if (bytes_.capacity() > kShrinkFrom && live < bytes_.capacity() / 8) {
        bytes_ = bytes_.substr(head_);
        head_ = 0;
        account();
    } else {
        compact();
    }
}

}  // namespace relux::match
