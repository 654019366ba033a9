#include "frontend/workflow/path.h"

#include <algorithm>
#include <utility>

#include "frontend/workflow/text_cursor.h"

namespace relux::workflow {

namespace {

/// Characters of a name without quotes: those of variables, and what APIs put into keys.
bool is_member_part(char c) {
    constexpr std::string_view others = "$@:/#%+~";
    return is_name_part(c) || others.find(c) != std::string_view::npos;
}

class PathParser {
  public:
    explicit PathParser(std::string_view text) : cursor_(text) {}

    std::variant<Path, SyntaxError> parse() {
        if (cursor_.done()) return SyntaxError{0, "a path is empty; `$` is the whole document"};
        bool good = true;
        if (cursor_.take('$')) {
            if (!cursor_.done() && cursor_.peek() != '.' && cursor_.peek() != '[') {
                good = fail("`.` or `[` is wanted after `$`, not " + cursor_.shown_here());
            }
        } else {
            path_.shorthand = true;
            if (cursor_.peek() != '.' && cursor_.peek() != '[') {
                good = member_or_all();
            } else if (cursor_.peek() == '.' && cursor_.peek(1) != '.') {
                good = fail("a path begins with `$.` or with a name");
            }
        }
        while (good && !cursor_.done())
            good = step();
        if (!good) return error_;
        return std::move(path_);
    }

  private:
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
        while (!cursor_.done() && is_member_part(cursor_.peek()))
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
    Path path_;
    SyntaxError error_;
};

bool is_plain_member(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), is_member_part);
}

std::string quoted_text(std::string_view name) {
    std::string text = "\"";
    for (char c : name) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + "\"";
}

std::string number_text(const std::optional<std::int64_t>& number) {
    return number ? std::to_string(*number) : "";
}

}  // namespace

bool Path::gives_list() const {
    return std::any_of(steps.begin(), steps.end(), [](const PathStep& step) {
        return step.kind != PathStep::Kind::Member && step.kind != PathStep::Kind::Index;
    });
}

std::variant<Path, SyntaxError> parse_path(std::string_view text) {
    return PathParser(text).parse();
}

std::string to_string(const Path& path) {
    std::string text = "$";
    bool descending = false;
    for (const auto& step : path.steps) {
        std::string dot = descending ? "" : ".";  // `..` has them
        descending = step.kind == PathStep::Kind::Descend;
        switch (step.kind) {
            case PathStep::Kind::Member:
                text += is_plain_member(step.name) ? dot + step.name : "[" + quoted_text(step.name) + "]";
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
    return text;
}

}  // namespace relux::workflow
