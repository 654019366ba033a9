// Strings, docstrings, payloads and durations: everything in a line that is text rather than syntax.
#include <algorithm>
#include <charconv>

#include "frontend/lexer.h"
#include "vm/base/duration.h"
#include "vm/base/input_limits.h"

namespace relux::frontend {

namespace {

bool blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

template <class Line>
void for_each_line(std::string_view text, Line line) {
    for (std::size_t at = 0; at <= text.size();) {
        auto end = std::min(text.find('\n', at), text.size());
        line(text.substr(at, end - at), at == 0);
        at = end + 1;
    }
}

// Without the blank lines at both ends and the indentation that all lines but the first have in common.
std::string dedent(std::string_view text) {
    std::size_t common = std::string_view::npos;
    for_each_line(text, [&](std::string_view line, bool first) {
        if (!first && !blank(line)) common = std::min(common, line.find_first_not_of(" \t"));
    });
    std::string result;
    result.reserve(text.size() + 1);
    for_each_line(text, [&](std::string_view line, bool first) {
        if (blank(line)) {
            line = {};
        } else {
            line.remove_prefix(first ? line.find_first_not_of(" \t") : common);
        }
        result.append(line.substr(0, line.find_last_not_of(" \t") + 1));
        result.push_back('\n');
    });
    auto last = result.find_last_not_of('\n');
    if (last == std::string::npos) return {};
    result.resize(last + 1);
    result.erase(0, result.find_first_not_of('\n'));
    return result;
}

}  // namespace

bool Lexer::string(const char* begin) {
    emit(TokenKind::String, begin);
    TextPieces pieces(token_.payload, decoded_, parts_, text_, cursor_);
    scan_pieces(TextKind::String, pieces);
    token_.has_payload = true;
    if (*cursor_ == '"') {
        ++cursor_;
    } else {
        report(DiagnosticCode::ParseError, range(begin, cursor_),
               "parse error: unterminated string: expected `\"` before the end of the line");
    }
    extend_token(begin);
    return true;
}

bool Lexer::docstring(const char* begin) {
    bool statement = position_ == Position::Start && block() == Block::Scope;
    const char* content = cursor_;
    auto end = text_.find("\"\"\"", offset(content));
    emit(TokenKind::Docstring, begin);
    if (end == std::string_view::npos) {
        report(DiagnosticCode::ParseError, token_.range,
               "parse error: unterminated docstring: expected `\"\"\"` before the end of the file");
        for (cursor_ = line_end(begin); cursor_ + 1 < text_.data() + text_.size();
             cursor_ = line_end(cursor_)) {
            const char* line = cursor_;
            ++cursor_;
            while (*cursor_ == ' ' || *cursor_ == '\t')
                ++cursor_;
            bool resume = *cursor_ == '}' || header_here();
            if (resume) {
                cursor_ = line;
                break;
            }
        }
        end = offset(cursor_);
    } else {
        cursor_ = text_.data() + end + 3;
    }
    extend_token(begin);
    token_.text = decoded_.add(dedent(text_.substr(offset(content), end - offset(content))));
    if (statement) position_ = Position::Start;
    return true;
}

bool Lexer::timeout(const char* begin) {
    emit(TokenKind::Timeout, begin);
    token_.timeout = parse_timeout(begin, cursor_);
    return true;
}

// `<~10s?`, `<@2s=`, `<~5s{`, `<{`; also what lacks its last character.
bool Lexer::timed_operator(const char* begin) {
    char last = cursor_[-1];
    bool complete = last == '?' || last == '=' || last == '{';
    const char* duration_end = complete ? cursor_ - 1 : cursor_;
    if (!operator_position() || cursor_ == begin + 1) return emit_invalid(begin, cursor_);
    TokenKind kind = last == '{'   ? TokenKind::OpenMultiMatch
                     : last == '=' ? TokenKind::MatchLiteral
                                   : TokenKind::MatchRegex;
    emit(kind, begin);
    if (begin + 1 != duration_end) token_.timeout = parse_timeout(begin + 1, duration_end);
    if (!complete) {
        if (!reported_) {
            report(DiagnosticCode::ParseError, range(begin, cursor_),
                   "parse error: expected `?`, `=` or `{` after the duration",
                   "`<~10s? regex` waits for a regex, `<~10s= text` for a text");
        }
        cursor_ = line_end(begin);
    } else if (last == '{') {
        push_brace(Block::MultiMatch, cursor_ - 1);
    } else {
        TextKind text_kind = kind == TokenKind::MatchRegex ? TextKind::Regex : TextKind::Escaped;
        if (!blank(std::string_view(cursor_, line_end(cursor_)))) {
            take_payload(begin, text_kind);
        } else {
            cursor_ = line_end(cursor_);
        }
    }
    return true;
}

void Lexer::take_payload(const char* begin, TextKind text_kind) {
    while (*cursor_ == ' ' || *cursor_ == '\t')
        ++cursor_;
    TextPieces pieces(token_.payload, decoded_, parts_, text_, cursor_);
    scan_pieces(text_kind, pieces);
    token_.has_payload = true;
    extend_token(begin);
}

bool Lexer::payload(TokenKind kind, const char* begin, TextKind text_kind) {
    bool send = kind == TokenKind::SendLine || kind == TokenKind::SendRaw;
    if (send && !operator_position()) return emit_invalid(begin, cursor_);
    emit(kind, begin);
    const char* after = cursor_;
    take_payload(begin, text_kind);
    bool pattern =
        kind == TokenKind::AssertRegex || kind == TokenKind::EntryRegex || kind == TokenKind::EntryLiteral;
    if (pattern && blank(std::string_view(after, cursor_))) {
        bool literal = kind == TokenKind::EntryLiteral;
        report(DiagnosticCode::ParseError, range(begin, after),
               literal ? "parse error: expected text after `=`" : "parse error: expected regex after `?`");
    }
    return true;
}

bool Lexer::optional_payload(TokenKind kind, const char* begin, TextKind text_kind) {
    if (!operator_position()) return emit_invalid(begin, cursor_);
    emit(kind, begin);
    const char* end = line_end(cursor_);
    if (blank(std::string_view(cursor_, end))) {
        cursor_ = end;
    } else {
        take_payload(begin, text_kind);
    }
    return true;
}

TimeoutSyntax Lexer::parse_timeout(const char* begin, const char* end) {
    const auto kind = *begin == '@' ? TimeoutKind::Assertion : TimeoutKind::Tolerance;
    TimeoutSyntax timeout{{kind, Duration(0)}, range(begin, end)};
    std::string_view text(begin + 1, end);
    std::string prefix(1, *begin);
    if (text.empty()) {
        report(DiagnosticCode::BadDuration, timeout.range,
               "parse error: expected duration after `" + prefix + "`",
               "for example `" + prefix + "10s` or `" + prefix + "1m30s`");
        return timeout;
    }
    auto duration = parse_duration(text, false);
    if (duration) {
        timeout.value.written = *duration;
    } else {
        report(
            DiagnosticCode::BadDuration, {timeout.range.begin + 1, timeout.range.end},
            "parse error: expected duration, found `" + std::string(text) + "`: " + duration.error().message);
    }
    return timeout;
}

std::uint32_t Lexer::capture_number(const char* begin, const char* end) {
    std::uint32_t number = 0;
    auto [rest, error] = std::from_chars(begin, end, number);
    if (error == std::errc() && number <= kMaximumCapture) return number;
    report(DiagnosticCode::ParseError, range(begin, end),
           "parse error: expected capture number up to " + std::to_string(kMaximumCapture) + ", found `" +
               std::string(begin, end) + "`");
    return 0;
}

// Passes the backslash and what it escapes, but never the end of the line.
const char* Lexer::unknown_escape(TextKind kind, const char* begin) {
    if (begin[1] == '\n') {
        if (kind != TextKind::String) {
            report(DiagnosticCode::UnknownEscape, range(begin, begin + 1),
                   "parse error: unknown escape sequence `\\` at the end of the line",
                   "write `\\\\` for a backslash");
        }
        return begin + 1;
    }
    const char* end = begin + 1 + character_length(begin + 1);
    std::string sequence(begin, end);
    report(DiagnosticCode::UnknownEscape, range(begin, end),
           "parse error: unknown escape sequence `" + sequence + "`",
           "write `\\" + sequence + "` for a backslash");
    return end;
}

}  // namespace relux::frontend
