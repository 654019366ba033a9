// Diagnostics as text: the line with the place underlined, other places the same way, the hint last.
#include <algorithm>
#include <array>
#include <cstdint>
#include <utf8proc.h>

#include "frontend/diagnostic.h"
#include "frontend/text_pieces.h"
#include "vm/base/text.h"
#include "vm/base/utf8.h"

namespace relux::frontend {

namespace {

constexpr std::size_t widest_line = 120;    // characters of source shown at most
constexpr std::size_t context_before = 40;  // of them before the place, when the line is cut

struct Colors {
    std::string_view error, warning, note, place, gutter, bold, off;
};
constexpr Colors no_colors{};
constexpr Colors terminal_colors{"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[1;31m",
                                 "\x1b[34m",   "\x1b[1m",    "\x1b[0m"};

/// One line made printable: text and underline side by side, so that they cannot get out of step.
struct ShownLine {
    std::string text;
    std::string underline;
};

// A character of the source as it is shown; a tab stays a tab.
std::string shown_character(std::string_view character) {
    return character == "\t" ? std::string("\t") : visible(character, false);
}

// As a terminal shows it: two columns for wide characters, none for combining ones.
std::size_t columns(std::string_view shown) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < shown.size();) {
        const auto character = first_character(shown.substr(at));
        const bool good = character.code_point != Utf8Character::kNone;
        width += good ? static_cast<std::size_t>(
                            utf8proc_charwidth(static_cast<utf8proc_int32_t>(character.code_point)))
                      : 1;
        at += character.size;
    }
    return width;
}

std::size_t next_character(std::string_view line, std::size_t at) {
    return at + first_character(line.substr(at)).size;
}

// The part of the line that is shown when all of it is too much: [first, last) in bytes.
std::pair<std::size_t, std::size_t> window(std::string_view line, std::size_t begin) {
    if (line.size() <= widest_line) return {0, line.size()};
    std::size_t first = begin > context_before ? begin - context_before : 0;
    first = std::min(first, line.size() - widest_line);
    std::size_t last = first + widest_line;
    while (first > 0 && continues_character(line[first]))
        --first;
    while (last < line.size() && continues_character(line[last]))
        ++last;
    return {first, last};
}

ShownLine show_line(std::string_view line, std::size_t begin, std::size_t end) {
    ShownLine shown;
    auto [first, last] = window(line, std::min(begin, line.size()));
    if (first > 0) {
        shown.text = "…";
        shown.underline = " ";
    }
    for (std::size_t at = first; at < last;) {
        auto next = std::min(next_character(line, at), last);
        auto text = shown_character(line.substr(at, next - at));
        bool marked = at < end && next > begin;
        if (text == "\t" && !marked) {
            shown.underline += "\t";
        } else if (text == "\t") {
            text = "    ";  // a tab under the place would tear the underline
            shown.underline += "^^^^";
        } else {
            shown.underline.append(columns(text), marked ? '^' : ' ');
        }
        shown.text += text;
        at = next;
    }
    if (last < line.size()) shown.text += "…";
    // The place is the end of the line, or a character that takes no column.
    if (begin >= line.size() || shown.underline.find('^') == std::string::npos) shown.underline += "^";
    shown.underline.resize(shown.underline.find_last_of('^') + 1);
    return shown;
}

class Renderer {
  public:
    Renderer(std::size_t number_width, const Colors& colors) : width_(number_width), colors_(colors) {}

    void heading(std::string_view color, std::string_view label, std::string_view message) {
        paint(color, label);
        paint(colors_.bold, ": " + visible(message, false));
        out_ += "\n";
    }

    void place(const Source& source, SourceRange range) {
        auto position = source.position(range.begin);
        auto line = source.line(position.line);
        std::size_t begin = position.column - 1;
        std::size_t end = std::max<std::size_t>(
            begin + 1, std::min<std::size_t>(begin + range.end - range.begin, line.size()));
        auto shown = show_line(line, begin, end);
        out_.append(width_ + 1, ' ');
        paint(colors_.gutter, "-->");
        out_ += " " + visible(source.name(), false) + ":" + std::to_string(position.line) + ":" +
                std::to_string(position.column) + "\n";
        gutter("");
        out_ += "\n";
        gutter(std::to_string(position.line));
        out_ += " " + shown.text + "\n";
        gutter("");
        out_ += " ";
        paint(colors_.place, shown.underline);
        out_ += "\n";
    }

    void hint(std::string_view text) {
        out_.append(width_ + 2, ' ');
        paint(colors_.gutter, "=");
        out_ += " ";
        paint(colors_.bold, "hint");
        out_ += ": " + visible(text, false) + "\n";
    }

    std::string take() { return std::move(out_); }

  private:
    void paint(std::string_view color, std::string_view text) {
        out_.append(color).append(text).append(color.empty() ? "" : colors_.off);
    }
    void gutter(const std::string& number) {
        out_ += " ";
        paint(colors_.gutter, std::string(width_ - number.size(), ' ') + number + " |");
    }

    std::size_t width_;
    const Colors& colors_;
    std::string out_;
};

std::size_t number_width(const Diagnostic& diagnostic) {
    auto width = [](const Source* source, SourceRange range) {
        return source == nullptr ? std::size_t{1} : std::to_string(source->position(range.begin).line).size();
    };
    std::size_t widest = width(diagnostic.source, diagnostic.range);
    for (const auto& note : diagnostic.notes)
        widest = std::max(widest, width(note.source, note.range));
    return widest;
}

}  // namespace

std::string render(const Diagnostic& diagnostic, bool color) {
    const auto& info = diagnostic_info(diagnostic.code);
    const Colors& colors = color ? terminal_colors : no_colors;
    bool error = info.severity == Severity::Error;
    Renderer renderer(number_width(diagnostic), colors);
    renderer.heading(error ? colors.error : colors.warning,
                     std::string(error ? "error" : "warning") + "[" + std::string(info.code) + "]",
                     diagnostic.message);
    if (diagnostic.source != nullptr) renderer.place(*diagnostic.source, diagnostic.range);
    if (!diagnostic.hint.empty()) renderer.hint(diagnostic.hint);
    for (const auto& note : diagnostic.notes) {
        renderer.heading(colors.note, "note", note.text);
        if (note.source != nullptr) renderer.place(*note.source, note.range);
    }
    return renderer.take();
}

}  // namespace relux::frontend
