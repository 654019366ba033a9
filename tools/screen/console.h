// One of the standard streams while tests run: what is printed goes out at once, or on a thread of its own as
// soon as whoever reads the stream is slower than we are, so that a reader who never reads keeps no test
// waiting and no signal from being heard.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "tools/screen/held_interrupts.h"
#include "vm/base/fd.h"

namespace relux::cli {

class Console {
  public:
    /// So much waits for a reader; beyond it lines are dropped.
    static constexpr std::size_t kMostWaiting = 4 * 1024 * 1024;

    /// `descriptor` outlives the process.
    explicit Console(int descriptor);
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;
    /// Loses what has not been written, without finish().
    ~Console();

    /// Whole lines, which are dropped if too much waits; how many, a note says where they would stand.
    void print(std::string_view lines);
    /// The same with sequences that move the cursor; whoever draws has made all foreign text visible.
    void draw(std::string_view sequences);
    /// Prints what must not be dropped: the result of the run.
    void print_result(std::string_view lines);
    /// Something waits for the reader, so that nothing that is worth a moment only should be printed.
    bool is_behind() const;
    /// At the end: waits until all is written, or until whoever wants the end has waited for a second in
    /// which nobody has read anything.
    void finish(HeldInterrupts& held);

  private:
    class Waiting;

    bool starts_writing(std::string_view& text);
    void hand_over(std::string_view text, bool may_drop);

    const int descriptor_;
    enum class Kind { Immediate, Socket, OnThread } kind_ = Kind::OnThread;
    Fd unblocked_;  ///< the same stream again, as one that does not block; for pipes and terminals
    /// Owned by the thread too, which may sit in a write that never ends.
    std::shared_ptr<Waiting> waiting_;
};

}  // namespace relux::cli
