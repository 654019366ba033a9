// A search that takes so many steps that other tests would wait for it. It goes on beside the loop, and
// decides what it would have decided on it.
#pragma once

#include <functional>
#include <memory>

#include "vm/io/loop.h"
#include "vm/match/long_search.h"
#include "vm/match/matcher.h"
#include "vm/match/output_buffer.h"

namespace relux::run {

class SearchBeside {
  public:
    /// Begins the search of `matcher`, which is Unfinished. `on_end` is called on the loop when it has ended,
    /// unless this has gone before; it may destroy this.
    SearchBeside(io::Loop& loop, const match::Matcher& matcher, const match::OutputBuffer& buffer,
                 std::function<void()> on_end);
    SearchBeside(const SearchBeside&) = delete;
    SearchBeside& operator=(const SearchBeside&) = delete;
    /// The search may still go on, for nobody.
    ~SearchBeside() { shared_->on_end = nullptr; }

    bool ended() const { return shared_->ended; }
    /// Gives `matcher` the answer of the search, which has ended.
    void give(match::Matcher& matcher, const match::OutputBuffer& buffer) const {
        matcher.take(shared_->search, buffer);
    }

  private:
    /// With the other thread's work, which may end after this.
    struct Shared {
        match::LongSearch search;
        std::function<void()> on_end;
        bool ended = false;
    };
    std::shared_ptr<Shared> shared_;
};

}  // namespace relux::run
