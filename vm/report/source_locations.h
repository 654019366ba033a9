// Places of a log's records as events.json shows them: bytes of a source text. Keeps what it has made, since
// the same few statements are named again and again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vm/report/event_log.h"
#include "vm/report/test_report.h"

namespace relux::report {

/// Bytes of a source text.
struct SourceRange {
    std::uint32_t line = 0;
    std::size_t start = 0;
    std::size_t end = 0;
};

class SourceLocations {
  public:
    /// `record` must outlive this.
    explicit SourceLocations(const TestRecord& record) : record_(record) {}

    /// The location as JSON, `null` when the place is in no file: an object whose members stand `indentation`
    /// levels deeper than its bracket. Valid as long as this.
    std::string_view json(const EventPlace& place, int indentation);
    /// Where that is in the text; the start and end of nothing when the text is not known.
    SourceRange range(const EventPlace& place);
    /// The same place with the quotes around it, if there are any.
    EventPlace with_quotes(const EventPlace& place);
    /// The text there; empty when the sources are stripped.
    std::string_view text(const EventPlace& place);
    /// The place of the test itself.
    EventPlace test_place() const;

    /// Files that have been named.
    const std::map<std::string_view, std::string_view>& files() const { return files_; }

  private:
    struct Module {
        SourceFile file;
        std::vector<std::size_t> lines;  ///< where each begins
    };
    struct Key {
        std::uint64_t place;    ///< module and line
        std::uint64_t columns;  ///< both
        int indentation;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            constexpr std::uint64_t kMixer = 0x9e3779b97f4a7c15;
            return static_cast<std::size_t>(((key.place * kMixer) ^ key.columns) * kMixer +
                                            static_cast<std::uint64_t>(key.indentation));
        }
    };
    Module& module(std::uint32_t number);
    std::string make(const EventPlace& place, int indentation);

    const TestRecord& record_;
    std::unordered_map<std::uint32_t, Module> modules_;  ///< by EventPlace::module
    std::unordered_map<Key, std::string, KeyHash> made_;
    std::map<std::string_view, std::string_view> files_;
    Key last_key_{};
    std::string_view last_;  ///< of `made_`; empty: nothing was asked yet
};

/// The time-out as JSON, indented as SourceLocations::json() does.
std::string timeout_json(const RecordedTimeout& timeout, SourceLocations& locations, int indentation);

}  // namespace relux::report
