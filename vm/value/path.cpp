#include "vm/value/path.h"

#include <algorithm>
#include <utility>

#include "vm/value/text_cursor.h"

namespace relux::value {

namespace {

bool is_in(char c, std::string_view characters) {
    return characters.find(c) != std::string_view::npos;
}

bool is_member_part(char c, PathNames names) {
    if (names == PathNames::Written) return is_name_part(c) || is_in(c, "$@:/#%+~");
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F && !is_in(c, ".[]*\"'(){},");
}

/// Without the white space at its end, unless it is nothing else.
std::string_view without_end(std::string_view text) {
    const auto end = text.find_last_not_of(" \t\r\n");
    return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

class PathParser {
  public:
    PathParser(std::string_view text, PathNames names)
        : cursor_(names == PathNames::Computed ? without_end(text) : text), names_(names) {}

    std::variant<Path, SyntaxError> parse() {
        if (names_ == PathNames::Computed) cursor_.skip_spaces();
        if (cursor_.done()) return SyntaxError{0, "a path is empty; `$` is the whole document"};
        bool good = start();
        while (good && !cursor_.done())
            good = step();
        if (!good) return error_;
        return std::move(path_);
    }

  private:
    bool start() {
        const bool goes_on = cursor_.peek() == '.' || cursor_.peek() == '[';
        if (cursor_.take('$')) {
            return cursor_.done() || cursor_.peek() == '.' || cursor_.peek() == '[' ||
                   fail("`.` or `[` is wanted after `$`, not " + cursor_.shown_here());
        }
        if (goes_on) {
            return cursor_.peek() == '[' || cursor_.peek(1) == '.' ||
                   fail("a path begins with `$.` or with a name");
        }
        if (!member_or_all()) return false;
        path_.response = path_.steps.front().name == "res";
        return true;
    }

    bool fail(std::string message) {
        error_ = {cursor_.at(), std::move(message)};
        return false;
    }

    bool step() {
        if (cursor_.take("..")) {
            add(PathStep::Kind::Descend);
            return cursor_.take('[') ? bracket() : member_or_all();
        }
        if (cursor_.take('.')) return member_or_all();
        if (cursor_.take('[')) return bracket();
        if (cursor_.peek() == ']') return fail("a `]` that nothing opened");
        return fail("a name cannot hold " + cursor_.shown_here() + "; write it in brackets: [\"a name\"]");
    }

    bool add(PathStep::Kind kind, std::string name = {}) {
        auto& step = path_.steps.emplace_back();
        step.kind = kind;
        step.name = std::move(name);
        return true;
    }

    bool member_or_all() {
        if (cursor_.take('*')) return add(PathStep::Kind::Wildcard);
        auto begin = cursor_.at();
        while (!cursor_.done() && is_member_part(cursor_.peek(), names_))
            cursor_.skip();
        auto name = cursor_.since(begin);
        if (!name.empty()) return add(PathStep::Kind::Member, std::string(name));
        if (cursor_.done()) return fail("a name is missing at the end");
        if (cursor_.peek() == '{') return fail("a `{` in a path; a template is written `{{ name }}`");
        return fail("a name is missing before " + cursor_.shown_here());
    }

    bool bracket() {
        cursor_.skip_spaces();
        char next = cursor_.peek();
        if (next == '"' || next == '\'') return quoted_text();
        if (next == '?' || next == '(') return fail("filters are not supported");
        PathStep step;
        if (cursor_.take('*')) {
            step.kind = PathStep::Kind::Wildcard;
        } else if (!numbers(step)) {
            return false;
        }
        if (cursor_.peek() == ',') return fail("lists of indexes are not supported");
        path_.steps.push_back(std::move(step));
        return close();
    }

    /// `3`, `-1`, `1:3`, `:3`, `1:`, `:`
    bool numbers(PathStep& step) {
        if (!number(step.begin)) return false;
        cursor_.skip_spaces();
        if (!cursor_.take(':')) {
            if (!step.begin) {
                return fail("a number, `*`, a slice `a:b` or a quoted name is wanted after `[`, not " +
                            cursor_.shown_here());
            }
            step.kind = PathStep::Kind::Index;
            step.index = *std::exchange(step.begin, std::nullopt);
            return true;
        }
        step.kind = PathStep::Kind::Slice;
        cursor_.skip_spaces();
        if (!number(step.end)) return false;
        cursor_.skip_spaces();
        return cursor_.peek() != ':' || fail("a slice has no step width");
    }

    bool number(std::optional<std::int64_t>& value) {
        auto begin = cursor_.at();
        if (cursor_.peek() == '-') cursor_.skip();
        while (is_digit(cursor_.peek()))
            cursor_.skip();
        auto text = cursor_.since(begin);
        if (text.empty()) return true;
        value = to_integer(text);
        if (value) return true;
        cursor_.go_back(begin);
        return fail(text == "-" ? "a number is missing after `-`" : "the number is too large");
    }

    /// The cursor is on the quote behind the bracket.
    bool quoted_text() {
        std::string name;
        switch (cursor_.take_string(name)) {
            case TextCursor::StringEnd::Open:
                return fail("the quoted name is not ended");
            case TextCursor::StringEnd::BadEscape:
                return fail("an unknown escape");
            case TextCursor::StringEnd::Closed:
                break;
        }
        return close() && add(PathStep::Kind::Member, std::move(name));
    }

    bool close() {
        cursor_.skip_spaces();
        return cursor_.take(']') || fail("`]` is wanted, not " + cursor_.shown_here());
    }

    TextCursor cursor_;
    PathNames names_;
    Path path_;
    SyntaxError error_;
};

/// `$` at the front would be the document.
bool is_plain_name(std::string_view name, PathNames names) {
    return !name.empty() && name.front() != '$' &&
           std::all_of(name.begin(), name.end(), [names](char c) { return is_member_part(c, names); });
}

std::string number_text(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : "";
}

/// `separator` stands before a name that follows without a bracket.
void append_step(std::string& text, const PathStep& step, std::string_view separator, PathNames names) {
    switch (step.kind) {
        case PathStep::Kind::Member:
            if (is_plain_name(step.name, names)) {
                text.append(separator).append(step.name);
            } else {
                text += "[" + quoted_text(step.name) + "]";
            }
            break;
        case PathStep::Kind::Index:
            text += "[" + std::to_string(step.index) + "]";
            break;
        case PathStep::Kind::Wildcard:
            text += "[*]";
            break;
        case PathStep::Kind::Slice:
            text += "[" + number_text(step.begin) + ":" + number_text(step.end) + "]";
            break;
        case PathStep::Kind::Descend:
            text += "..";
            break;
    }
}

std::string steps_text(std::string text, const std::vector<PathStep>& steps, std::size_t count = SIZE_MAX,
                       PathNames names = PathNames::Computed) {
    bool after_dots = text.empty();
    for (std::size_t i = 0; i < std::min(count, steps.size()); ++i) {
        append_step(text, steps[i], after_dots ? "" : ".", names);
        after_dots = steps[i].kind == PathStep::Kind::Descend;
    }
    return text;
}

}  // namespace

PathStep PathStep::member(std::string name) {
    PathStep step;
    step.name = std::move(name);
    return step;
}

PathStep PathStep::element(std::int64_t index) {
    PathStep step;
    step.kind = Kind::Index;
    step.index = index;
    return step;
}

bool Path::gives_list() const {
    return std::any_of(steps.begin(), steps.end(), [](const PathStep& step) {
        return step.kind != PathStep::Kind::Member && step.kind != PathStep::Kind::Index;
    });
}

std::variant<Path, SyntaxError> parse_path(std::string_view text, PathNames names) {
    return PathParser(text, names).parse();
}

std::string to_string(const Path& path) {
    return steps_text(path.response ? "" : "$", path.steps);
}

std::string variable_text(const Path& path, std::size_t count) {
    return steps_text("", path.steps, count);
}

std::string written_variable(const Path& path) {
    return steps_text("", path.steps, SIZE_MAX, PathNames::Written);
}

}  // namespace relux::value
