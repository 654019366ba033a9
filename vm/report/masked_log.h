// A test's event log as reports show it: secrets masked, also those that output brought in pieces, and spans
// put together from their beginnings and ends.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vm/report/event_log.h"
#include "vm/report/events.h"
#include "vm/report/test_report.h"

namespace relux::report {

/// Where a record about a shell stands in the log: what it printed, what became of its buffer, its name.
struct PlaceOfRecord {
    const char* begin = nullptr;
    std::uint32_t number = 0;
    EventKind kind = EventKind::Recv;
};

/// Where a span stands in the log. What it is, MaskedLog::read() says.
struct MaskedSpan {
    const char* begin = nullptr;
    const char* end = nullptr;  ///< null: the log ends before it
    Duration start_time{0};
    Duration end_time{0};
    std::uint32_t parent = 0;
    EventKind kind = EventKind::ShellBlock;
};

class MaskedLog {
  public:
    /// `record` must outlive this. For one thread.
    explicit MaskedLog(const TestRecord& record);

    /// [0] has the number 1.
    const std::vector<MaskedSpan>& spans() const { return spans_; }
    /// In order: Recv, ShellSpawn, ShellSwitch, ShellTerminate, and records of buffers.
    const std::vector<PlaceOfRecord>& shell_records() const { return shell_records_; }

    /// Texts that differ from those of the log.
    using Texts = std::array<std::string, FieldList<Field>::kMost>;
    /// The record of that number that begins there, its texts masked; views are valid until `texts` changes.
    void read(const char* begin, std::uint32_t number, Event& event, Texts& texts) const {
        record_.events.read(begin, number, event);
        mask(event, texts);
    }
    /// Calls `visit` with every record of that class in order, its texts masked; views are valid during the
    /// call.
    template <class Visit>
    void for_each(RecordClass record_class, Visit&& visit) const {
        for_each_of([&](EventKind kind) { return event_info(kind).record_class == record_class; }, visit);
    }
    /// The same of those records whose kind `is_wanted` says.
    template <class IsWanted, class Visit>
    void for_each_of(IsWanted&& is_wanted, Visit&& visit) const {
        Texts texts;
        record_.events.for_each_of(is_wanted, [&](const Event& original) {
            if (!may_be_masked(original)) return visit(original);
            Event event = original;
            mask(event, texts);
            visit(event);
        });
    }
    /// Whether a variable with this name and value is a secret.
    bool is_secret(std::string_view name, std::string_view value) const {
        if (value.size() < SecretSearch::kShortest || harmless_.knows(name)) return false;
        if (record_.secrets.is_secret(name, value)) return true;
        if (!record_.secrets.is_secret(name)) harmless_.add(name);
        return false;
    }

    /// Gives the text that a `recv` of that number shows; `recorded` is what it has brought.
    std::string_view output_of(std::uint32_t number, std::string_view recorded) const {
        const auto masked = output_.find(number);
        return masked == output_.end() ? recorded : std::string_view(masked->second);
    }
    /// Joins the parts of an Interpolation, masked. `event` is as the log has it or masked.
    std::string joined(const Event& event) const;
    /// The same into `text`, whose memory is used again.
    void join(const Event& event, std::string& text) const;
    /// Whether a variable has been assigned, not only declared.
    bool has_assignments() const { return has_assignments_; }
    /// Variables that are declared in spans and shells with the same answer belong together.
    std::uint64_t owner_of_variables(std::uint32_t span, std::uint32_t shell) const;

  private:
    bool may_be_masked(const Event& event) const;
    void mask(Event& event, Texts& texts) const;
    void mask_output();
    void collect();
    void mask_field(const Event& event, std::size_t field, std::string_view& text, std::string& masked) const;
    void mask_list(FieldType type, std::string_view& text, std::string& masked) const;

    const TestRecord& record_;
    const SecretSearch& search_;
    std::map<std::uint32_t, std::string> output_;  ///< of those `recv` that mask differently than alone
    std::vector<MaskedSpan> spans_;
    std::vector<PlaceOfRecord> shell_records_;
    bool has_assignments_ = false;
    mutable HarmlessNames harmless_;
};

}  // namespace relux::report
