// See masked_log.h. Without secrets nothing is copied.
#include "vm/report/masked_log.h"

#include "vm/base/assert.h"

namespace relux::report {

namespace {

bool is_variable(EventKind kind) {
    return kind == EventKind::VarLet || kind == EventKind::VarAssign || kind == EventKind::VarRead ||
           kind == EventKind::EffectExposeVar;
}

}  // namespace

MaskedLog::MaskedLog(const TestRecord& record) : record_(record), search_(record.secrets.search()) {
    if (!search_.empty()) mask_output();
    collect_spans();
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
        shell.stream.feed(event.fields[0].text, masked);
        if (held || masked != event.fields[0].text) output_[event.number] = std::move(masked);
        shell.last = event.number;
    });
    for (auto& [number, shell] : shells) {
        if (shell.stream.holds_nothing()) continue;
        std::string rest;
        shell.stream.finish(rest, true);
        output_[shell.last] += rest;
    }
}

std::string MaskedLog::mask_field(const Event& event, std::size_t field) const {
    const auto type = event_info(event.kind).fields[field].type;
    const auto text = event.fields[field].text;
    // Whatever its length, the value of a variable that is secret by name is not shown.
    if (is_variable(event.kind) && field + 1 == event.fields.size() &&
        record_.secrets.is_secret(event.fields[0].text)) {
        return std::string(kMask);
    }
    if (type == FieldType::Text) {
        const bool cut = text.size() > EventLog::kLongestText;
        const auto end = cut ? text.rfind("... [") : text.size();
        return search_.mask_excerpt(text.substr(0, end), false, cut) + std::string(text.substr(end));
    }
    std::vector<std::string> masked;
    std::string_view name;
    for (const auto part : decode_texts(text)) {
        const bool is_value = type == FieldType::Pairs && masked.size() % 2 == 1;
        masked.push_back(is_value && record_.secrets.is_secret(name) ? std::string(kMask)
                                                                     : search_.mask(part));
        name = part;
    }
    const std::vector<std::string_view> views(masked.begin(), masked.end());
    return encode_texts(views);
}

void MaskedLog::for_each(const std::function<void(const Event&)>& visit) const {
    std::vector<std::string> texts;
    record_.events.for_each([&](const Event& original) {
        Event event = original;
        texts.assign(event.fields.size(), std::string());
        const auto output = event.kind == EventKind::Recv ? output_.find(event.number) : output_.end();
        for (std::size_t i = 0; i < event.fields.size(); ++i) {
            if (!event.fields[i].is_text) continue;
            if (event.kind == EventKind::Recv) {
                if (output != output_.end()) event.fields[i].text = output->second;
                continue;
            }
            if (search_.empty() && !is_variable(event.kind) && event.kind != EventKind::EffectSetup) continue;
            texts[i] = mask_field(original, i);
            event.fields[i].text = texts[i];
        }
        visit(event);
    });
}

void MaskedLog::collect_spans() {
    Duration last{0};
    for_each([&](const Event& event) {
        last = event.time;
        if (event.kind == EventKind::SpanEnd) {
            auto& span = spans_[event.place.span - 1];
            span.end = event.time;
            span.closed = true;
            span.has_result = event.fields[0].number != 0;
            span.result = event.fields[1].text;
            return;
        }
        if (event_info(event.kind).record_class != RecordClass::Span) return;
        MaskedSpan span{event.kind, event.place, event.time, event.time, false, false, {}, {}, {}};
        for (const auto& field : event.fields) {
            span.texts.emplace_back(field.text);
            span.numbers.push_back(field.number);
        }
        spans_.push_back(std::move(span));
    });
    for (auto& span : spans_) {
        if (!span.closed) span.end = last;
    }
}

}  // namespace relux::report
