#include "vm/match/output_buffer.h"

#include <algorithm>

#include "vm/base/assert.h"

namespace relux::match {

namespace {
/// A buffer that has been larger than this gives memory back once little of it is in use.
constexpr std::size_t kShrinkFrom = 1024 * 1024;
}  // namespace

OutputBuffer::OutputBuffer(std::size_t limit) : limit_(limit) {}

std::size_t OutputBuffer::append(std::string_view bytes) {
    // std::string grows by doubling and appending copies each byte once, without filling anything with zeros.
    bytes_.append(bytes);
    auto unread = end() - cursor_;
    if (unread <= limit_) return 0;
    auto excess = static_cast<std::size_t>(unread - limit_);
    dropped_ += excess;
    cursor_ += excess;
    release(cursor_);
    return excess;
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
    } else {
        bytes_.erase(0, head_);
    }
    head_ = 0;
}

}  // namespace relux::match
