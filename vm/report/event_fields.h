// The fields of one record of a test's log as members of its object in events.json, also those that are not
// recorded but follow from others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vm/report/events.h"
#include "vm/report/json_writer.h"
#include "vm/report/masked_log.h"
#include "vm/report/output_history.h"
#include "vm/report/source_locations.h"
#include "vm/report/template_bindings.h"

namespace relux::report {

class EventFields {
  public:
    /// All of it must outlive this. Records are shown in the order of the log.
    EventFields(JsonWriter& json, const TestRecord& record, const MaskedLog& log, SourceLocations& locations)
        : json_(json), record_(record), log_(log), locations_(locations) {}

    /// Writes the fields of an event or a span, masked.
    void write(const Event& event, const EventInfo& info);
    /// Writes the fields of a buffer event. output() has been told all that had arrived before it.
    void write_buffer(const Event& event, const EventInfo& info);
    /// `recv`, as it was recorded: what the next `grew` of the shell brings.
    void output(const Event& recv) {
        last_output_ = events::read<events::Recv>(recv).data;
        last_recv_ = recv.number;
    }
    /// A value and what a BoolCheck says about it, as an object.
    void write_evaluation(const events::BoolCheck& check);
    /// Why a test was cancelled, as an object.
    void write_reason(const events::Cancelled& cancelled);
    /// Parameters of a call with their values.
    void write_arguments(const events::FnCall& call);
    void write_pairs(std::string_view encoded);
    void write_patterns(std::string_view encoded);
    /// Calls `visit` with the name and value of each argument.
    template <class Visit>
    void for_each_argument(const events::FnCall& call, Visit&& visit) const {
        const auto parameters =
            record_.parameters ? record_.parameters(call.callee) : std::vector<std::string_view>();
        EncodedTexts values(call.args);
        std::size_t index = 0;
        for (std::string_view value; values.next(value); ++index) {
            const auto name =
                index < parameters.size() ? std::string(parameters[index]) : "$" + std::to_string(index);
            visit(name, log_.is_secret(name, value) ? kMask : value);
        }
    }

  private:
    struct Variable {
        std::uint64_t owner;
        std::string_view name;
        bool operator==(const Variable&) const = default;
    };
    struct VariableHash {
        std::size_t operator()(const Variable& variable) const {
            return std::hash<std::string_view>()(variable.name) ^ (variable.owner * 0x9e3779b97f4a7c15);
        }
    };
    void write_field(const FieldInfo& info, const Field& field);
    void write_list(std::string_view encoded);
    void write_numbers(std::string_view encoded);
    void write_groups(std::string_view encoded, bool optional);
    void write_timeout(std::string_view bytes);
    /// Holds what records have in common that are at one place, or call one function. Keys are escaped, with
    /// the bytes before and behind them.
    struct Pair {
        std::string name;
        std::string opening;    ///< of a pair of which the name is the first text
        bool is_secret = true;  ///< by the name, and maybe not with each value
    };
    struct Template {
        std::vector<TemplatePiece> pieces;
        std::vector<Pair> variables;  ///< of `pieces`, in order
        std::string opening;          ///< from the member `template` to the key of `result`
    };
    struct TemplateHash {
        std::size_t operator()(const std::pair<std::uint64_t, std::uint64_t>& place) const {
            return static_cast<std::size_t>((place.first * 0x9e3779b97f4a7c15) ^ place.second);
        }
    };
    Template& template_at(const EventPlace& place);
    Pair make_pair(std::string_view name) const;
    std::vector<Pair>& parameters_of(std::int64_t callee, std::size_t count);
    void write_pair(const Pair& pair, std::string_view value, bool first);
    void end_pairs(bool empty);
    void write_call(const Event& event, const EventInfo& info);
    void write_interpolation(const Event& event);
    void write_assignment(const Event& event);
    void write_grown(const Event& event);
    void write_matched(const Event& event);
    void write_reset(const Event& event);
    /// Offsets in the output of a shell.
    struct Excerpt {
        std::uint64_t begin;
        std::uint64_t end;
    };
    /// A member, masked; the key is as that of BasicJsonWriter::written(). Empty, and false, where the log
    /// does not have all of it.
    bool write_excerpt(std::string_view written_key, std::uint32_t shell, Excerpt of);

    JsonWriter& json_;
    const TestRecord& record_;
    const MaskedLog& log_;
    SourceLocations& locations_;
    OutputHistory history_;
    std::string_view last_output_;
    std::uint32_t last_recv_ = 0;
    std::unordered_map<Variable, std::string_view, VariableHash> variables_;  ///< as recorded
    std::unordered_map<std::string, std::string> timeouts_;  ///< as written, by what is recorded
    std::string_view last_timeout_;                          ///< as recorded
    std::string_view last_timeout_json_;
    /// By module and line, and both columns.
    std::unordered_map<std::pair<std::uint64_t, std::uint64_t>, Template, TemplateHash> templates_;
    std::unordered_map<std::int64_t, std::vector<Pair>> parameters_;  ///< by what FnCall has as its callee
    // Used again and again.
    std::vector<std::string_view> parts_;
    std::string joined_;
    std::string scratch_;
};

}  // namespace relux::report
