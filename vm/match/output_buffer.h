// All output of one shell from the oldest byte that somebody still needs to the newest. Positions are
// absolute: bytes since the shell started, so they survive the dropping of old bytes. Knows no pattern and no
// shell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "vm/base/memory_budget.h"

namespace relux::match {

/// Bytes since the start of the shell's output.
using Position = std::uint64_t;

class OutputBuffer {
  public:
    /// `limit`: most unread bytes kept (language 5.7). `budget`: what the buffers of a run may hold together,
    /// of which each may have kSure in any case; may be null, and outlives this.
    explicit OutputBuffer(std::size_t limit, MemoryBudget* budget = nullptr);
    ~OutputBuffer();
    OutputBuffer(const OutputBuffer&) = delete;
    OutputBuffer& operator=(const OutputBuffer&) = delete;
    static constexpr std::size_t kSure = 256 * 1024;

    /// Appends; amortised constant per byte. If more than the limit is unread, or there is no more memory for
    /// this buffer, the oldest unread bytes are dropped and the cursor moves with them. Returns the number
    /// dropped.
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
    /// Something was dropped because the buffers of all shells together were full.
    bool ran_out_of_budget() const { return ran_out_of_budget_; }
    bool closed() const { return closed_; }
    /// No more output will come: `$` may match at the very end.
    void close() { closed_ = true; }

  private:
    std::size_t make_room(std::size_t size);
    std::size_t drop_oldest(std::size_t size);
    void move_to(std::size_t capacity);
    void compact();
    void account();

    std::string bytes_;
    std::size_t head_ = 0;  ///< bytes_[head_] is at begin_
    std::size_t limit_;
    MemoryBudget* budget_;
    std::size_t accounted_ = 0;  ///< what bytes_ has taken of the budget
    Position begin_ = 0;
    Position cursor_ = 0;
    std::uint64_t dropped_ = 0;
    bool closed_ = false;
    bool ran_out_of_budget_ = false;
};

}  // namespace relux::match
