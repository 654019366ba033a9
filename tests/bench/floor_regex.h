// PCRE2 with JIT in the way that costs least: compile, and search on from where a match may still begin.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace relux::bench {

class FloorRegex {
  public:
    explicit FloorRegex(const std::string& pattern);
    FloorRegex(const FloorRegex&) = delete;
    FloorRegex& operator=(const FloorRegex&) = delete;
    ~FloorRegex();

    /// The end of the first match in `text`, which has grown since the last call, if at all; of one that
    /// began long ago it may tell later, at the latest once `all` has come. What lies before keep_from() does
    /// not have to be in `text` the next time: then tell dropped().
    std::optional<std::size_t> find(std::string_view text, bool all = false);
    /// No match, now or later, needs what is before this.
    std::size_t keep_from() const { return resume_ < behind_ ? 0 : resume_ - behind_; }
    void dropped(std::size_t count) {
        resume_ -= count;
        again_ -= again_ < count ? again_ : count;
    }

  private:
    pcre2_code* code_ = nullptr;
    pcre2_match_data* data_ = nullptr;
    pcre2_match_context* limits_ = nullptr;
    std::size_t resume_ = 0;
    std::size_t again_ = 0;
    std::size_t behind_ = 1;
};

}  // namespace relux::bench
