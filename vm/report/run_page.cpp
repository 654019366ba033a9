// The script only hides rows: without it the page shows everything.
#include "vm/report/run_page.h"

#include <array>

#include "vm/base/text.h"
#include "vm/report/markup_text.h"
#include "vm/report/page_style.h"
#include "vm/report/report_file.h"

namespace relux::report {

namespace {

constexpr std::array kOutcomes = {OutcomeKind::Failed, OutcomeKind::Invalid, OutcomeKind::Cancelled,
                                  OutcomeKind::Skipped, OutcomeKind::Passed};

constexpr std::string_view kStyle = R"(
.filter{display:flex;gap:1rem;flex-wrap:wrap;align-items:center;margin:1rem 0}
input[type=search]{flex:1;min-width:16rem;padding:.4rem .6rem;font:inherit;border:1px solid var(--line);
background:var(--card);color:var(--fg);border-radius:.3rem}
td .why{color:var(--dim);font-size:13px;overflow-wrap:anywhere}tr[hidden]{display:none}
)";

constexpr std::string_view kScript = R"(
const box=document.querySelector('input[type=search]'),kinds=[...document.querySelectorAll('input[type=checkbox]')],
rows=[...document.querySelectorAll('tbody tr')],shown=document.querySelector('#shown');
function filter(){const words=box.value.toLowerCase().split(/\s+/).filter(Boolean),
on=new Set(kinds.filter(k=>k.checked).map(k=>k.value));let n=0;
for(const row of rows){const text=row.textContent.toLowerCase();
row.hidden=!on.has(row.dataset.outcome)||!words.every(w=>text.includes(w));if(!row.hidden)n++}
shown.textContent=n+' shown'}
box.addEventListener('input',filter);kinds.forEach(k=>k.addEventListener('change',filter));
document.querySelectorAll('th[data-by]').forEach(head=>head.addEventListener('click',()=>{
const body=document.querySelector('tbody'),down=head.dataset.down=head.dataset.down==='1'?'':'1';
const by=head.dataset.by,key=row=>by==='time'?+row.dataset.time:by==='place'?+row.dataset.place:row.dataset[by];
rows.sort((a,b)=>(key(a)<key(b)?-1:key(a)>key(b)?1:0)*(down&&by!=='place'?-1:1));body.append(...rows)}));
filter();
)";

class RunPage {
  public:
    RunPage(const RunSummary& summary, std::string_view name, const std::filesystem::path& run_directory,
            ReportFile& file)
        : summary_(summary), name_(name), run_directory_(run_directory), file_(file) {}

    void write() {
        file_.write("<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><title>" + markup_line(name_) +
                    " - run " + markup_line(summary_.run_id) + "</title><style>");
        file_.write(kPageStyle);
        file_.write(kStyle);
        file_.write("</style></head><body>\n<h1>" + markup_line(name_) + "</h1>\n<div class=dim>run " +
                    markup_line(summary_.run_id) + " &middot; " + markup_line(summary_.timestamp) +
                    " &middot; " + markup_line(summary_.hostname) + " &middot; " +
                    format_elapsed(summary_.duration) +
                    " &middot; <a href=\"run_summary.toml\">run_summary.toml</a></div>\n");
        write_filter();
        file_.write(
            "<table><thead><tr><th data-by=outcome>outcome</th><th data-by=place>test</th>"
            "<th data-by=time class=n>duration</th></tr></thead><tbody>\n");
        std::size_t place = 0;
        for (const auto kind : kOutcomes) {
            for (const auto& test : summary_.tests) {
                if (test.outcome == kind) write_test(test, ++place);
            }
        }
        file_.write("</tbody></table>\n<script>");
        file_.write(kScript);
        file_.write("</script></body></html>\n");
    }

  private:
    void write_filter() {
        file_.write(
            "<div class=filter><input type=search placeholder=\"filter by file, name or failure\" "
            "aria-label=filter>");
        for (const auto kind : kOutcomes) {
            std::size_t count = 0;
            for (const auto& test : summary_.tests)
                count += test.outcome == kind;
            if (count == 0) continue;
            const std::string outcome(outcome_name(kind));
            file_.write("<label class=" + outcome + "><input type=checkbox checked value=" + outcome + "> " +
                        std::to_string(count) + " " + outcome + "</label>");
        }
        file_.write("<span id=shown class=dim></span></div>\n");
    }

    std::string link(const std::string& directory, const std::string& text) const {
        if (!directory.empty()) {
            const auto file = directory + "/event.html";
            std::error_code error;
            if (std::filesystem::exists(run_directory_ / file, error))
                return "<a href=\"" + url_path(file) + "\">" + text + "</a>";
        }
        return text;
    }

    void write_test(const TestResult& test, std::size_t place) {
        const std::string outcome(outcome_name(test.outcome));
        file_.write("<tr data-outcome=" + outcome + " data-place=" + std::to_string(place) +
                    " data-time=" + std::to_string(test.duration.count()) + "><td><span class=\"badge " +
                    outcome + "\">" + outcome + "</span></td><td>");
        file_.write("<code class=dim>" + markup_line(test.path) + "</code> " +
                    link(test.log_directory, markup_line(test.name)));
        for (std::size_t i = 0; i < test.failed_attempts.size(); ++i) {
            const auto& attempt = test.failed_attempts[i];
            write_reason(link(attempt.log_directory, "attempt " + std::to_string(i + 1)) + ": " +
                         markup_text(attempt.failure.summary));
        }
        if (test.failure) write_reason(markup_text(test.failure->summary));
        if (!test.skip_reason.empty()) write_reason(markup_text(test.skip_reason));
        if (!test.cached_because.empty()) write_reason("cached: " + markup_text(test.cached_because));
        for (const auto& warning : test.warnings)
            write_reason("warning: " + markup_text(warning));
        file_.write("</td><td class=n>" + format_elapsed(test.duration) + "</td></tr>\n");
    }

    void write_reason(const std::string& html) { file_.write("<div class=why>" + html + "</div>"); }

    const RunSummary& summary_;
    std::string_view name_;
    const std::filesystem::path& run_directory_;
    ReportFile& file_;
};

}  // namespace

Status write_run_page(const RunSummary& summary, std::string_view name,
                      const std::filesystem::path& run_directory, const std::filesystem::path& file) {
    ReportFile report(file);
    RunPage(summary, name, run_directory, report).write();
    return report.commit(false);
}

}  // namespace relux::report
