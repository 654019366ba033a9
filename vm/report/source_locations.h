// Places of a log's records as events.json shows them: bytes of a source text. Keeps the last ones, since the
// same few statements are named again and again.
#pragma once

#include <array>
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
    /// levels deeper than its bracket. Valid until the next call.
    std::string_view json(const EventPlace& place, int indentation) {
        return json(place, indentation, false);
    }
    /// The same of the place with the quotes around it, if there are any.
    std::string_view json_with_quotes(const EventPlace& place, int indentation) {
        return json(place, indentation, true);
    }
    /// Where that is in the text; the start and end of nothing when the text is not known.
    SourceRange range(const EventPlace& place);
    /// The text there; empty when the sources are stripped.
    std::string_view text(const EventPlace& place);
    /// The place of the test itself.
    EventPlace test_place() const;

    /// Files that have been named.
    const std::map<std::string_view, std::string_view>& files() const { return files_; }

  private:
    /// Keeps what the locations of a file have in common: the text before and behind their three numbers.
    struct Frame {
        int indentation = -1;  ///< none
        std::array<std::string, 4> pieces;
    };
    struct Module {
        SourceFile file;
        std::vector<std::size_t> lines;  ///< where each begins
        std::string quoted_path;
        Frame frame;  ///< of the indentation that was asked for last
    };
    struct Key {
        std::uint64_t place;    ///< module and line
        std::uint64_t columns;  ///< both
        int indentation;
        bool quotes;
        bool operator==(const Key&) const = default;
        std::size_t hash() const {
            constexpr std::uint64_t kMixer = 0x9e3779b97f4a7c15;
            const auto kind = static_cast<std::uint64_t>(indentation) * 2 + (quotes ? 1 : 0);
            return static_cast<std::size_t>(((place * kMixer ^ columns) * kMixer + kind * kMixer) >> 20);
        }
    };
    struct Recent {
        Key key;
        std::string json;  ///< empty: none
    };
    std::string_view json(const EventPlace& place, int indentation, bool quotes) {
        if (place.module == 0 || place.line == 0) return "null";
        const Key key = {std::uint64_t{place.module} << 32 | place.line,
                         std::uint64_t{place.column} << 32 | place.end_column, indentation, quotes};
        auto& recent = recent_[key.hash() % recent_.size()];
        if (recent.json.empty() || !(recent.key == key)) {
            recent.key = key;
            write(quotes ? with_quotes(place) : place, indentation, recent.json);
        }
        return recent.json;
    }
    EventPlace with_quotes(const EventPlace& place);
    Module& module(std::uint32_t number);
    static const Frame& frame(Module& of, int indentation);
    /// Replaces `json`, whose memory is used again: a log names thousands of places.
    void write(const EventPlace& place, int indentation, std::string& json);

    const TestRecord& record_;
    std::unordered_map<std::uint32_t, Module> modules_;  ///< by EventPlace::module
    std::uint32_t last_module_number_ = 0;               ///< 0: none
    Module* last_module_ = nullptr;
    std::map<std::string_view, std::string_view> files_;
    std::array<Recent, 64> recent_{};  ///< by their hash
};

/// The time-out as JSON, indented as SourceLocations::json() does.
std::string timeout_json(const RecordedTimeout& timeout, SourceLocations& locations, int indentation);

}  // namespace relux::report
