// The block is redrawn ten times a second and after each line; between, nothing is written.
#include "tools/screen/live_view.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#include "tools/cli/output.h"
#include "tools/history/history_runs.h"
#include "vm/base/text.h"
#include "vm/report/plain_progress.h"
#include "vm/report/render_failure.h"

namespace relux::cli {

namespace {

constexpr Duration kTick = std::chrono::milliseconds(100);
/// A block that fills the terminal would hide what has failed.
constexpr std::size_t kMostTests = 12;
/// Less is shown as nothing, which it is not.
constexpr Duration kLeastEstimate = std::chrono::milliseconds(100);
/// A test that nothing is known of is slow after this long.
constexpr Duration kSlow = std::chrono::seconds(10);

struct Styles {
    std::string_view bold, red, yellow, faint, off;
};
constexpr Styles kPlain{};
constexpr Styles kColored{"\x1b[1m", "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"};

/// Text that is cut at the right edge, whatever its pieces are painted with.
class Line {
  public:
    Line(std::size_t columns, const Styles& styles) : left_(columns), styles_(styles) {}

    void add(std::string_view text, std::string_view style = {}) {
        text_ += style;
        for (std::size_t at = 0; at < text.size() && !cut_;) {
            utf8proc_int32_t character = 0;
            const auto length = std::max<utf8proc_ssize_t>(
                1, utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                    static_cast<utf8proc_ssize_t>(text.size() - at), &character));
            const auto width = character > 0 ? static_cast<std::size_t>(utf8proc_charwidth(character)) : 1;
            if (width > left_) {
                cut_ = true;
                break;
            }
            left_ -= width;
            width_ += width;
            text_ += text.substr(at, static_cast<std::size_t>(length));
            at += static_cast<std::size_t>(length);
        }
        if (!style.empty()) text_ += styles_.off;
    }
    LiveLine take() { return {std::move(text_), width_}; }

  private:
    std::string text_;
    std::size_t left_;
    std::size_t width_ = 0;
    bool cut_ = false;
    const Styles& styles_;
};

/// `4.2 s`, `3 min 20 s`: one glance.
std::string glance(Duration duration) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    if (seconds < 60) {
        const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
        return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
    }
    if (seconds < 3600) return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
    return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

/// The terminal is another job's: what we drew would stand in its way, and its settings are not ours to
/// change.
bool in_background() {
    const auto foreground = ::tcgetpgrp(STDERR_FILENO);
    return foreground > 0 && foreground != ::getpgrp();
}

bool ignored(int signal) {
    struct sigaction present {};
    return ::sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_IGN;
}

LiveLine summary_line(const LiveState& state, std::size_t columns, const Styles& styles) {
    Line line(columns, styles);
    const auto& counts = state.counts;
    line.add(std::to_string(counts.done) + "/" + std::to_string(counts.total) + " " + std::string(state.noun),
             styles.bold);
    if (counts.failed > 0) line.add(", " + std::to_string(counts.failed) + " failed", styles.red);
    if (counts.cancelled > 0) line.add(", " + std::to_string(counts.cancelled) + " cancelled", styles.yellow);
    if (counts.skipped > 0) line.add(", " + std::to_string(counts.skipped) + " skipped");
    line.add(", " + std::to_string(state.running.size()) + " running, " + glance(state.elapsed));
    if (state.left) line.add(", about " + glance(*state.left) + " left");
    return line.take();
}

LiveLine test_line(const run::RunningTest& test, const KnownDurations& known, std::size_t columns,
                   const Styles& styles) {
    Line line(columns, styles);
    const auto found = known.find(test_key(test.test->path, test.test->name));
    const bool slow =
        test.elapsed >
        (found == known.end() ? kSlow : std::max(2 * found->second, Duration(std::chrono::seconds(1))));
    line.add("  " + glance(test.elapsed), slow ? styles.yellow : std::string_view());
    if (slow) line.add(" slow", styles.yellow);
    line.add("  " + report::shown_name(test.test->path, test.test->slug()));
    if (test.at.empty()) {
        line.add("  ending", styles.faint);
        return line.take();
    }
    // The innermost place; effects that are set up at once have one each, and the last one is the news.
    const auto& statement = test.at.back();
    std::string where = "  ";
    if (!statement.shell.empty()) where += visible(statement.shell, false) + " at ";
    if (!statement.step.empty()) where += visible(statement.step, false) + " at ";
    where += visible(statement.place, false);
    if (!statement.waiting_for.empty()) where += ": " + statement.waiting_for;
    line.add(where, styles.faint);
    return line.take();
}

}  // namespace

std::vector<LiveLine> live_block(const LiveState& state, const KnownDurations& known, std::size_t columns,
                                 std::size_t rows, bool colors) {
    const auto& styles = colors ? kColored : kPlain;
    std::vector<LiveLine> lines;
    if (rows == 0 || columns == 0) return lines;
    lines.push_back(summary_line(state, columns, styles));
    auto running = state.running;
    std::stable_sort(running.begin(), running.end(),
                     [](const auto& one, const auto& other) { return one.elapsed > other.elapsed; });
    const auto room = std::min(rows - 1, kMostTests);
    const auto shown = running.size() <= room ? running.size() : room == 0 ? 0 : room - 1;
    for (std::size_t i = 0; i < shown; ++i)
        lines.push_back(test_line(running[i], known, columns, styles));
    if (shown < running.size() && room > 0) {
        Line line(columns, styles);
        line.add("  and " + std::to_string(running.size() - shown) + " more", styles.faint);
        lines.push_back(line.take());
    }
    return lines;
}

std::optional<Duration> estimate_left(const LiveState& state, const KnownDurations& known,
                                      Duration known_waiting, std::size_t unknown_waiting, int jobs) {
    if (known.empty() || unknown_waiting > state.counts.total / 2) return std::nullopt;
    Duration sum{0};
    for (const auto& [key, duration] : known)
        sum += duration;
    const auto mean = sum / static_cast<std::int64_t>(known.size());
    auto waiting = known_waiting + mean * static_cast<std::int64_t>(unknown_waiting);
    Duration longest{0};
    for (const auto& test : state.running) {
        const auto found = known.find(test_key(test.test->path, test.test->name));
        const auto expected = found == known.end() ? mean : found->second;
        const auto rest = std::max(expected - test.elapsed, Duration(0));
        waiting += rest;
        longest = std::max(longest, rest);
    }
    const auto left = std::max(longest, waiting / std::max(jobs, 1));
    // A test that has taken longer than ever says nothing of how long it still takes.
    if (left < kLeastEstimate) return std::nullopt;
    return left;
}

LiveView::LiveView(Console& console, const std::vector<run::TestCase>& tests, KnownDurations known, int jobs,
                   std::string_view noun)
    : RunProgress(console), known_(std::move(known)), jobs_(jobs), noun_(noun), colors_(error_wants_color()) {
    counts_.total = tests.size();
    for (const auto& test : tests) {
        const auto found = known_.find(test_key(test.path, test.name));
        if (found == known_.end()) {
            ++unknown_waiting_;
        } else {
            known_waiting_ += found->second;
        }
    }
}

LiveView::~LiveView() {
    restore_keys();
}

bool LiveView::possible() {
    const char* term = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) == 1 && term != nullptr && *term != '\0' &&
           std::string_view(term) != "dumb";
}

void LiveView::on_run_started(const run::RunMonitor& monitor) {
    RunProgress::on_run_started(monitor);
    auto& loop = monitor.loop();
    resized_ = loop.watch_signal(SIGWINCH, [this] { draw(); });
    if (!ignored(SIGTSTP)) suspended_ = loop.watch_signal(SIGTSTP, [this] { suspend(); });
    watch_continuation();
    timer_ = loop.make_timer([this] { tick(); });
    next_tick_ = loop.now();
    tick();
}

void LiveView::on_run_finished() {
    console().draw(erase());
    timer_.reset();
    resized_.reset();
    suspended_.reset();
    continued_.reset();
    restore_keys();
    RunProgress::on_run_finished();
}

void LiveView::on_test_started(const run::TestCase& test) {
    const auto found = known_.find(test_key(test.path, test.name));
    if (found == known_.end()) {
        unknown_waiting_ -= unknown_waiting_ > 0 ? 1 : 0;
    } else {
        known_waiting_ -= found->second;
    }
}

void LiveView::count(const report::TestResult& result) {
    ++counts_.done;
    switch (result.outcome) {
        case report::OutcomeKind::Passed:
            break;
        case report::OutcomeKind::Failed:
        case report::OutcomeKind::Invalid:
            ++counts_.failed;
            break;
        case report::OutcomeKind::Cancelled:
            ++counts_.cancelled;
            break;
        case report::OutcomeKind::Skipped:
            ++counts_.skipped;
            break;
    }
}

void LiveView::on_test_finished(const run::TestCase&, const report::TestResult& result) {
    count(result);
    auto text = report::test_line(result, colors_);
    if (result.outcome == report::OutcomeKind::Failed) text += report::render_failure(result, colors_) + "\n";
    // Lines that wait for a slow terminal may be dropped.
    has_shown_failures_ = has_shown_failures_ && !console().is_behind();
    print(text);
}

// Ctrl-Z: the shell gets the terminal as it was.
void LiveView::suspend() {
    console().draw(erase());
    restore_keys();
    struct sigaction own {};
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    ::sigaction(SIGTSTP, &usual, &own);
    ::raise(SIGTSTP);  // returns when we are continued; at once if there is no shell that could do that
    ::sigaction(SIGTSTP, &own, nullptr);
    // The continuation has been dealt with; a new watch does not hear of it.
    watch_continuation();
    set_keys();
    draw();
}

// Without Ctrl-Z before, by SIGSTOP: a shell has set the terminal as it likes, and may have printed
// something.
void LiveView::watch_continuation() {
    continued_ = monitor()->loop().watch_signal(SIGCONT, [this] {
        if (!drawn_.empty() && !in_background()) console().draw("\n");
        drawn_.clear();
        restore_keys();
        set_keys();
        draw();
    });
}

// A tick that is late may come after a stop. The loop delivers the news of that after what its timers do, so
// it gets the time to, lest we draw where the block no longer is.
void LiveView::tick() {
    const auto now = monitor()->loop().now();
    postponed_ = !postponed_ && now > next_tick_ + kTick;
    if (postponed_) return timer_->arm(now + kTick / 10);
    set_keys();
    draw();
    next_tick_ = monitor()->loop().now() + kTick;
    timer_->arm(next_tick_);
}

LiveState LiveView::state() const {
    LiveState state{noun_, counts_, elapsed(), std::nullopt, monitor()->running()};
    // With `-j auto` there may be more than in the beginning.
    const auto jobs = std::max(jobs_, static_cast<int>(state.running.size()));
    state.left = estimate_left(state, known_, known_waiting_, unknown_waiting_, jobs);
    return state;
}

// Clears from the last line of the block to the first, and a line before what is below it: tmux keeps what is
// cleared at once from the very top of the screen. Lines that a narrower terminal has wrapped take several
// rows now.
std::string LiveView::erase() {
    measure();
    if (drawn_.empty()) return {};
    std::size_t rows = 0;
    for (const auto width : drawn_)
        rows += std::max<std::size_t>(1, (width + columns_ - 1) / columns_);
    drawn_.clear();
    std::string text = "\r\x1b[K\x1b[J";
    for (std::size_t row = 1; row < rows; ++row)
        text += "\x1b[A\x1b[K";
    return text;
}

// Who does not read what stands there gets nothing newer.
void LiveView::draw() {
    if (!console().is_behind()) print({});
}

void LiveView::print(std::string_view text) {
    std::string whole = erase();
    whole += text;
    if (monitor() != nullptr && !in_background()) {
        // The last column stays free: a full line would make some terminals wrap.
        const auto lines =
            live_block(state(), known_, columns_ > 1 ? columns_ - 1 : 1, rows_ > 3 ? rows_ - 2 : 1, colors_);
        for (const auto& line : lines) {
            if (!drawn_.empty()) whole += "\n";
            whole += line.text;
            drawn_.push_back(line.width);
        }
    }
    console().draw(whole);
}

void LiveView::measure() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0) return;
    if (size.ws_col > 0) columns_ = size.ws_col;
    if (size.ws_row > 0) rows_ = size.ws_row;
}

// Keys are taken one at a time and not echoed; those that make signals go on making them. They are read
// through a descriptor of our own, for the loop makes it one that does not block: the others are shared with
// our caller.
void LiveView::set_keys() {
    if (terminal_ || ::isatty(STDIN_FILENO) != 1 || ::tcgetpgrp(STDIN_FILENO) != ::getpgrp()) return;
    Fd terminal(::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC));
    if (!terminal || ::tcgetattr(terminal.get(), &before_) != 0) return;
    auto raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (::tcsetattr(terminal.get(), TCSANOW, &raw) != 0) return;
    terminal_ = std::move(terminal);
    keys_ = monitor()->loop().watch_readable(terminal_.get(), [this] { read_key(); });
}

void LiveView::restore_keys() {
    keys_.reset();
    // In the background this would stop us, and the shell has seen to it.
    if (terminal_ && ::tcgetpgrp(terminal_.get()) == ::getpgrp())
        ::tcsetattr(terminal_.get(), TCSANOW, &before_);
    terminal_.reset();
}

void LiveView::read_key() {
    char keys[64];
    const auto count = ::read(terminal_.get(), keys, sizeof keys);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return keys_.reset();
    if (std::find(keys, keys + count, 't') != keys + count) print_running();
}

}  // namespace relux::cli
