// One pass over the log for each of its lists, so that memory does not grow with the log. One event a line:
// greppable, and a difference between two runs shows what differs.
#include "vm/report/events_json.h"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "vm/base/assert.h"
#include "vm/report/json_writer.h"

namespace relux::report {

namespace {

namespace fs = std::filesystem;

class EventsJson {
  public:
    EventsJson(const TestRecord& record, const MaskedLog& log, ReportFile& file)
        : record_(record), log_(log), json_(file) {}

    void write() {
        json_.begin_object();
        member("schema_version");
        json_.number(3);
        member("info");
        write_info();
        member("outcome");
        write_outcome();
        member("env");
        write_environment();
        member("shells");
        write_shells();
        member("spans");
        write_spans();
        member("events");
        write_events();
        member("buffer_events");
        write_buffer_events();
        member("sources");
        write_sources();
        member("artifacts");
        write_artifacts();
        json_.new_line();
        json_.end_object();
    }

  private:
    void member(std::string_view name) {
        json_.new_line();
        json_.key(name);
    }
    void text_member(std::string_view name, std::string_view value) {
        json_.key(name);
        json_.text(value);
    }
    void text_or_null(std::string_view name, std::string_view value) {
        json_.key(name);
        if (value.empty()) {
            json_.null();
        } else {
            json_.text(value);
        }
    }
    void number_member(std::string_view name, std::int64_t value) {
        json_.key(name);
        json_.number(value);
    }

    void write_info() {
        const auto& result = record_.result;
        json_.begin_object();
        text_member("name", result.name);
        text_member("path", result.path);
        text_member("file", record_.file.path);
        number_member("line", record_.line);
        text_member("run_id", record_.run_id);
        number_member("attempt", record_.attempt);
        json_.key("timeout_multiplier");
        json_.real(record_.multiplier);
        json_.key("duration");
        json_.milliseconds(result.duration);
        text_member("progress", result.progress);
        number_member("left_out", static_cast<std::int64_t>(record_.events.left_out()));
        json_.end_object();
    }

    void write_outcome() {
        const auto& result = record_.result;
        json_.begin_object();
        text_member("kind", outcome_name(result.outcome));
        text_or_null("skip_reason", result.skip_reason);
        json_.key("failure");
        if (result.failure) {
            write_failure(*result.failure);
        } else {
            json_.null();
        }
        json_.key("warnings");
        write_texts(result.warnings);
        json_.end_object();
    }

    void write_failure(const Failure& failure) {
        json_.begin_object();
        text_member("type", failure_kind_name(failure.kind));
        text_member("summary", failure.summary);
        text_or_null("shell", failure.shell);
        text_or_null("pattern", failure.pattern);
        json_.key("is_regex");
        json_.flag(failure.pattern_is_regex);
        json_.key("chain");
        json_.begin_array();
        for (const auto& frame : failure.chain) {
            json_.begin_object();
            text_or_null("what", frame.what);
            text_member("file", frame.place.file);
            number_member("line", frame.place.line);
            number_member("column", frame.place.column);
            json_.end_object();
        }
        json_.end_array();
        json_.key("timeout");
        if (failure.timeout) {
            write_timeout(*failure.timeout);
        } else {
            json_.null();
        }
        text_member("output", failure.output_tail);
        number_member("output_omitted", static_cast<std::int64_t>(failure.output_omitted));
        json_.key("notes");
        write_texts(failure.notes);
        json_.end_object();
    }

    void write_timeout(const AppliedTimeout& timeout) {
        json_.begin_object();
        text_member("kind", timeout.assertion ? "assertion" : "tolerance");
        json_.key("written");
        json_.milliseconds(timeout.written);
        json_.key("effective");
        json_.milliseconds(timeout.effective);
        json_.key("multiplier");
        json_.real(timeout.multiplier);
        text_member("origin", timeout.origin);
        json_.end_object();
    }

    template <class Texts>
    void write_texts(const Texts& texts) {
        json_.begin_array();
        for (const auto& text : texts)
            json_.text(text);
        json_.end_array();
    }

    void write_environment() {
        json_.begin_object();
        for (const auto& [name, value] : record_.environment) {
            text_member(name, record_.secrets.is_secret(name, value) ? std::string(kMask)
                                                                     : record_.secrets.search().mask(value));
        }
        json_.end_object();
    }

    void write_shells() {
        json_.begin_array();
        for (const auto& shell : record_.shells) {
            json_.new_line();
            json_.begin_object();
            text_member("name", shell.name);
            text_member("marker", shell.marker);
            json_.end_object();
        }
        json_.end_array();
    }

    void write_source(const EventPlace& place) {
        if (place.module == 0) return json_.written(",\"source\":null", false);
        if (place.module != last_module_) {
            auto& source = sources_[place.module];
            if (source.empty()) source = source_members(place.module);
            last_module_ = place.module;
            last_source_ = source;
        }
        json_.written(last_source_, true);
        json_.number(place.line);
        json_.written("}", false);
    }

    std::string source_members(std::uint32_t module) const {
        TextBuffer text;
        BasicJsonWriter<TextBuffer> json(text);
        text.write(",\"source\":{\"file\":");
        json.text(record_.source(module).path);
        text.write(",\"line\":");
        return std::move(text.text);
    }

    void write_shell(const EventPlace& place) {
        if (shells_.empty()) shells_.resize(record_.shells.size() + 1);
        auto& shell = shells_[place.shell];
        if (shell.empty()) shell = shell_members(place.shell);
        json_.written(shell, false);
    }

    std::string shell_members(std::uint32_t number) const {
        const auto* shell = number == 0 ? nullptr : &record_.shells[number - 1];
        TextBuffer text;
        BasicJsonWriter<TextBuffer> json(text);
        const auto write = [&](std::string_view value) {
            if (value.empty()) {
                json.null();
            } else {
                json.text(value);
            }
        };
        text.write(",\"shell\":");
        write(shell == nullptr ? "" : std::string_view(shell->name));
        text.write(",\"shell_marker\":");
        write(shell == nullptr ? "" : std::string_view(shell->marker));
        return std::move(text.text);
    }

    void write_field(const FieldInfo& info, const Field& field) {
        json_.written(info.json_key, true);
        switch (info.type) {
            case FieldType::Text:
                return json_.text(field.text);
            case FieldType::Number:
                return json_.number(field.number);
            case FieldType::Milliseconds:
                return json_.milliseconds(Duration(field.number));
            case FieldType::Flag:
                return json_.flag(field.number != 0);
            case FieldType::Texts:
                return write_list(field.text);
            case FieldType::Pairs:
                return write_pairs(decode_texts(field.text));
        }
        RELUX_UNREACHABLE("field type out of range");
    }

    void write_fields(const Event& event, const EventInfo& info) {
        for (std::size_t i = 0; i < info.fields.size(); ++i)
            write_field(info.fields[i], event.fields[i]);
    }

    void write_list(std::string_view encoded) {
        json_.begin_array();
        EncodedTexts texts(encoded);
        for (std::string_view text; texts.next(text);)
            json_.text(text);
        json_.end_array();
    }

    void write_pairs(const std::vector<std::string_view>& texts) {
        json_.begin_object();
        std::set<std::string_view> written;
        // Of entries with one name the last one counts, and an object has each name once.
        for (std::size_t i = texts.size(); i >= 2; i -= 2) {
            if (written.insert(texts[i - 2]).second) text_member(texts[i - 2], texts[i - 1]);
        }
        json_.end_object();
    }

    void write_span_times(std::string_view kind, Duration start, Duration end) {
        json_.written(kind, false);
        json_.written(",\"start\":", true);
        json_.milliseconds(start);
        json_.written(",\"end\":", true);
        json_.milliseconds(end);
    }

    void write_spans() {
        json_.begin_array();
        json_.new_line();
        json_.begin_object();
        number_member("id", 0);
        json_.key("parent");
        json_.null();
        auto end = record_.result.duration;
        for (const auto& span : log_.spans())
            end = std::max(end, span.end_time);
        write_span_times(",\"kind\":\"test\"", Duration(0), end);
        text_member("name", record_.result.name);
        json_.key("source");
        json_.begin_object();
        text_member("file", record_.file.path);
        number_member("line", record_.line);
        json_.end_object();
        json_.end_object();
        std::uint32_t id = 0;
        for (const auto& span : log_.spans())
            write_span(++id, span);
        json_.new_line();
        json_.end_array();
    }

    void write_span(std::uint32_t id, const MaskedSpan& span) {
        log_.read(span.begin, id, event_, texts_);
        const auto place = event_.place;
        const auto& info = event_info(event_.kind);
        json_.new_line();
        json_.begin_object();
        json_.written("\"id\":", true);
        json_.number(id);
        json_.written(",\"parent\":", true);
        json_.number(place.span);
        write_span_times(info.json_kind, span.start_time, span.end_time);
        write_fields(event_, info);
        if (!info.result.empty()) write_result(info.result, span);
        write_source(place);
        json_.end_object();
    }

    void write_result(std::string_view name, const MaskedSpan& span) {
        json_.written(",\"", false);
        json_.written(name, false);
        json_.written("\":", true);
        if (span.end == nullptr) return json_.null();
        log_.read(span.end, 0, event_, texts_);
        if (event_.fields[0].number == 0) return json_.null();
        json_.text(event_.fields[1].text);
    }

    void begin_event(const Event& event) {
        json_.new_line();
        json_.begin_object();
        json_.written("\"seq\":", true);
        json_.number(event.number);
        json_.written(",\"ts\":", true);
        json_.milliseconds(event.time);
    }

    void write_events() {
        json_.begin_array();
        log_.for_each(RecordClass::Event, [&](const Event& event) {
            const auto& info = event_info(event.kind);
            begin_event(event);
            json_.written(",\"span\":", true);
            json_.number(event.place.span);
            write_shell(event.place);
            write_source(event.place);
            json_.written(info.json_kind, false);
            write_fields(event, info);
            json_.end_object();
        });
        json_.new_line();
        json_.end_array();
    }

    void write_buffer_events() {
        json_.begin_array();
        log_.for_each(RecordClass::Buffer, [&](const Event& event) {
            const auto& info = event_info(event.kind);
            begin_event(event);
            write_shell(event.place);
            json_.written(info.json_kind, false);
            write_fields(event, info);
            json_.end_object();
        });
        json_.new_line();
        json_.end_array();
    }

    // Of the files that are named above.
    void write_sources() {
        std::map<std::string_view, std::string_view> texts = {{record_.file.path, record_.file.text}};
        for (const auto& [module, members] : sources_) {
            const auto file = record_.source(module);
            texts.emplace(file.path, file.text);
        }
        json_.begin_object();
        for (const auto& [path, text] : texts) {
            json_.new_line();
            if (const auto& secrets = record_.secrets.search(); secrets.finds(text)) {
                text_or_null(path, secrets.mask(text));
            } else if (record_.quoted_source != nullptr && !text.empty()) {
                json_.key(path);
                json_.written(*record_.quoted_source->of(text), false);
            } else {
                text_or_null(path, text);
            }
        }
        json_.new_line();
        json_.end_object();
    }

    void write_artifacts() {
        std::vector<std::pair<std::string, std::uintmax_t>> files;
        std::error_code error;
        const auto root = record_.directory / "artifacts";
        for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end;
             entry.increment(error)) {
            std::error_code ignored;
            if (!entry->is_regular_file(ignored)) continue;
            files.emplace_back("artifacts/" + entry->path().lexically_relative(root).generic_string(),
                               entry->file_size(ignored));
        }
        std::sort(files.begin(), files.end());
        json_.begin_array();
        for (const auto& [path, size] : files) {
            json_.new_line();
            json_.begin_object();
            text_member("path", path);
            number_member("size", static_cast<std::int64_t>(size));
            json_.end_object();
        }
        json_.end_array();
    }

    const TestRecord& record_;
    const MaskedLog& log_;
    JsonWriter json_;
    // Members as they are written each time, made when they are first needed.
    std::map<std::uint32_t, std::string> sources_;  ///< by the number of the module, those that are named
    std::uint32_t last_module_ = 0;
    std::string_view last_source_;     ///< of sources_
    std::vector<std::string> shells_;  ///< by the number of the shell; [0]: none
    // Read into again and again.
    Event event_;
    MaskedLog::Texts texts_;
};

}  // namespace

Status write_events_json(const TestRecord& record, const MaskedLog& log, const fs::path& file) {
    ReportFile report(file);
    EventsJson(record, log, report).write();
    report.write("\n");
    return report.commit(false);
}

}  // namespace relux::report
