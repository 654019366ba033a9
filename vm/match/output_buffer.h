// All output of one shell from the oldest byte that somebody still needs to the newest. Positions are
// absolute: bytes since the shell started, so they survive the dropping of old bytes. Knows no pattern and no
// shell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace relux::match {

/// Bytes since the start of the shell's output.
using Position = std::uint64_t;

class OutputBuffer {
  public:
    /// `limit`: most unread bytes kept (language 5.7).
    explicit OutputBuffer(std::size_t limit);

    /// Appends; amortised constant per byte. If more than the limit is unread, the oldest unread bytes are
    /// dropped and the cursor moves with them. Returns the number dropped.
    std::size_t append(std::string_view bytes);

    Position begin() const { return begin_; }    ///< oldest byte kept
    Position cursor() const { return cursor_; }  ///< where the next match starts
    Position end() const { return begin_ + bytes_.size() - head_; }
    std::string_view unread() const { return view(cursor_, end()); }
    /// Bytes of [from, to); both within [begin, end]. Valid until the next append or release.
    std::string_view view(Position from, Position to) const;

    /// Moves the cursor forward; never back, never past the end.
    void consume(Position to);
    /// Lets go of bytes before `position`, except for the last kHistory before the cursor, which are kept for
    /// messages. Cheap: memory moves only when at least half of it is free.
    void release(Position position);
    static constexpr std::size_t kHistory = 64 * 1024;

    std::uint64_t dropped() const { return dropped_; }
    bool closed() const { return closed_; }
    /// No more output will come: `$` may match at the very end.
    void close() { closed_ = true; }

  private:
    std::string bytes_;
    std::size_t head_ = 0;  ///< bytes_[head_] is at begin_
    std::size_t limit_;
    Position begin_ = 0;
    Position cursor_ = 0;
    std::uint64_t dropped_ = 0;
    bool closed_ = false;
};

}  // namespace relux::match
