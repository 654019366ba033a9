#include "vm/run/near_miss_text.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utf8proc.h>

#include "vm/base/text.h"

namespace relux::run {

namespace {

constexpr char kEscape = '\x1b';

bool is_between(char byte, char first, char last) {
    return byte >= first && byte <= last;
}

/// The size of the escape sequence that `text` begins with; all of it where the end cuts the sequence.
std::size_t sequence_size(std::string_view text) {
    if (text.size() < 2) return text.size();
    std::size_t at = 1;
    if (text[1] == '[') {
        for (at = 2; at < text.size() && is_between(text[at], ' ', '?');)
            ++at;
        return std::min(at + 1, text.size());
    }
    if (std::string_view("]PX^_").find(text[1]) != std::string_view::npos) {
        const auto end = text.find_first_of("\x07\x1b", 2);
        if (end == std::string_view::npos) return text.size();
        return std::min(end + (text[end] == kEscape ? 2 : 1), text.size());
    }
    while (at < text.size() && is_between(text[at], ' ', '/'))
        ++at;
    return std::min(at + 1, text.size());
}

/// The size of the character that `text` begins with; a byte that is no UTF-8 is one.
std::size_t character_size(std::string_view text) {
    return std::max<std::size_t>(utf8_character_size(text), 1);
}

/// `change` is called with the rest of the text, its place and what to add to; gives how much it has dealt
/// with.
template <class Change>
ChangedText changed(std::string_view text, Change&& change) {
    ChangedText made;
    for (std::size_t at = 0; at < text.size();)
        at += change(text.substr(at), at, made);
    made.finish(text.size());
    return made;
}

std::size_t keep(std::string_view rest, std::size_t at, ChangedText& made) {
    made.add(rest.substr(0, 1), at);
    return 1;
}

std::size_t line_end_size(std::string_view rest) {
    if (rest.starts_with("\r\n")) return 2;
    return rest.starts_with('\n') ? 1 : 0;
}

}  // namespace

ChangedText::ChangedText(std::string_view text) : text_(text), end_(text.size()) {
    origins_.resize(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
        origins_[i] = static_cast<std::uint32_t>(i);
}

void ChangedText::add(std::string_view bytes, std::size_t origin) {
    text_ += bytes;
    origins_.insert(origins_.end(), bytes.size(), static_cast<std::uint32_t>(origin));
}

void ChangedText::rebase(const ChangedText& base) {
    for (auto& origin : origins_)
        origin = static_cast<std::uint32_t>(base.origin(origin));
    end_ = base.end_;
}

/// The characters of a line that is being drawn, and the column that comes next.
class LineCells {
  public:
    explicit LineCells(ChangedText& text) : text_(text) {}
    void print(std::string_view character, std::size_t origin) {
        const Cell cell{character, origin};
        if (column_ < cells_.size()) {
            cells_[column_] = cell;
        } else {
            cells_.push_back(cell);
        }
        ++column_;
    }
    void back() { column_ -= column_ > 0 ? 1 : 0; }
    void begin() { column_ = 0; }
    void end() {
        for (const auto& cell : cells_)
            text_.add(cell.character, cell.origin);
        cells_.clear();
        column_ = 0;
    }

  private:
    struct Cell {
        std::string_view character;
        std::size_t origin;
    };
    ChangedText& text_;
    std::vector<Cell> cells_;
    std::size_t column_ = 0;
};

namespace {

enum class Movement { Backspace, CarriageReturn };

ChangedText drawn(std::string_view text, Movement movement) {
    ChangedText made;
    LineCells line(made);
    for (std::size_t at = 0; at < text.size();) {
        const auto rest = text.substr(at);
        auto size = line_end_size(rest);
        if (size > 0) {
            line.end();
            made.add(rest.substr(0, size), at);
        } else if (movement == Movement::Backspace && rest[0] == '\b') {
            line.back();
            size = 1;
        } else if (movement == Movement::CarriageReturn && rest[0] == '\r') {
            line.begin();
            size = 1;
        } else {
            size = character_size(rest);
            line.print(rest.substr(0, size), at);
        }
        at += size;
    }
    line.end();
    made.finish(text.size());
    return made;
}

}  // namespace

ChangedText without_escape_sequences(std::string_view text) {
    return changed(text, [](std::string_view rest, std::size_t at, ChangedText& made) {
        return rest[0] == kEscape ? sequence_size(rest) : keep(rest, at, made);
    });
}

ChangedText without_nul_bytes(std::string_view text) {
    return changed(text, [](std::string_view rest, std::size_t at, ChangedText& made) {
        return rest[0] == '\0' ? 1 : keep(rest, at, made);
    });
}

ChangedText without_backspaces(std::string_view text) {
    return drawn(text, Movement::Backspace);
}

ChangedText without_redrawn_lines(std::string_view text) {
    return drawn(text, Movement::CarriageReturn);
}

ChangedText without_carriage_returns(std::string_view text) {
    return changed(text, [](std::string_view rest, std::size_t at, ChangedText& made) {
        return rest.starts_with("\r\n") ? 1 : keep(rest, at, made);
    });
}

ChangedText with_spaces_for_tabs(std::string_view text) {
    return changed(text, [](std::string_view rest, std::size_t at, ChangedText& made) {
        made.add(rest[0] == '\t' ? " " : rest.substr(0, 1), at);
        return 1;
    });
}

ChangedText with_spaces_for_no_break_spaces(std::string_view text) {
    return changed(text, [](std::string_view rest, std::size_t at, ChangedText& made) {
        for (const std::string_view space : {"\u00a0", "\u2007", "\u202f"}) {
            if (!rest.starts_with(space)) continue;
            made.add(" ", at);
            return space.size();
        }
        return keep(rest, at, made);
    });
}

// A letter and the marks behind it are composed together; other characters are left as they are.
ChangedText composed(std::string_view text) {
    return changed(text, [](std::string_view rest, std::size_t at, ChangedText& made) {
        std::size_t size = character_size(rest);
        while (size < rest.size() && static_cast<unsigned char>(rest[size]) >= 0xcc) {
            utf8proc_int32_t code = 0;
            const auto* const mark = reinterpret_cast<const utf8proc_uint8_t*>(rest.data() + size);
            const auto left = static_cast<utf8proc_ssize_t>(std::min<std::size_t>(rest.size() - size, 4));
            const auto taken = utf8proc_iterate(mark, left, &code);
            if (taken <= 0 || utf8proc_get_property(code)->combining_class == 0) break;
            size += static_cast<std::size_t>(taken);
        }
        utf8proc_uint8_t* normal = nullptr;
        const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(rest.data()),
                                         static_cast<utf8proc_ssize_t>(size), &normal,
                                         static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
        const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(normal, &std::free);
        made.add(length < 0 ? rest.substr(0, size)
                            : std::string_view(reinterpret_cast<const char*>(normal),
                                               static_cast<std::size_t>(length)),
                 at);
        return size;
    });
}

ChangedText with_spaces_for_line_breaks(std::string_view text) {
    return changed(text, [](std::string_view rest, std::size_t at, ChangedText& made) {
        const auto size = line_end_size(rest);
        if (size == 0) return keep(rest, at, made);
        made.add(" ", at);
        return size;
    });
}

ChangedText without_line_breaks(std::string_view text) {
    return changed(text, [](std::string_view rest, std::size_t at, ChangedText& made) {
        const auto size = line_end_size(rest);
        return size == 0 ? keep(rest, at, made) : size;
    });
}

}  // namespace relux::run
