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

/// Rows and spans from the beginning, and as many from the end: browsers get slow with more.
constexpr std::size_t kMostRows = 2'500;
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

/// A number with its unit, in place. printf of a double takes longer than all else in a row of the page.
class ShortText {
  public:
    /// `count` of these parts of one, 10 or 100.
    template <std::int64_t kParts>
    void decimal(std::int64_t count) {
        static_assert(kParts == 10 || kParts == 100);
        char* end = std::to_chars(text_.data() + size_, text_.data() + text_.size(), count / kParts).ptr;
        *end++ = '.';
        const auto rest = count % kParts;
        if (kParts == 100) *end++ = static_cast<char>('0' + rest / 10);
        *end++ = static_cast<char>('0' + rest % 10);
        size_ = static_cast<std::size_t>(end - text_.data());
    }
    void append(std::string_view text) {
        std::copy(text.begin(), text.end(), text_.data() + size_);
        size_ += text.size();
    }
    std::string_view view() const { return {text_.data(), size_}; }
    operator std::string_view() const { return view(); }

  private:
    std::array<char, 32> text_;
    std::size_t size_ = 0;
};

ShortText time_text(Duration time) {
    constexpr std::int64_t kMillisecond = 1'000'000;
    constexpr std::int64_t kSecond = 1'000 * kMillisecond;
    ShortText text;
    if (time.count() >= 10 * kSecond) {
        text.decimal<100>(time.count() / (kSecond / 100));
        text.append(" s");
    } else {
        text.decimal<100>(time.count() / (kMillisecond / 100));
        text.append(" ms");
    }
    return text;
}

/// A line of the timeline, or a span in it.
struct Item {
    const char* record = nullptr;  ///< where the log has it; null: a span
    std::uint32_t number = 0;      ///< of the record or the span
    std::uint32_t next = 0;        ///< index of the item after it in the same span, plus 1; 0: none
};

/// Indexes of items, plus 1; 0: none.
struct Items {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
};

class EventPage {
  public:
    EventPage(const TestRecord& record, const MaskedLog& log, ReportFile& file)
        : record_(record),
          log_(log),
          file_(file),
          children_(log.spans().size() + 1),
          failed_(log.spans().size() + 1),
          shown_(log.spans().size() + 1) {}

    void write() {
        write_head();
        collect();
        file_.write("<h2>Timeline</h2>\n");
        if (omitted_ > 0) {
            file_.write("<p class=dim>" + std::to_string(omitted_) +
                        " events and spans between the first and the last " + std::to_string(kMostRows) +
                        " are only in <a href=\"events.json\">events.json</a>.</p>\n");
        }
        write_children(0);
        write_shells();
        write_environment();
        file_.write("</body></html>\n");
    }

  private:
    /// The times of a span as they are shown.
    struct Times {
        Duration start{0};
        Duration end{0};
        std::string bar;  ///< empty: none
        std::string text;
    };

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
                    "</code> &middot; ");
        file_.write(time_text(result.duration));
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

    template <class... Parts>
    void write_all(const Parts&... parts) {
        (file_.write(parts), ...);
    }

    void write_shortened(std::string_view text) {
        write_markup_text(file_, text.substr(0, kLongestField));
        if (text.size() <= kLongestField) return;
        write_all(" <span class=dim>(", std::to_string(text.size() - kLongestField), " bytes more)</span>");
    }

    void collect() {
        std::uint32_t spans = 0;
        std::size_t rows = 0;
        const auto all = log_.spans().size() + record_.events.count(RecordClass::Event);
        items_.reserve(std::min(all, 2 * kMostRows));
        record_.events.for_each_beginning([&](const Event& event) {
            const auto record_class = event_info(event.kind).record_class;
            const bool is_span = record_class == RecordClass::Span;
            if (!is_span && record_class != RecordClass::Event) return;
            const std::uint32_t number = is_span ? ++spans : event.number;
            const bool ends_test = event.kind == EventKind::Failed || event.kind == EventKind::Cancelled;
            if (ends_test) mark_failed(event.place.span);
            const bool is_between = rows >= kMostRows && rows + kMostRows < all;
            ++rows;
            if (is_between && !ends_test) {
                ++omitted_;
                return;
            }
            show_span(event.place.span);
            if (is_span) shown_[number] = true;
            add_item(event.place.span, {is_span ? nullptr : event.begin, number});
        });
    }

    /// With those that it lies in. As deep as calls nest, which the language limits.
    void show_span(std::uint32_t number) {
        if (number == 0 || shown_[number]) return;
        const auto parent = log_.spans()[number - 1].parent;
        show_span(parent);
        shown_[number] = true;
        --omitted_;
        add_item(parent, {nullptr, number});
    }

    void add_item(std::uint32_t span, const Item& item) {
        items_.push_back(item);
        const auto added = static_cast<std::uint32_t>(items_.size());
        auto& children = children_[span];
        (children.last == 0 ? children.first : items_[children.last - 1].next) = added;
        children.last = added;
    }

    void mark_failed(std::uint32_t span) {
        for (; span != 0; span = log_.spans()[span - 1].parent)
            failed_[span] = true;
    }

    void write_row(const Item& item) {
        log_.read(item.record, item.number, event_, texts_);
        if (event_.time != row_time_) {
            row_time_ = event_.time;
            row_time_text_ = time_text(event_.time);
        }
        write_all("<div class=\"row ", class_of(event_info(event_.kind).look), "\"><span class=t>",
                  row_time_text_, "</span><span class=s>");
        if (event_.place.shell != 0) file_.write(shell_name(event_.place.shell));
        file_.write("</span><pre>");
        describe(event_, event_info(event_.kind));
        file_.write("</pre></div>\n");
    }

    std::string_view shell_name(std::uint32_t number) {
        if (shell_names_.empty()) {
            for (const auto& shell : record_.shells)
                shell_names_.push_back(markup_line(shell.name));
        }
        return shell_names_[number - 1];
    }

    /// Gives the class of the page's style.
    static std::string_view class_of(RowLook look) {
        switch (look) {
            case RowLook::Plain:
                return "";
            case RowLook::Send:
                return "send";
            case RowLook::Output:
                return "output";
            case RowLook::Good:
                return "good";
            case RowLook::Bad:
                return "bad";
            case RowLook::Note:
                return "note";
        }
        RELUX_UNREACHABLE("look out of range");
    }

    void describe(const Event& event, const EventInfo& info) {
        const auto& fields = event.fields;
        if (event.kind == EventKind::Send) {
            file_.write("&rarr; ");
            return write_shortened(events::read<events::Send>(event).data);
        }
        if (event.kind == EventKind::Recv) return write_shortened(events::read<events::Recv>(event).data);
        if (event.kind == EventKind::MatchStart) {
            const auto start = events::read<events::MatchStart>(event);
            write_all("<span class=dim>waits for</span> ", start.is_regex ? "? " : "= ");
            write_shortened(start.pattern);
            return write_all(" <span class=dim>(", time_text(start.effective.applied), ")</span>");
        }
        if (event.kind == EventKind::MatchDone) {
            const auto done = events::read<events::MatchDone>(event);
            file_.write("&#10003; ");
            write_shortened(done.matched);
            return write_all(" <span class=dim>after ", time_text(done.elapsed), "</span>");
        }
        if (event.kind == EventKind::Failed) {
            file_.write("&#10007; ");
            return write_shortened(events::read<events::Failed>(event).message);
        }
        write_all("<span class=dim>", info.name, "</span>");
        for (std::size_t i = 0; i < info.fields.size(); ++i) {
            const auto type = info.fields[i].type;
            // Numbers of other records say nothing to a reader, and what is empty less.
            if (type == FieldType::Sequence || type == FieldType::Internal) continue;
            if (info.fields[i].is_text() && fields[i].text.empty() && type != FieldType::Text) continue;
            if (type == FieldType::Parts) {
                file_.write(" ");
                write_shortened(log_.joined(event));
                continue;
            }
            write_all(" <span class=dim>", info.fields[i].name, "=</span>");
            write_field(type, fields[i]);
        }
    }

    void write_field(FieldType type, const Field& field) {
        switch (type) {
            case FieldType::Text:
            case FieldType::OptionalText:
                return write_shortened(field.text);
            case FieldType::Number:
            case FieldType::Sequence:
            case FieldType::Internal:
                return file_.write(std::to_string(field.number));
            case FieldType::Milliseconds:
                return file_.write(time_text(Duration(field.number)));
            case FieldType::Flag:
                return file_.write(field.number != 0 ? "yes" : "no");
            case FieldType::Timeout:
                return write_timeout(RecordedTimeout::from(field.text));
            case FieldType::Texts:
            case FieldType::Pairs:
            case FieldType::Numbers:
            case FieldType::Groups:
            case FieldType::OptionalGroups:
            case FieldType::Patterns:
            case FieldType::Parts:
                return write_list(type, field.text);
        }
        RELUX_UNREACHABLE("field type out of range");
    }

    void write_timeout(const RecordedTimeout& timeout) {
        file_.write(std::string_view(timeout.timeout().is_assertion() ? "@" : "~"));
        file_.write(format_duration(timeout.written));
        if (timeout.applied != timeout.written) write_all(" (", time_text(timeout.applied), ")");
    }

    void write_list(FieldType type, std::string_view encoded) {
        EncodedTexts texts(encoded);
        std::size_t i = 0;
        for (std::string_view part; texts.next(part); ++i) {
            if (i > 0) file_.write(type == FieldType::Pairs && i % 2 == 1 ? "=" : ", ");
            write_shortened(part);
        }
    }

    void write_children(std::uint32_t span) {
        for (auto at = children_[span].first; at != 0;) {
            const auto& item = items_[at - 1];
            if (item.record == nullptr) {
                write_span(item.number);
            } else {
                write_row(item);
            }
            at = item.next;
        }
    }

    // As deep as calls nest, which the language limits.
    void write_span(std::uint32_t number) {
        const auto& span = log_.spans()[number - 1];
        log_.read(span.begin, number, event_, texts_);
        file_.write(failed_[number] ? "<details open class=bad><summary>" : "<details><summary>");
        const auto& times = times_of(span);
        write_all(times.bar, "<b>");
        write_title(event_);
        write_all("</b> <span class=dim>", times.text, span.end != nullptr ? "" : ", not ended", "</span>");
        if (span.end != nullptr) write_result(span);
        file_.write("</summary><div>\n");
        write_children(number);
        file_.write("</div></details>\n");
    }

    void write_result(const MaskedSpan& span) {
        log_.read(span.end, 0, event_, texts_);
        const auto end = events::read<events::SpanEnd>(event_);
        if (!end.has_result) return;
        file_.write(" <code>&rArr; ");
        write_shortened(end.result);
        file_.write("</code>");
    }

    // Calls follow each other at one moment.
    const Times& times_of(const MaskedSpan& span) {
        if (!times_.bar.empty() && times_.start == span.start_time && times_.end == span.end_time)
            return times_;
        times_ = {span.start_time, span.end_time, bar_of(span), std::string(time_text(span.start_time))};
        times_.text += " + ";
        times_.text += time_text(span.end_time - span.start_time).view();
        return times_;
    }

    std::string bar_of(const MaskedSpan& span) const {
        constexpr std::int64_t kWhole = 1000;  // tenths of a percent
        // Durations of years do not overflow.
        const auto step = std::max<std::int64_t>(1, record_.result.duration.count() / kWhole);
        ShortText left;
        const auto start = std::min(kWhole, span.start_time.count() / step);
        left.decimal<10>(start);
        ShortText width;
        width.decimal<10>(std::min(kWhole - start, (span.end_time - span.start_time).count() / step));
        std::string bar("<span class=bar><i style=\"margin-left:");
        bar.append(left).append("%;width:").append(width).append("%\"></i></span>");
        return bar;
    }

    void write_title(const Event& event) {
        const auto& info = event_info(event.kind);
        const auto& fields = event.fields;
        if (event.kind == EventKind::FnCall) {
            const auto call = events::read<events::FnCall>(event);
            file_.write("fn ");
            write_shortened(call.name);
            file_.write("(");
            write_list(FieldType::Texts, call.args);
            return file_.write(")");
        }
        file_.write(info.name);
        std::size_t i = 0;
        // The text of a marker begins with its kind and its modifier.
        if (event.kind == EventKind::MarkerEval) i = events::MarkerEvalFields::text;
        for (; i < info.fields.size(); ++i) {
            const auto type = info.fields[i].type;
            if ((type == FieldType::Text || type == FieldType::OptionalText) && !fields[i].text.empty()) {
                // The text that may be missing is an alias.
                file_.write(type == FieldType::Text ? " " : " as ");
                write_shortened(fields[i].text);
            } else if (type == FieldType::Pairs && !fields[i].text.empty()) {
                file_.write(" { ");
                write_list(type, fields[i].text);
                file_.write(" }");
            } else if (type == FieldType::Flag && fields[i].number != 0) {
                auto name = info.fields[i].name;
                if (name.starts_with("is_")) name.remove_prefix(3);
                write_all(" (", name, ")");
            }
        }
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
            const auto shown = record_.secrets.is_secret(name, value) ? std::string(kMask)
                                                                      : record_.secrets.search().mask(value);
            write_all("<tr><td><code>", markup_line(name), "</code></td><td><pre>");
            write_shortened(shown);
            file_.write("</pre></td></tr>\n");
        }
        file_.write("</table>\n");
    }

    const TestRecord& record_;
    const MaskedLog& log_;
    ReportFile& file_;
    Times times_;  ///< of the last span
    Duration row_time_ = Duration::min();
    ShortText row_time_text_;  ///< of row_time_
    std::vector<Item> items_;
    std::vector<Items> children_;  ///< by number of the span; [0] is the test
    std::vector<bool> failed_;     ///< spans on the way to the failure
    std::vector<bool> shown_;      ///< spans that are an item
    std::vector<std::string> shell_names_;
    // Read into again and again.
    Event event_;
    MaskedLog::Texts texts_;
    std::size_t omitted_ = 0;
};

}  // namespace

Status write_event_page(const TestRecord& record, const MaskedLog& log, const std::filesystem::path& file) {
    ReportFile report(file);
    EventPage(record, log, report).write();
    return report.commit(false);
}

}  // namespace relux::report
