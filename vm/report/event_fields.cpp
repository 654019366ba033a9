#include "vm/report/event_fields.h"

#include <algorithm>

#include "vm/base/assert.h"
#include "vm/base/text.h"
#include "vm/base/utf8.h"

namespace relux::report {

namespace {

/// Limits how much output before and behind a match is shown; bytes.
constexpr std::uint64_t kShownAround = 1024;

std::uint64_t unsigned_number(std::int64_t number) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
}

}  // namespace

void EventFields::write(const Event& event, const EventInfo& info) {
    const auto kind = event.kind;
    if (kind == EventKind::Interpolation) return write_interpolation(event);
    if (kind == EventKind::BoolCheck) {
        json_.key("evaluation");
        return write_evaluation(events::read<events::BoolCheck>(event));
    }
    if (kind == EventKind::Cancelled) {
        json_.key("reason");
        return write_reason(events::read<events::Cancelled>(event));
    }
    if (kind == EventKind::FnCall) return write_call(event, info);
    if (kind == EventKind::VarLet || kind == EventKind::VarAssign) write_assignment(event);
    for (std::size_t i = 0; i < info.fields.size(); ++i)
        write_field(info.fields[i], event.fields[i]);
}

void EventFields::write_field(const FieldInfo& info, const Field& field) {
    if (info.type == FieldType::Internal) return;
    json_.written(info.json_key, true);
    switch (info.type) {
        case FieldType::Text:
            return json_.text(field.text);
        case FieldType::OptionalText:
            return field.text.empty() ? json_.null() : json_.text(field.text);
        case FieldType::Number:
        case FieldType::Internal:
            return json_.number(field.number);
        case FieldType::Sequence:
            return field.number == 0 ? json_.null() : json_.number(field.number - 1);
        case FieldType::Milliseconds:
            return json_.milliseconds(Duration(field.number));
        case FieldType::Flag:
            return json_.flag(field.number != 0);
        case FieldType::Texts:
        case FieldType::Parts:
            return write_list(field.text);
        case FieldType::Pairs:
            return write_pairs(field.text);
        case FieldType::Numbers:
            return write_numbers(field.text);
        case FieldType::Groups:
        case FieldType::OptionalGroups:
            return write_groups(field.text, info.type == FieldType::OptionalGroups);
        case FieldType::Patterns:
            return write_patterns(field.text);
        case FieldType::Timeout:
            return write_timeout(field.text);
    }
    RELUX_UNREACHABLE("field type out of range");
}

void EventFields::write_list(std::string_view encoded) {
    json_.begin_array();
    EncodedTexts texts(encoded);
    for (std::string_view text; texts.next(text);)
        json_.text(text);
    json_.end_array();
}

void EventFields::write_numbers(std::string_view encoded) {
    json_.begin_array();
    EncodedTexts texts(encoded);
    for (std::string_view text; texts.next(text);)
        json_.number(std::stoll(std::string(text)));
    json_.end_array();
}

void EventFields::write_pairs(std::string_view encoded) {
    json_.begin_array();
    EncodedTexts texts(encoded);
    for (std::string_view text; texts.next(text);) {
        json_.begin_array();
        json_.text(text);
        json_.text(texts.next(text) ? text : std::string_view());
        json_.end_array();
    }
    json_.end_array();
}

void EventFields::write_arguments(const events::FnCall& call) {
    json_.begin_array();
    for_each_argument(call, [this](std::string_view name, std::string_view value) {
        json_.begin_array();
        json_.text(name);
        json_.text(value);
        json_.end_array();
    });
    json_.end_array();
}

void EventFields::write_groups(std::string_view encoded, bool optional) {
    if (encoded.empty() && optional) return json_.null();
    json_.begin_object();
    EncodedTexts texts(encoded);
    std::size_t index = 0;
    for (std::string_view text; texts.next(text); ++index)
        json_.text_member(std::to_string(index), text);
    json_.end_object();
}

void EventFields::write_patterns(std::string_view encoded) {
    constexpr std::size_t kMark = 2;
    json_.begin_array();
    EncodedTexts texts(encoded);
    for (std::string_view text; texts.next(text);) {
        json_.begin_object();
        json_.text_member("pattern", text.substr(std::min(kMark, text.size())));
        json_.key("is_regex");
        json_.flag(text.starts_with('?'));
        json_.end_object();
    }
    json_.end_array();
}

void EventFields::write_timeout(std::string_view bytes) {
    constexpr int kFieldsOfRecords = 3;
    // The log has them as long as this lives.
    if (bytes != last_timeout_) {
        auto& made = timeouts_[std::string(bytes)];
        if (made.empty()) made = timeout_json(RecordedTimeout::from(bytes), locations_, kFieldsOfRecords);
        last_timeout_ = bytes;
        last_timeout_json_ = made;
    }
    json_.written(last_timeout_json_, false);
}

void EventFields::write_evaluation(const events::BoolCheck& check) {
    const auto shape = static_cast<CheckShape>(check.shape);
    json_.begin_object();
    switch (shape) {
        case CheckShape::Unconditional:
            json_.text_member("shape", "unconditional");
            break;
        case CheckShape::Bare:
            json_.text_member("shape", "bare");
            json_.text_member("value", check.value);
            break;
        case CheckShape::PureMatch:
            json_.text_member("shape", "pure-match");
            json_.text_member("value", check.value);
            json_.text_member("pattern", check.pattern);
            json_.key("is_regex");
            json_.flag(check.is_regex);
            break;
    }
    if (shape != CheckShape::Unconditional) {
        json_.key("met");
        json_.flag(check.met);
    }
    json_.end_object();
}

void EventFields::write_reason(const events::Cancelled& cancelled) {
    json_.begin_object();
    json_.text_member("type", cancelled.reason);
    if (cancelled.reason.ends_with("timeout")) {
        json_.key("duration_ms");
        json_.number(cancelled.duration.count() / 1'000'000);
    }
    if (cancelled.reason == "fail-fast") json_.text_member("trigger_test", cancelled.trigger_test);
    json_.end_object();
}

// Lists of pairs in a record, which stands three levels deep.

EventFields::Pair EventFields::make_pair(std::string_view name) const {
    TextBuffer text;
    text.write("\n        [\n          ");
    BasicJsonWriter<TextBuffer>(text).text(name);
    text.write(",\n          ");
    return {std::string(name), std::move(text.text), record_.secrets.is_secret(name)};
}

void EventFields::write_pair(const Pair& pair, std::string_view value, bool first) {
    if (!first) json_.written(",", false);
    json_.written(pair.opening, true);
    json_.text(pair.is_secret && record_.secrets.is_secret(pair.name, value) ? kMask : value);
    json_.written("\n        ]", false);
}

void EventFields::end_pairs(bool empty) {
    json_.written(empty ? "]" : "\n      ]", false);
}

std::vector<EventFields::Pair>& EventFields::parameters_of(std::int64_t callee, std::size_t count) {
    auto& made = parameters_[callee];
    if (made.size() >= count) return made;
    const auto names = record_.parameters ? record_.parameters(callee) : std::vector<std::string_view>();
    for (auto i = made.size(); i < count; ++i)
        made.push_back(make_pair(i < names.size() ? std::string(names[i]) : "$" + std::to_string(i)));
    return made;
}

void EventFields::write_call(const Event& event, const EventInfo& info) {
    using At = events::FnCallFields::At;
    const auto& fields = event.fields;
    const auto call = events::read<events::FnCall>(event);
    write_field(info.fields[At::name], fields[At::name]);
    json_.written(info.fields[At::args].json_key, false);
    json_.written("[", false);
    parts_.clear();
    EncodedTexts values(call.args);
    for (std::string_view value; values.next(value);)
        parts_.push_back(value);
    const auto& names = parameters_of(call.callee, parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i)
        write_pair(names[i], parts_[i], i == 0);
    end_pairs(parts_.empty());
    write_field(info.fields[At::callee_kind], fields[At::callee_kind]);
    write_field(info.fields[At::is_pure], fields[At::is_pure]);
}

EventFields::Template& EventFields::template_at(const EventPlace& place) {
    auto& made = templates_[{std::uint64_t{place.module} << 32 | place.line,
                             std::uint64_t{place.column} << 32 | place.end_column}];
    if (!made.opening.empty()) return made;
    const auto text = template_text(locations_.text(place));
    made.pieces = template_pieces(text);
    for (const auto& piece : made.pieces) {
        if (piece.variable) made.variables.push_back(make_pair(piece.text));
    }
    TextBuffer opening;
    opening.write(",\n      \"template\": ");
    BasicJsonWriter<TextBuffer>(opening).text(text);
    opening.write(",\n      \"result\": ");
    made.opening = std::move(opening.text);
    return made;
}

void EventFields::write_interpolation(const Event& event) {
    const auto& made = template_at(event.place);
    log_.join(event, joined_);
    json_.written(made.opening, true);
    json_.text(joined_);
    json_.written(",\n      \"bindings\": [", false);
    parts_.clear();
    EncodedTexts parts(events::read<events::Interpolation>(event).result);
    for (std::string_view part; parts.next(part);)
        parts_.push_back(part);
    std::size_t variable = 0;
    if (made.pieces.size() == parts_.size()) {
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            if (!made.pieces[i].variable) continue;
            write_pair(made.variables[variable], parts_[i], variable == 0);
            ++variable;
        }
    } else {
        for (const auto& [name, value] : template_bindings(made.pieces, parts_)) {
            write_pair(made.variables[variable], value, variable == 0);
            ++variable;
        }
    }
    end_pairs(made.variables.empty());
}

void EventFields::write_assignment(const Event& event) {
    if (!log_.has_assignments()) return;
    // The log has the texts as they are; they are masked when they are shown.
    Event recorded;
    EventLog::read(event.begin, recorded);
    // Declarations and assignments are recorded in the same way.
    const auto assigned = events::read<events::VarLet>(recorded.fields);
    const Variable variable = {log_.owner_of_variables(event.place.span, event.place.shell), assigned.name};
    auto& known = variables_[variable];
    if (event.kind == EventKind::VarAssign) {
        json_.text_member("previous", log_.is_secret(variable.name, known)
                                          ? std::string(kMask)
                                          : record_.secrets.search().mask(known));
    }
    known = assigned.value;
}

// Buffers

void EventFields::write_buffer(const Event& event, const EventInfo& info) {
    if (event.kind == EventKind::BufferGrew) write_grown(event);
    if (event.kind == EventKind::BufferMatched) write_matched(event);
    if (event.kind == EventKind::BufferReset) write_reset(event);
    for (std::size_t i = 0; i < info.fields.size(); ++i)
        write_field(info.fields[i], event.fields[i]);
}

void EventFields::write_grown(const Event& event) {
    const auto grown = events::read<events::BufferGrew>(event);
    const auto begin = unsigned_number(grown.begin);
    const auto size = unsigned_number(grown.end) - begin;
    // Past its limits the log has a sentence in the place of the output.
    if (last_output_.size() == size) history_.add(event.place.shell, begin, last_output_);
    json_.text_member("data", log_.output_of(last_recv_, last_output_));
}

bool EventFields::write_excerpt(std::string_view written_key, std::uint32_t shell, Excerpt of) {
    const auto text = history_.text(shell, of.begin, of.end, scratch_);
    const auto& search = record_.secrets.search();
    json_.written(written_key, true);
    if (!text || search.empty()) {
        json_.text(text.value_or(std::string_view()));
    } else {
        json_.text(search.mask_excerpt(*text, of.begin > 0, true));
    }
    return text.has_value();
}

void EventFields::write_matched(const Event& event) {
    const auto shell = event.place.shell;
    const auto match = events::read<events::BufferMatched>(event);
    const auto cursor = unsigned_number(match.cursor);
    const auto begin = unsigned_number(match.begin);
    const auto end = unsigned_number(match.end);
    const auto arrived = unsigned_number(match.arrived);
    auto from = std::max(cursor, begin - std::min(begin, kShownAround));
    auto to = std::min(arrived, end + kShownAround);
    // Characters are shown whole.
    if (from > cursor) {
        const auto edge = history_.text(shell, from, std::min(begin, from + 3), scratch_).value_or("");
        for (const char byte : edge) {
            if (!continues_character(byte)) break;
            ++from;
        }
    }
    if (to < arrived) to -= incomplete_utf8_tail(history_.text(shell, end, to, scratch_).value_or(""));
    const bool knows_before = write_excerpt(",\n      \"before\": ", shell, {from, begin});
    write_excerpt(",\n      \"matched\": ", shell, {begin, end});
    const bool knows_after = write_excerpt(",\n      \"after\": ", shell, {end, to});
    const auto before_omitted = (knows_before ? from : begin) - cursor;
    const auto after_omitted = arrived - (knows_after ? to : end);
    json_.written(",\n      \"before_omitted\": ", true);
    json_.number(static_cast<std::int64_t>(before_omitted));
    json_.written(",\n      \"after_omitted\": ", true);
    json_.number(static_cast<std::int64_t>(after_omitted));
}

void EventFields::write_reset(const Event& event) {
    const auto reset = events::read<events::BufferReset>(event);
    write_excerpt(",\n      \"consumed\": ", event.place.shell,
                  {unsigned_number(reset.begin), unsigned_number(reset.end)});
}

}  // namespace relux::report
