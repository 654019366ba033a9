// Without secrets nothing is copied.
#include "vm/report/masked_log.h"

#include "vm/base/assert.h"

namespace relux::report {

namespace {

bool is_variable(EventKind kind) {
    return kind == EventKind::VarLet || kind == EventKind::VarAssign || kind == EventKind::VarRead ||
           kind == EventKind::EffectExposeVar;
}

/// Gives the name in an event of a variable: it is the first field of all its events, and the value the last
/// one.
std::string_view name_of(const Event& event) {
    static_assert(events::VarLetFields::name == 0 && events::VarAssignFields::name == 0 &&
                  events::VarReadFields::name == 0 && events::EffectExposeVarFields::name == 0);
    return event.fields[0].text;
}

bool is_of_shell(EventKind kind) {
    return kind == EventKind::Recv || kind == EventKind::ShellSpawn || kind == EventKind::ShellSwitch ||
           kind == EventKind::ShellTerminate || event_info(kind).record_class == RecordClass::Buffer;
}

}  // namespace

MaskedLog::MaskedLog(const TestRecord& record) : record_(record), search_(record.secrets.search()) {
    if (!search_.empty()) mask_output();
    collect();
}

void MaskedLog::mask_output() {
    struct Output {
        SecretStream stream;
        std::uint32_t last = 0;
    };
    std::map<std::uint32_t, Output> shells;
    record_.events.for_each([&](const Event& event) {
        if (event.kind != EventKind::Recv) return;
        auto& shell = shells.try_emplace(event.place.shell, Output{SecretStream(search_)}).first->second;
        const bool held = !shell.stream.holds_nothing();
        std::string masked;
        const auto data = events::read<events::Recv>(event).data;
        shell.stream.feed(data, masked);
        if (held || masked != data) output_[event.number] = std::move(masked);
        shell.last = event.number;
    });
    for (auto& [number, shell] : shells) {
        if (shell.stream.holds_nothing()) continue;
        std::string rest;
        shell.stream.finish(rest, true);
        output_[shell.last] += rest;
    }
}

bool MaskedLog::may_be_masked(const Event& event) const {
    if (!search_.empty() || event.kind == EventKind::EffectSetup) return true;
    return is_variable(event.kind) && is_secret(name_of(event), event.fields[event.fields.size() - 1].text);
}

void MaskedLog::mask(Event& event, Texts& texts) const {
    if (!may_be_masked(event)) return;
    if (event.kind == EventKind::Recv) {
        const auto output = output_.find(event.number);
        if (output != output_.end()) event.fields[events::RecvFields::data].text = output->second;
        return;
    }
    // Backwards, because the name of a variable decides about its value and may be masked too.
    for (std::size_t i = event.fields.size(); i-- > 0;) {
        if (event.fields[i].is_text) mask_field(event, i, event.fields[i].text, texts[i]);
    }
}

void MaskedLog::mask_field(const Event& event, std::size_t field, std::string_view& text,
                           std::string& masked) const {
    if (is_variable(event.kind) && field + 1 == event.fields.size() && is_secret(name_of(event), text)) {
        text = kMask;
        return;
    }
    const auto& info = event_info(event.kind).fields[field];
    if (info.type == FieldType::Timeout) return;
    if (!info.is_one_text()) return mask_list(info.type, text, masked);
    if (search_.empty()) return;
    const bool cut = text.size() > EventLog::kLongestText;
    if (!cut && !search_.finds(text)) return;
    const auto end = cut ? text.rfind("... [") : text.size();
    masked = search_.mask_excerpt(text.substr(0, end), false, cut) + std::string(text.substr(end));
    text = masked;
}

void MaskedLog::mask_list(FieldType type, std::string_view& text, std::string& masked) const {
    if (search_.empty() && type != FieldType::Pairs) return;
    masked.clear();
    bool is_value = false;
    std::string_view name;
    EncodedTexts parts(text);
    for (std::string_view part; parts.next(part); is_value = !is_value) {
        if (type == FieldType::Pairs && is_value && record_.secrets.is_secret(name, part)) {
            append_encoded_text(masked, kMask);
        } else {
            append_encoded_text(masked, search_.finds(part) ? search_.mask(part) : part);
        }
        name = part;
    }
    text = masked;
}

void MaskedLog::collect() {
    spans_.reserve(record_.events.count(RecordClass::Span));
    Duration last{0};
    record_.events.for_each_beginning([&](const Event& event) {
        last = event.time;
        has_assignments_ |= event.kind == EventKind::VarAssign;
        if (event.kind == EventKind::SpanEnd) {
            auto& span = spans_[event.place.span - 1];
            span.end = event.begin;
            span.end_time = event.time;
        } else if (event_info(event.kind).record_class == RecordClass::Span) {
            spans_.push_back({event.begin, nullptr, event.time, event.time, event.place.span, event.kind});
        } else if (is_of_shell(event.kind)) {
            shell_records_.push_back({event.begin, event.number, event.kind});
        }
    });
    for (auto& span : spans_) {
        if (span.end == nullptr) span.end_time = last;
    }
}

std::string MaskedLog::joined(const Event& event) const {
    std::string text;
    join(event, text);
    return text;
}

void MaskedLog::join(const Event& event, std::string& text) const {
    auto encoded = events::read<events::Interpolation>(event).result;
    Event recorded;
    // A secret may lie across parts.
    if (!search_.empty()) {
        EventLog::read(event.begin, recorded);
        encoded = events::read<events::Interpolation>(recorded).result;
    }
    text.clear();
    EncodedTexts parts(encoded);
    for (std::string_view part; parts.next(part);)
        text += part;
    if (!search_.empty()) text = search_.mask(text);
}

std::uint64_t MaskedLog::owner_of_variables(std::uint32_t span, std::uint32_t shell) const {
    constexpr std::uint64_t kOfShell = std::uint64_t{1} << 63;
    if (span == 0 || spans_[span - 1].kind != EventKind::ShellBlock) return span;
    return kOfShell | std::uint64_t{spans_[span - 1].parent} << 32 | shell;
}

}  // namespace relux::report
