// A search that needs more steps than whoever attends to other things can spare: all that it needs is its
// own, so that any thread can make it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vm/match/pattern.h"

namespace relux::match {

class LongSearch {
  public:
    /// Copies what it needs. The arguments are those of Pattern::search().
    LongSearch(const Pattern& pattern, std::string_view subject, std::size_t offset, bool more_may_come,
               bool closed);

    /// On any thread, once.
    void run();
    /// Whether it is that search, of complete text from its beginning.
    bool is_for(std::string_view pattern, std::string_view subject) const {
        return offset_ == 0 && closed_ && subject_ == subject && pattern_ == pattern;
    }

    // After run():
    Pattern::Outcome outcome() const { return outcome_; }
    const std::vector<Span>& spans() const { return spans_; }
    std::string_view subject() const { return subject_; }

  private:
    std::string pattern_;
    std::string subject_;
    std::size_t offset_;
    bool more_may_come_;
    bool closed_;
    Pattern::Outcome outcome_ = Pattern::Outcome::Unfinished;
    std::vector<Span> spans_;
};

}  // namespace relux::match
