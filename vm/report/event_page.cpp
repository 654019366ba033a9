// The tree of spans with their events, folded but for the way to the failure. Browsers and readers give up on
// pages of many megabytes, so there is a limit on rows; events.json has them all.
#include "vm/report/event_page.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "vm/base/assert.h"
#include "vm/report/markup_text.h"
#include "vm/report/page_style.h"
#include "vm/report/render_failure.h"
#include "vm/report/report_file.h"

namespace relux::report {

namespace {

constexpr std::size_t kMostRows = 20'000;
constexpr std::size_t kLongestField = 16 * 1024;

constexpr std::string_view kStyle = R"(
details{margin:0}details>div{margin-left:.55rem;border-left:1px solid var(--line);padding-left:.9rem}
summary{cursor:pointer;padding:.12rem 0}summary:hover{background:var(--card)}
.row{display:grid;grid-template-columns:6.2rem 7.5rem 1fr;gap:.7rem;padding:.06rem 0}
.row:hover{background:var(--card)}.row>.t:first-child{text-align:right;color:var(--dim)}
.row>.s{color:var(--dim);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-size:13px}
.row.send pre{color:var(--send)}.row.bad pre{color:var(--bad);font-weight:600}.row.good pre{color:var(--ok)}
.row.note pre{color:var(--dim)}.row.output pre{background:var(--card);border-left:3px solid var(--bar);padding-left:.5rem}
.bar{display:inline-block;width:140px;height:.5em;background:var(--card);border:1px solid var(--line);margin-right:.7rem}
.bar i{display:block;height:100%;background:var(--bar);min-width:1px}
.bad>summary{color:var(--bad)}.bad>summary .bar i{background:var(--bad)}
)";

/// `count` of these parts of one, 10 or 100. printf of a double takes longer than all else in a row of the
/// page.
std::string decimal(std::int64_t count, std::int64_t parts) {
    std::array<char, 24> text{};
    auto* end = std::to_chars(text.data(), text.data() + text.size(), count / parts).ptr;
    *end++ = '.';
    for (auto rest = count % parts; parts > 1; rest %= parts) {
        parts /= 10;
        *end++ = static_cast<char>('0' + rest / parts);
    }
    return {text.data(), end};
}

std::string time_text(Duration time) {
    constexpr std::int64_t kMillisecond = 1'000'000;
    constexpr std::int64_t kSecond = 1'000 * kMillisecond;
    const bool is_long = time.count() >= 10 * kSecond;
    const auto unit = is_long ? kSecond : kMillisecond;
    return decimal(time.count() / (unit / 100), 100) + (is_long ? " s" : " ms");
}

std::string shortened(std::string_view text) {
    if (text.size() <= kLongestField) return markup_text(text);
    return markup_text(text.substr(0, kLongestField)) + " <span class=dim>(" +
           std::to_string(text.size() - kLongestField) + " bytes more)</span>";
}

/// A line of the timeline, or a span in it.
struct Item {
    std::uint32_t span = 0;  ///< its number; 0: a row
    std::string row;
};

class EventPage {
  public:
    EventPage(const TestRecord& record, const MaskedLog& log, ReportFile& file)
        : record_(record), log_(log), file_(file), children_(log.spans().size() + 1) {}

    void write() {
        write_head();
        collect();
        file_.write("<h2>Timeline</h2>\n");
        write_children(0);
        if (omitted_ > 0) {
            file_.write("<p class=dim>" + std::to_string(omitted_) +
                        " more events are in <a href=\"events.json\">events.json</a>.</p>\n");
        }
        write_shells();
        write_environment();
        file_.write("</body></html>\n");
    }

  private:
    void write_head() {
        const auto& result = record_.result;
        const std::string outcome(outcome_name(result.outcome));
        file_.write("<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><title>");
        file_.write(markup_line(result.name) + " - " + outcome + "</title><style>");
        file_.write(kPageStyle);
        file_.write(kStyle);
        file_.write("</style></head><body>\n<h1><span class=\"badge " + outcome + "\">" + outcome +
                    "</span> " + markup_line(result.name) + "</h1>\n<div class=dim><code>" +
                    markup_line(record_.file.path) + ":" + std::to_string(record_.line) +
                    "</code> &middot; " + time_text(result.duration));
        if (record_.attempt > 0) file_.write(" &middot; retry " + std::to_string(record_.attempt));
        file_.write(" &middot; run " + markup_line(record_.run_id) +
                    " &middot; <a href=\"events.json\">events.json</a></div>\n");
        if (!result.skip_reason.empty())
            file_.write("<p class=skipped>skipped: " + markup_text(result.skip_reason) + "</p>\n");
        if (result.failure || !result.warnings.empty()) {
            file_.write("<div class=failure><pre>" + markup_text(render_failure(result, false)) +
                        "</pre></div>\n");
        }
    }

    void collect() {
        std::uint32_t spans = 0;
        std::size_t rows = 0;
        log_.for_each([&](const Event& event) {
            const auto& info = event_info(event.kind);
            if (info.record_class == RecordClass::Span) {
                children_[event.place.span].push_back({++spans, {}});
                return;
            }
            if (info.record_class != RecordClass::Event) return;
            if (event.kind == EventKind::Failed) mark_failed(event.place.span);
            if (++rows > kMostRows && event.kind != EventKind::Failed) {
                ++omitted_;
                return;
            }
            children_[event.place.span].push_back({0, row(event, info)});
        });
    }

    void mark_failed(std::uint32_t span) {
        for (; span != 0; span = log_.spans()[span - 1].place.span)
            failed_.push_back(span);
    }
    bool is_failed(std::uint32_t span) const {
        return std::find(failed_.begin(), failed_.end(), span) != failed_.end();
    }

    std::string row(const Event& event, const EventInfo& info) {
        std::string html = "<div class=\"row " + std::string(look(event.kind)) + "\"><span class=t>" +
                           time_text(event.time) + "</span><span class=s>";
        if (event.place.shell != 0) html += markup_line(record_.shells[event.place.shell - 1].name);
        html += "</span><pre>" + describe(event, info) + "</pre></div>\n";
        return html;
    }

    static std::string_view look(EventKind kind) {
        if (kind == EventKind::Send) return "send";
        if (kind == EventKind::Recv) return "output";
        if (kind == EventKind::MatchDone || kind == EventKind::MultiMatchDone ||
            kind == EventKind::PureMatchDone)
            return "good";
        if (kind == EventKind::Failed || kind == EventKind::Timeout || kind == EventKind::MultiMatchTimeout ||
            kind == EventKind::FailPatternTriggered || kind == EventKind::PureMatchFailed) {
            return "bad";
        }
        return kind == EventKind::MatchStart || kind == EventKind::Log || kind == EventKind::Annotate
                   ? ""
                   : "note";
    }

    static std::string describe(const Event& event, const EventInfo& info) {
        const auto text = [&](std::size_t i) { return shortened(event.fields[i].text); };
        if (event.kind == EventKind::Send) return "&rarr; " + text(0);
        if (event.kind == EventKind::Recv) return text(0);
        if (event.kind == EventKind::MatchStart) {
            return "<span class=dim>waits for</span> " +
                   std::string(event.fields[1].number != 0 ? "? " : "= ") + text(0) + " <span class=dim>(" +
                   time_text(Duration(event.fields[2].number)) + ")</span>";
        }
        if (event.kind == EventKind::MatchDone) {
            return "&#10003; " + text(0) + " <span class=dim>after " +
                   time_text(Duration(event.fields[1].number)) + "</span>";
        }
        if (event.kind == EventKind::Failed) return "&#10007; " + text(0);
        std::string html = "<span class=dim>" + std::string(info.name) + "</span>";
        for (std::size_t i = 0; i < info.fields.size(); ++i) {
            if (info.fields[i].name == "buffer_seq") continue;
            html += " <span class=dim>" + std::string(info.fields[i].name) + "=</span>" +
                    field_text(info.fields[i].type, event.fields[i].text, event.fields[i].number);
        }
        return html;
    }

    static std::string field_text(FieldType type, std::string_view text, std::int64_t number) {
        switch (type) {
            case FieldType::Text:
                return shortened(text);
            case FieldType::Number:
                return std::to_string(number);
            case FieldType::Milliseconds:
                return time_text(Duration(number));
            case FieldType::Flag:
                return number != 0 ? "yes" : "no";
            case FieldType::Texts:
            case FieldType::Pairs:
                return list_text(type, text);
        }
        RELUX_UNREACHABLE("field type out of range");
    }

    static std::string list_text(FieldType type, std::string_view encoded) {
        std::string html;
        std::size_t i = 0;
        for (const auto part : decode_texts(encoded)) {
            if (i > 0) html += type == FieldType::Pairs && i % 2 == 1 ? "=" : ", ";
            html += shortened(part);
            ++i;
        }
        return html;
    }

    void write_children(std::uint32_t span) {
        for (const auto& item : children_[span]) {
            if (item.span == 0) {
                file_.write(item.row);
            } else {
                write_span(item.span);
            }
        }
    }

    // As deep as calls nest, which the language limits.
    void write_span(std::uint32_t number) {
        const auto& span = log_.spans()[number - 1];
        const bool failed = is_failed(number);
        file_.write(failed ? "<details open class=bad><summary>" : "<details><summary>");
        file_.write(bar(span) + "<b>" + title(span) + "</b> <span class=dim>" + time_text(span.start) +
                    " + " + time_text(span.end - span.start) + (span.closed ? "" : ", not ended") +
                    "</span>");
        if (span.has_result) file_.write(" <code>&rArr; " + shortened(span.result) + "</code>");
        file_.write("</summary><div>\n");
        write_children(number);
        file_.write("</div></details>\n");
    }

    std::string bar(const MaskedSpan& span) const {
        constexpr std::int64_t kWhole = 1000;  // tenths of a percent
        // Durations of years do not overflow.
        const auto step = std::max<std::int64_t>(1, record_.result.duration.count() / kWhole);
        const auto left = std::min(kWhole, span.start.count() / step);
        const auto width = std::min(kWhole - left, (span.end - span.start).count() / step);
        return "<span class=bar><i style=\"margin-left:" + decimal(left, 10) +
               "%;width:" + decimal(width, 10) + "%\"></i></span>";
    }

    static std::string title(const MaskedSpan& span) {
        const auto& info = event_info(span.kind);
        if (span.kind == EventKind::FnCall) {
            return "fn " + shortened(span.texts[0]) + "(" + list_text(FieldType::Texts, span.texts[1]) + ")";
        }
        std::string html(info.name);
        for (std::size_t i = 0; i < info.fields.size(); ++i) {
            const auto type = info.fields[i].type;
            if (type == FieldType::Text && !span.texts[i].empty()) {
                html += " " + shortened(span.texts[i]);
            } else if (type == FieldType::Pairs && !span.texts[i].empty()) {
                html += " { " + list_text(type, span.texts[i]) + " }";
            } else if (type == FieldType::Flag && span.numbers[i] != 0) {
                html += " (" + std::string(info.fields[i].name) + ")";
            }
        }
        return html;
    }

    void write_shells() {
        if (record_.shells.empty()) return;
        file_.write("<h2>Shells</h2>\n<table>\n");
        for (const auto& shell : record_.shells) {
            file_.write("<tr><td>" + markup_line(shell.name) + "</td><td>");
            for (const auto* part : {".stdin.log", ".stdout.log", ".stdin.raw", ".stdout.raw"}) {
                const auto name = markup_line(shell.marker + part);
                file_.write("<a href=\"" + name + "\">" + name + "</a> ");
            }
            file_.write("</td></tr>\n");
        }
        file_.write("</table>\n");
    }

    void write_environment() {
        if (record_.environment.empty()) return;
        file_.write("<h2>Environment that the test read</h2>\n<table>\n");
        for (const auto& [name, value] : record_.environment) {
            const auto shown =
                record_.secrets.is_secret(name) ? std::string(kMask) : record_.secrets.search().mask(value);
            file_.write("<tr><td><code>" + markup_line(name) + "</code></td><td><pre>" + shortened(shown) +
                        "</pre></td></tr>\n");
        }
        file_.write("</table>\n");
    }

    const TestRecord& record_;
    const MaskedLog& log_;
    ReportFile& file_;
    std::vector<std::vector<Item>> children_;  ///< by number of the span; [0] is the test
    std::vector<std::uint32_t> failed_;        ///< spans on the way to the failure
    std::size_t omitted_ = 0;
};

}  // namespace

Status write_event_page(const TestRecord& record, const MaskedLog& log, const std::filesystem::path& file) {
    ReportFile report(file);
    EventPage(record, log, report).write();
    return report.commit(false);
}

}  // namespace relux::report
