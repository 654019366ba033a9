// One pass over the log for each of its lists, so that memory does not grow with the log. Records stand three
// levels deep, in all lists, so what they have in common is written with its indentation.
#include "vm/report/events_json.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <system_error>

#include "vm/report/events_outcome.h"

namespace relux::report {

namespace {

namespace fs = std::filesystem;

/// Tells the media type of a file by its name; empty: not known.
std::string_view media_type(std::string_view path) {
    constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
        {".txt", "text/plain"},        {".log", "text/plain"},        {".md", "text/markdown"},
        {".csv", "text/csv"},          {".html", "text/html"},        {".htm", "text/html"},
        {".css", "text/css"},          {".js", "text/javascript"},    {".json", "application/json"},
        {".xml", "application/xml"},   {".yaml", "application/yaml"}, {".yml", "application/yaml"},
        {".toml", "application/toml"}, {".pdf", "application/pdf"},   {".zip", "application/zip"},
        {".gz", "application/gzip"},   {".tar", "application/x-tar"}, {".png", "image/png"},
        {".jpg", "image/jpeg"},        {".jpeg", "image/jpeg"},       {".gif", "image/gif"},
        {".svg", "image/svg+xml"},     {".webp", "image/webp"},       {".mp4", "video/mp4"}};
    for (const auto& [ending, type] : kTypes) {
        if (path.ends_with(ending)) return type;
    }
    return {};
}

bool has_place(EventKind kind) {
    using enum EventKind;
    return kind != ShellSpawn && kind != ShellReady && kind != ShellSwitch && kind != ShellTerminate &&
           kind != EffectExposeShell && kind != EffectExposeVar && kind != Failed && kind != Cancelled &&
           kind != Warning && kind != Markers && kind != EffectCleanup;
}

class EventsJson {
  public:
    EventsJson(const TestRecord& record, const MaskedLog& log, ReportFile& file)
        : record_(record),
          log_(log),
          json_(file, 0),
          locations_(record),
          fields_(json_, record, log, locations_) {}

    void write() {
        json_.begin_object();
        json_.number_member("schema_version", 3);
        json_.key("info");
        write_info();
        json_.key("outcome");
        write_outcome(json_, record_, log_, locations_, fields_);
        json_.key("env");
        write_environment();
        json_.key("shells");
        write_shells();
        json_.key("spans");
        write_spans();
        json_.key("events");
        write_events();
        json_.key("buffer_events");
        write_buffer_events();
        json_.key("sources");
        write_sources();
        json_.key("artifacts");
        write_artifacts();
        json_.end_object();
    }

  private:
    /// A member of a record that is not its first.
    void record_member(std::string_view written, std::string_view value) {
        json_.written(written, false);
        json_.written(value, false);
    }

    void write_info() {
        const auto& result = record_.result;
        json_.begin_object();
        json_.text_member("name", result.name);
        json_.text_member("path", record_.file.path);
        json_.number_member("duration_ms",
                            std::chrono::duration_cast<std::chrono::milliseconds>(result.duration).count());
        json_.key("duration");
        json_.milliseconds(result.duration);
        json_.number_member("line", record_.line);
        json_.text_member("run_id", record_.run_id);
        json_.number_member("attempt", record_.attempt);
        json_.key("timeout_multiplier");
        json_.real(record_.multiplier);
        json_.text_member("progress", result.progress);
        json_.number_member("left_out", static_cast<std::int64_t>(record_.events.left_out()));
        json_.end_object();
    }

    void write_environment() {
        json_.begin_object();
        json_.key("bootstrap");
        json_.begin_array();
        for (const auto& variable : record_.base_environment) {
            json_.begin_object();
            json_.text_member("key", variable.name);
            json_.key("value");
            if (!variable.shown) {
                json_.text("");
                json_.key("omitted");
                json_.flag(true);
            } else if (record_.secrets.is_secret(variable.name, variable.value)) {
                json_.text(kMask);
            } else {
                json_.text(record_.secrets.search().mask(variable.value));
            }
            json_.key("source");
            json_.begin_object();
            json_.text_member("kind", variable.internal       ? "relux-internal"
                                      : variable.file.empty() ? "base"
                                                              : "dot-env");
            if (!variable.file.empty()) json_.text_member("path", variable.file);
            json_.end_object();
            json_.end_object();
        }
        json_.end_array();
        json_.end_object();
    }

    struct ShellLife {
        std::string name;
        std::string command;
        std::optional<Duration> spawned;
        std::optional<Duration> ended;
    };

    void write_shells() {
        std::vector<ShellLife> lives(record_.shells.size());
        for (const auto& at : log_.shell_records()) {
            if (at.kind != EventKind::ShellSpawn && at.kind != EventKind::ShellTerminate) continue;
            log_.read(at.begin, at.number, event_, texts_);
            if (event_.place.shell == 0) continue;
            auto& life = lives[event_.place.shell - 1];
            if (at.kind == EventKind::ShellSpawn) {
                life.spawned = event_.time;
                const auto spawn = events::read<events::ShellSpawn>(event_);
                life.name = spawn.name;
                life.command = spawn.command;
            } else {
                life.ended = event_.time;
            }
        }
        json_.begin_object();
        for (std::size_t i = 0; i < lives.size(); ++i) {
            const auto& life = lives[i];
            const auto& shell = record_.shells[i];
            if (!life.spawned) continue;
            json_.key(shell.marker);
            json_.begin_object();
            json_.text_member("marker", shell.marker);
            json_.text_member("name", life.name);
            json_.key("spawn_ts");
            json_.milliseconds(*life.spawned);
            json_.key("terminate_ts");
            life.ended ? json_.milliseconds(*life.ended) : json_.null();
            json_.text_member("command", life.command);
            json_.end_object();
        }
        json_.end_object();
    }

    // Spans

    void begin_span(std::uint32_t id) {
        const auto digits = id_.text(id);
        json_.open_written("\n    \"");
        json_.written(digits, false);
        json_.written("\": {\n      \"id\": ", true);
        json_.written(digits, false);
        json_.written(",\n      \"parent\": ", true);
    }
    void write_span_times(Duration start, std::optional<Duration> end) {
        json_.written(",\n      \"start_ts\": ", true);
        json_.milliseconds(start);
        json_.written(",\n      \"end_ts\": ", true);
        end ? json_.milliseconds(*end) : json_.null();
    }

    // The markers first, then the test, then what is in it.
    void write_spans() {
        const auto& spans = log_.spans();
        json_.begin_object();
        std::uint32_t id = 0;
        for (; id < spans.size() && of_markers(id + 1); ++id)
            write_span(id + 1, spans[id]);
        if (record_.result.outcome != OutcomeKind::Skipped) write_test_span();
        for (; id < spans.size(); ++id)
            write_span(id + 1, spans[id]);
        json_.end_object();
    }

    bool of_markers(std::uint32_t id) const {
        for (; id != 0; id = log_.spans()[id - 1].parent) {
            if (log_.spans()[id - 1].kind == EventKind::Markers) return true;
        }
        return false;
    }

    void write_test_span() {
        auto end = record_.result.duration;
        for (const auto& span : log_.spans())
            end = std::max(end, span.end_time);
        begin_span(0);
        json_.null();
        write_span_times(Duration(0), end);
        record_member(kLocation, locations_.json(locations_.test_place(), kRecordDepth));
        record_member(kKind, "\"test\"");
        json_.text_member("name", record_.result.name);
        json_.close_written(kEndOfRecord);
    }

    void write_span(std::uint32_t id, const MaskedSpan& span) {
        log_.read(span.begin, id, event_, texts_);
        const auto place = event_.place;
        const auto& info = event_info(event_.kind);
        begin_span(id);
        json_.written(event_.kind == EventKind::Markers ? "null" : span_.text(place.span), false);
        const bool instant =
            (event_.kind == EventKind::EffectSetup && events::read<events::EffectSetup>(event_).is_reuse) ||
            (event_.kind == EventKind::EffectCleanup &&
             events::read<events::EffectCleanup>(event_).is_deferred);
        write_span_times(span.start_time, instant               ? span.start_time
                                          : span.end == nullptr ? std::nullopt
                                                                : std::optional(span.end_time));
        record_member(kLocation, has_place(event_.kind) ? locations_.json(place, kRecordDepth) : "null");
        json_.written(info.json_kind, false);
        fields_.write(event_, info);
        if (!info.result.empty()) write_result(info.result, span);
        json_.close_written(kEndOfRecord);
    }

    void write_result(std::string_view name, const MaskedSpan& span) {
        json_.written(",\n      \"", false);
        json_.written(name, false);
        json_.written("\": ", true);
        if (span.end == nullptr) return json_.null();
        log_.read(span.end, 0, event_, texts_);
        const auto end = events::read<events::SpanEnd>(event_);
        end.has_result ? json_.text(end.result) : json_.null();
    }

    // Events

    void begin_record(const Event& event) {
        json_.open_written("\n    {\n      \"seq\": ");
        json_.written(number_.text(std::int64_t{event.number} - 1), false);
        json_.written(",\n      \"ts\": ", true);
        json_.milliseconds(event.time);
    }

    void write_events() {
        shells_.clear();
        json_.begin_array();
        log_.for_each(RecordClass::Event, [&](const Event& event) {
            const auto& info = event_info(event.kind);
            note_name(event);
            begin_record(event);
            json_.written(",\n      \"span\": ", true);
            json_.written(span_.text(shown_span(event)), false);
            write_shell(event);
            record_member(kSource, source_of(event));
            json_.written(info.json_kind, false);
            fields_.write(event, info);
            json_.close_written(kEndOfRecord);
        });
        json_.end_array();
    }

    void write_buffer_events() {
        shells_.clear();
        json_.begin_array();
        for (const auto& at : log_.shell_records()) {
            record_.events.read(at.begin, at.number, event_);
            const auto& info = event_info(at.kind);
            if (at.kind == EventKind::Recv) fields_.output(event_);
            if (names_shell(at.kind)) note_name(event_);
            if (info.record_class != RecordClass::Buffer) continue;
            begin_record(event_);
            write_shell(event_);
            json_.written(info.json_kind, false);
            fields_.write_buffer(event_, info);
            json_.close_written(kEndOfRecord);
        }
        json_.end_array();
    }

    /// A failure in a set-up is an error of the one that has started the effect.
    std::uint32_t shown_span(const Event& event) const {
        if (event.kind != EventKind::Failed) return event.place.span;
        for (auto id = event.place.span; id != 0; id = log_.spans()[id - 1].parent) {
            if (log_.spans()[id - 1].kind == EventKind::EffectSetup) return log_.spans()[id - 1].parent;
        }
        return event.place.span;
    }

    std::string_view source_of(const Event& event) {
        if (!has_place(event.kind)) return "null";
        const bool is_string = event.kind == EventKind::Interpolation || event.kind == EventKind::StringEval;
        return is_string ? locations_.json_with_quotes(event.place, kRecordDepth)
                         : locations_.json(event.place, kRecordDepth);
    }

    static bool names_shell(EventKind kind) {
        return kind == EventKind::ShellSwitch || kind == EventKind::ShellSpawn;
    }

    // A shell that was handed over is called differently from then on.
    void note_name(const Event& event) {
        if (!names_shell(event.kind) || event.place.shell == 0) return;
        const auto shown = event.kind == EventKind::ShellSpawn
                               ? events::read<events::ShellSpawn>(event).name
                               : events::read<events::ShellSwitch>(event).name;
        const auto name = record_.secrets.search().mask(shown);
        shell_members(event.place.shell) = make_shell(name, record_.shells[event.place.shell - 1].marker);
    }

    std::string& shell_members(std::uint32_t number) {
        if (shells_.empty()) shells_.resize(record_.shells.size() + 1);
        auto& members = shells_[number];
        if (members.empty() && number != 0) {
            const auto& shell = record_.shells[number - 1];
            members = make_shell(shell.name, shell.marker);
        }
        return members;
    }

    static std::string make_shell(std::string_view name, std::string_view marker) {
        TextBuffer text;
        BasicJsonWriter<TextBuffer> json(text);
        text.write(kShell);
        json.text(name);
        text.write(kShellMarker);
        json.text(marker);
        return std::move(text.text);
    }

    void write_shell(const Event& event) {
        if (event.kind == EventKind::Failed) {
            record_member(kShell, "\"\"");
            return record_member(kShellMarker, "\"\"");
        }
        if (event.place.shell != 0) return json_.written(shell_members(event.place.shell), false);
        record_member(kShell, "null");
        record_member(kShellMarker, "null");
    }

    // Writes the texts of the files that are named above.
    void write_sources() {
        auto texts = locations_.files();
        texts.emplace(record_.file.path, record_.file.text);
        json_.begin_object();
        for (const auto& [path, text] : texts) {
            json_.key(path);
            if (const auto& secrets = record_.secrets.search(); secrets.finds(text)) {
                json_.text(secrets.mask(text));
            } else if (record_.quoted_source != nullptr && !text.empty()) {
                json_.written(*record_.quoted_source->of(text), false);
            } else {
                text.empty() ? json_.null() : json_.text(text);
            }
        }
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
            files.emplace_back(entry->path().lexically_relative(root).generic_string(),
                               entry->file_size(ignored));
        }
        std::sort(files.begin(), files.end());
        json_.begin_array();
        for (const auto& [path, size] : files) {
            json_.begin_object();
            json_.text_member("path", path);
            json_.number_member("size", static_cast<std::int64_t>(size));
            json_.optional_text_member("mime", media_type(path));
            json_.end_object();
        }
        json_.end_array();
    }

    static constexpr int kRecordDepth = 3;
    static constexpr std::string_view kEndOfRecord = "\n    }";
    static constexpr std::string_view kLocation = ",\n      \"location\": ";
    static constexpr std::string_view kSource = ",\n      \"source\": ";
    static constexpr std::string_view kKind = ",\n      \"kind\": ";
    static constexpr std::string_view kShell = ",\n      \"shell\": ";
    static constexpr std::string_view kShellMarker = ",\n      \"shell_marker\": ";

    const TestRecord& record_;
    const MaskedLog& log_;
    JsonWriter json_;
    SourceLocations locations_;
    EventFields fields_;
    std::vector<std::string> shells_;  ///< members as they are written, by the number of the shell
    // The numbers of the record before.
    RecentNumber id_;
    RecentNumber number_;
    RecentNumber span_;
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
