// A test's event log as reports show it: secrets masked, also those that output brought in pieces, and spans
// put together from their beginnings and ends.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vm/report/event_log.h"
#include "vm/report/test_report.h"

namespace relux::report {

struct MaskedSpan {
    EventKind kind;
    EventPlace place;  ///< `span` is the parent
    Duration start{0};
    Duration end{0};
    bool closed = false;  ///< otherwise the log ends before it
    bool has_result = false;
    std::string result;
    std::vector<std::string> texts;  ///< by field; empty for numbers. Lists are encoded
    std::vector<std::int64_t> numbers;
};

class MaskedLog {
  public:
    /// `record` must outlive this.
    explicit MaskedLog(const TestRecord& record);

    /// [0] has the number 1.
    const std::vector<MaskedSpan>& spans() const { return spans_; }
    /// Calls `visit` with every record in order, its texts masked; views are valid during the call.
    void for_each(const std::function<void(const Event&)>& visit) const;

  private:
    void mask_output();
    void collect_spans();
    std::string mask_field(const Event& event, std::size_t field) const;

    const TestRecord& record_;
    const SecretSearch& search_;
    std::map<std::uint32_t, std::string> output_;  ///< of those `recv` that mask differently than alone
    std::vector<MaskedSpan> spans_;
};

}  // namespace relux::report
