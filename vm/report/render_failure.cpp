// A failure as text. Always shows all that the failure holds, in one order: summary, chain, time-out, output,
// notes; nothing that a shell printed reaches the terminal as a control sequence.
#include "vm/report/render_failure.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <utility>

#include "vm/base/columns.h"
#include "vm/base/duration.h"
#include "vm/base/input_limits.h"
#include "vm/base/text.h"

namespace relux::report {

namespace {

struct Style {
    std::string_view summary;
    std::string_view place;
    std::string_view underline;
    std::string_view note;
    std::string_view reset;
};
constexpr Style kPlain = {"", "", "", "", ""};
constexpr Style kColored = {"\x1b[1;31m", "\x1b[2m", "\x1b[31m", "\x1b[36m", "\x1b[0m"};

// Visible text in which tabs stay tabs, so that an underline below it can keep in step.
std::string visible_source(std::string_view text) {
    std::string shown;
    while (true) {
        auto tab = text.find('\t');
        shown += visible(text.substr(0, tab), false);
        if (tab == std::string_view::npos) return shown;
        shown += '\t';
        text.remove_prefix(tab + 1);
    }
}

std::string underline(const SourcePlace& place, const Style& style) {
    std::string_view text = place.text;
    auto begin = std::min<std::size_t>(place.column == 0 ? 0 : place.column - 1, text.size());
    auto end = std::clamp<std::size_t>(place.end_column == 0 ? 0 : place.end_column - 1, begin, text.size());
    std::string line;
    auto before = visible_source(text.substr(0, begin));
    for (std::string_view rest = before; !rest.empty();) {
        const auto tab = rest.find('\t');
        line.append(columns_of(rest.substr(0, tab)), ' ');
        if (tab == std::string_view::npos) break;
        line += '\t';
        rest.remove_prefix(tab + 1);
    }
    line += style.underline;
    const auto width = columns_of(visible_source(text.substr(begin, end - begin)));
    line.append(std::max<std::size_t>(1, width), '^');
    line += style.reset;
    return line;
}

std::string place_name(const SourcePlace& place) {
    auto name = visible(place.file, false);
    if (place.line != 0) name += ":" + std::to_string(place.line);
    if (place.line != 0 && place.column != 0) name += ":" + std::to_string(place.column);
    return name;
}

std::string gutter(std::string_view number, std::size_t width) {
    return "    " + std::string(width - number.size(), ' ') + std::string(number) + " | ";
}

/// How many in the middle of so many frames are only counted.
std::size_t left_out_of(std::size_t frames) {
    return frames > 2 * kMostFrames + 1 ? frames - 2 * kMostFrames : 0;
}

std::string render_chain(const std::vector<FailureFrame>& chain, const Style& style) {
    std::size_t width = 1;
    for (const auto& frame : chain)
        width = std::max(width, std::to_string(frame.place.line).size());
    std::string text;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        if (const auto left_out = left_out_of(chain.size()); left_out > 0 && i == kMostFrames) {
            text += "  ... " + std::to_string(left_out) + " more places ...\n";
            i += left_out;
        }
        const auto& frame = chain[i];
        text += "  ";
        if (!frame.place.file.empty())
            text.append(style.place).append(place_name(frame.place)).append(style.reset);
        if (!frame.place.file.empty() && !frame.what.empty()) text += ": ";
        text += visible(frame.what, false);
        text += '\n';
        if (frame.place.text.empty()) continue;
        text += gutter(std::to_string(frame.place.line), width) + visible_source(frame.place.text) + "\n";
        if (&frame == &chain.back()) text += gutter("", width) + underline(frame.place, style) + "\n";
    }
    return text;
}

// At least one decimal, so that a multiplier never looks like a count: 2.0, 1.5, 2.25.
std::string multiplier_text(double multiplier) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.6g", multiplier);
    std::string text = digits.data();
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string render_timeout(const AppliedTimeout& timeout) {
    std::string text = "  time-out: " + describe_duration(timeout.timeout.written);
    text += timeout.timeout.is_assertion() ? " assertion, never scaled" : " tolerance";
    if (!timeout.timeout.is_assertion() && timeout.multiplier != 1.0) {
        text += " x " + multiplier_text(timeout.multiplier) + " = " + describe_duration(timeout.effective);
    }
    if (!timeout.origin.empty()) text += ", from " + visible(timeout.origin, false);
    return text + "\n";
}

/// Blanks in a row that are written out; more are counted.
constexpr std::size_t kMostBlanks = 24;
constexpr std::size_t kMostEmptyLines = 2;
/// Lines of the output that are shown, at its beginning and at its end.
constexpr std::size_t kHeadLines = 10;
constexpr std::size_t kTailLines = 20;

std::string with_blanks_counted(std::string_view line) {
    std::string text;
    while (!line.empty()) {
        const auto word = std::min(line.find(' '), line.size());
        text += line.substr(0, word);
        line.remove_prefix(word);
        const auto blanks = std::min(line.find_first_not_of(' '), line.size());
        text += blanks > kMostBlanks ? " (" + std::to_string(blanks) + " spaces) " : std::string(blanks, ' ');
        line.remove_prefix(blanks);
    }
    return text;
}

void append_empty_lines(std::vector<std::string>& lines, std::size_t count) {
    if (count > kMostEmptyLines) {
        lines.push_back("    (" + std::to_string(count) + " empty lines)\n");
    } else {
        lines.insert(lines.end(), count, "    | \n");
    }
}

/// One element for each line that is shown.
std::vector<std::string> output_lines(std::string_view output) {
    std::vector<std::string> lines;
    std::size_t empty = 0;
    while (!output.empty()) {
        const auto newline = output.find('\n');
        auto line = output.substr(0, newline);
        output.remove_prefix(newline == std::string_view::npos ? output.size() : newline + 1);
        // The terminal itself puts a \r before every newline; one that a program wrote there says nothing
        // either.
        if (newline != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) {
            ++empty;
            continue;
        }
        append_empty_lines(lines, std::exchange(empty, 0));
        lines.push_back("    | " + with_blanks_counted(visible(line, false)) + "\n");
    }
    append_empty_lines(lines, empty);
    return lines;
}

std::string left_out(std::uint64_t count, std::string_view what) {
    return "    (" + std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s") +
           " left out)\n";
}

void append_all(std::string& text, std::span<const std::string> lines) {
    for (const auto& line : lines)
        text += line;
}

std::string render_output(const Failure& failure) {
    std::string text = "  output after the cursor";
    if (!failure.output_of.empty()) text = "  output of " + visible(failure.output_of, false);
    if (failure.output_of.empty() && !failure.shell.empty())
        text += " of shell '" + visible(failure.shell, false) + "'";
    text += ":";
    if (failure.output_tail.empty() && failure.output_omitted == 0) return text + " (nothing)\n";
    text += "\n";
    const auto head = output_lines(failure.output_head);
    const auto tail = output_lines(failure.output_tail);
    const std::span<const std::string> all(tail);
    if (failure.output_omitted != 0 || !head.empty()) {
        append_all(text, std::span(head).first(std::min(head.size(), kHeadLines)));
        if (head.size() > kHeadLines) text += left_out(head.size() - kHeadLines, "line");
        if (failure.output_omitted != 0) text += left_out(failure.output_omitted, "byte");
        if (all.size() > kTailLines) text += left_out(all.size() - kTailLines, "line");
        append_all(text, all.last(std::min(all.size(), kTailLines)));
    } else if (all.size() > kHeadLines + kTailLines) {
        append_all(text, all.first(kHeadLines));
        text += left_out(all.size() - kHeadLines - kTailLines, "line");
        append_all(text, all.last(kTailLines));
    } else {
        append_all(text, all);
    }
    return text;
}

/// The innermost call first; one was made where the step before it is.
std::string render_call_stack(const std::vector<FailureFrame>& chain) {
    std::string text = "  Call stack:\n";
    const auto count = static_cast<std::size_t>(
        std::count_if(chain.begin(), chain.end(), [](const auto& frame) { return !frame.call.empty(); }));
    std::size_t number = 0;
    for (std::size_t i = chain.size(); i-- > 0;) {
        const auto& frame = chain[i];
        if (frame.call.empty()) continue;
        if (const auto left_out = left_out_of(count); left_out > 0 && number >= kMostFrames) {
            const auto after = number++ - kMostFrames;
            if (after == 0) text += "    ... " + std::to_string(left_out) + " more calls ...\n";
            if (after < left_out) continue;
        } else {
            ++number;
        }
        const bool is_call = frame.call.starts_with("call ");
        const auto& place = is_call && i > 0 ? chain[i - 1].place : frame.place;
        text.append("    ").append(visible(frame.call, false));
        if (!place.file.empty()) text += " at " + place_name(place);
        text += "\n";
    }
    return text;
}

std::string render_sentences(std::string_view word, const std::vector<std::string>& sentences,
                             const Style& style) {
    std::string text;
    for (const auto& sentence : sentences) {
        text.append("  ")
            .append(style.note)
            .append(word)
            .append(":")
            .append(style.reset)
            .append(" ")
            .append(visible(sentence, false))
            .append("\n");
    }
    return text;
}

}  // namespace

std::string render_failure(const TestResult& result, bool color) {
    const auto& style = color ? kColored : kPlain;
    std::string text;
    if (result.failure) {
        const auto& failure = *result.failure;
        text.append(style.summary).append(visible(failure.summary, true)).append(style.reset).append("\n");
        text += render_chain(failure.chain, style);
        if (failure.context.type == "fn") text += render_call_stack(failure.chain);
        for (const auto& pattern : failure.patterns)
            text.append("  ").append(visible(pattern, false)).append("\n");
        if (failure.timeout) text += render_timeout(*failure.timeout);
        if (!failure.shell_state.empty())
            text += "  shell '" + visible(failure.shell, false) +
                    "': " + visible(failure.shell_state, false) + "\n";
        if (!failure.shell.empty() || !failure.output_tail.empty()) text += render_output(failure);
        text += render_sentences("note", failure.notes, style);
    }
    text += render_sentences("warning", result.warnings, style);
    return text;
}

}  // namespace relux::report
