// Decides what a lexeme means where it stands. The state is small: the block, the place in the statement, the
// keyword that opened the statement, and the depth of parentheses.
#include "frontend/lexer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace relux::frontend {

namespace {

struct TokenText {
    std::string_view name;
    std::string_view spelling;
};
constexpr auto token_texts = std::to_array<TokenText>({
#define TOKEN(name, spelling, value) {#name, spelling},
#include "frontend/tokens.def"
#undef TOKEN
});

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Whether one letter more, less or other, or a swap of two neighbours, makes `a` of `b`.
bool is_one_slip(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > 1) return false;
    std::size_t same = 0;
    while (same < a.size() && a[same] == b[same])
        ++same;
    if (a.size() != b.size()) return a.substr(same) == b.substr(same + 1);
    if (same == a.size()) return false;
    if (a.substr(same + 1) == b.substr(same + 1)) return true;
    return same + 1 < a.size() && a[same] == b[same + 1] && a[same + 1] == b[same] &&
           a.substr(same + 2) == b.substr(same + 2);
}

/// The marker that the word was probably meant to be, else empty. Short words are one letter from too many
/// others.
std::string_view misspelt_marker(std::string_view word) {
    constexpr std::size_t kShortest = 4;
    for (const std::string_view marker : {"skip", "run", "flaky"}) {
        const bool same = std::equal(word.begin(), word.end(), marker.begin(), marker.end(),
                                     [](char a, char b) { return lower(a) == b; });
        if (same || (word.size() >= kShortest && marker.size() >= kShortest && is_one_slip(word, marker)))
            return marker;
    }
    return {};
}

}  // namespace

std::string_view token_name(TokenKind kind) {
    return token_texts.at(static_cast<std::size_t>(kind)).name;
}
std::string_view token_spelling(TokenKind kind) {
    return token_texts.at(static_cast<std::size_t>(kind)).spelling;
}

Lexer::Lexer(const Source& source, Edition edition, DiagnosticSink& sink, DecodedTexts decoded,
             Arena& scratch)
    : source_(source),
      edition_(edition),
      sink_(sink),
      decoded_(decoded),
      parts_(scratch),
      text_(source.text()),
      cursor_(text_.data()) {}

Token& Lexer::next() {
    previous_ = token_.kind;
    for (;;) {
        if (close_down_to_ && close_missing()) return token_;
        if (block() == Block::MultiMatch) {
            if (scan_entry()) return token_;
            continue;
        }
        if (in_list() && fresh_line_ && header_here()) {
            missing_brace(cursor_, braces_.size() - 1);
            continue;
        }
        if (scan_code()) return token_;
    }
}

bool Lexer::operator_position() const {
    return position_ != Position::Inside && !in_list() && header_ != TokenKind::Marker;
}

// The statement began with an expression, and its outermost level is reached.
bool Lexer::expression_statement() const {
    return header_ == TokenKind::End && position_ == Position::Inside && parentheses_ == 0 && !in_list() &&
           block() != Block::Module;
}

bool Lexer::entry_position() const {
    return token_.kind == TokenKind::OpenList || token_.kind == TokenKind::Newline ||
           (token_.kind == TokenKind::Comma && parentheses_ == 0);
}

bool Lexer::emit(TokenKind kind, const char* begin) {
    bool first = position_ == Position::Start;
    if (first || (in_list() && entry_position())) reported_ = false;
    token_.kind = kind;
    token_.block = block();
    token_.header = header_;
    token_.in_parentheses = parentheses_ > 0;
    token_.has_payload = false;
    token_.timeout.reset();
    extend_token(begin);
    if (first) token_.first = token_.range;
    fresh_line_ = false;
    position_ = kind == TokenKind::Bind || kind == TokenKind::Equals ? Position::Value : Position::Inside;
    if (kind == TokenKind::RightParenthesis && parentheses_ > 0) --parentheses_;
    if (kind == TokenKind::Comma && in_list() && parentheses_ == 0) silent_ = false;
    return true;
}

void Lexer::extend_token(const char* begin) {
    token_.range = range(begin, cursor_);
    token_.text = std::string_view(begin, cursor_);
}

bool Lexer::emit_invalid(const char* begin, const char* end) {
    cursor_ = end;
    return emit(TokenKind::Invalid, begin);
}

bool Lexer::end_statement(const char* begin) {
    emit(TokenKind::Eol, begin);
    position_ = Position::Start;
    last_header_ = std::exchange(header_, TokenKind::End);
    parentheses_ = 0;
    called_ = false;
    silent_ = false;
    return true;
}

bool Lexer::newline(const char* begin) {
    bool made = false;
    switch (block()) {
        case Block::ImportList:
            break;
        case Block::Overlay:
            if (parentheses_ == 0 && entry_position()) break;
            parentheses_ = 0;
            silent_ = false;
            made = emit(TokenKind::Newline, begin);
            break;
        case Block::Module:
        case Block::Scope:
        case Block::Statements:
        case Block::MultiMatch:
            if (position_ != Position::Start) made = end_statement(begin);
            break;
    }
    fresh_line_ = true;
    return made;
}

bool Lexer::end_of_file(const char* begin) {
    if (begin != text_.data() + text_.size()) return emit_invalid(begin, begin + 1);
    cursor_ = begin;
    if (!braces_.empty()) {
        missing_brace(begin, 0);
        return false;
    }
    position_ = Position::Start;
    return emit(TokenKind::End, begin);
}

bool Lexer::comment(const char* begin) {
    bool between = in_list() ? fresh_line_ || entry_position() : position_ == Position::Start;
    cursor_ = line_end(begin);
    if (between) return false;
    emit(TokenKind::Invalid, begin);
    token_.range.end = token_.range.begin + 2;
    token_.text = token_.text.substr(0, 2);
    return true;
}

bool Lexer::hash(const char* begin) {
    bool between = in_list() ? fresh_line_ : position_ == Position::Start;
    if (!between) return emit_invalid(begin, line_end(begin));
    if (block() == Block::Module) {
        const char* word = begin + 1;
        while (*word == ' ' || *word == '\t')
            ++word;
        const char* end = word;
        while (is_word(*end))
            ++end;
        std::string_view text(word, end);
        if (text == "skip" || text == "run" || text == "flaky") {
            cursor_ = end;
            emit(TokenKind::Marker, begin);
            token_.text = text;
            token_.header = header_ = TokenKind::Marker;
            return true;
        }
        warn_misspelt_marker(text);
    }
    cursor_ = line_end(begin);
    return false;
}

// The line is a comment: a marker that is misspelt would be left out without a word.
void Lexer::warn_misspelt_marker(std::string_view word) {
    const std::string_view meant = misspelt_marker(word);
    if (meant.empty()) return;
    const std::string shown(word);
    sink_.report(
        {DiagnosticCode::MisspeltMarker,
         &source_,
         range(word.data(), word.data() + word.size()),
         "misspelt marker: the line is a comment, since `" + shown + "` is none of `skip`, `run` and `flaky`",
         {},
         "write `# " + std::string(meant) + "`, or `//` before a comment"});
}

bool Lexer::keyword(TokenKind kind, const char* begin) {
    if (kind == TokenKind::If || kind == TokenKind::Unless) {
        return emit(token_.kind == TokenKind::Marker ? kind : TokenKind::Name, begin);
    }
    if (kind == TokenKind::Var) return emit(token_.kind == TokenKind::Expose ? kind : TokenKind::Name, begin);
    if (block() == Block::Overlay && entry_position()) return emit(TokenKind::Name, begin);
    if (token_.kind == TokenKind::Slash ||
        (token_.kind == TokenKind::Import && header_ == TokenKind::Import)) {
        return emit(TokenKind::Name, begin);  // a segment of a path may be any word
    }
    if (position_ == Position::Start) return keyword_at_start(kind, begin);
    return emit(kind, begin);
}

// A declaration or shell block that begins inside another one says that a brace is missing before it, unless
// it is indented as if it were meant to be nested.
bool Lexer::keyword_at_start(TokenKind kind, const char* begin) {
    if (!braces_.empty() && first_on_line(begin)) {
        bool function = kind == TokenKind::Fn || kind == TokenKind::Pure;
        bool declaration = kind == TokenKind::Test || kind == TokenKind::Effect || kind == TokenKind::Import;
        bool block_of_scope = kind == TokenKind::Shell || kind == TokenKind::Cleanup;
        auto column = indentation(begin);
        std::optional<std::size_t> keep;
        if (declaration || (function && column <= braces_.front().indentation)) keep = 0;
        if (block_of_scope && block() == Block::Statements && braces_.size() > 1 &&
            column <= braces_.back().indentation) {
            keep = braces_.size() - 1;
        }
        if (keep) {
            missing_brace(begin, *keep);
            return false;
        }
    }
    emit(kind, begin);
    token_.header = header_ = kind;
    return true;
}

bool Lexer::equals(const char* begin) {
    if (edition_ == Edition::V0_8 && expression_statement()) {
        return payload(TokenKind::AssertEqual, begin, TextKind::Escaped);
    }
    return emit(TokenKind::Equals, begin);
}

bool Lexer::double_equals(const char* begin) {
    bool statement = expression_statement();
    std::string hint;
    if (header_ == TokenKind::Marker) {
        hint = "in a marker one `=` compares for equality";
    } else if (!statement) {
        hint = edition_ == Edition::V0_8 ? "`:=` binds a value to a name" : "`=` binds a value to a name";
    } else if (edition_ == Edition::V0_8) {
        hint = "`value = text` checks that a value is that text, `value ? regex` that it matches";
    } else {
        hint = "`value ? regex` checks a value: `value ? ^text$`";
    }
    if (position_ == Position::Start) reported_ = false;
    if (statement) {
        emit(TokenKind::AssertEqual, begin);
        report(DiagnosticCode::NoEqualityOperator, token_.range, "parse error: there is no `==` operator",
               hint);
        silent_ = true;
        take_payload(begin, TextKind::Escaped);
        return true;
    }
    emit(edition_ == Edition::V0_8 && header_ != TokenKind::Marker ? TokenKind::Bind : TokenKind::Equals,
         begin);
    report(DiagnosticCode::NoEqualityOperator, token_.range, "parse error: there is no `==` operator", hint);
    return true;
}

bool Lexer::question(const char* begin) {
    if (in_list() || parentheses_ > 0 || position_ == Position::Start) return emit_invalid(begin, begin + 1);
    return payload(TokenKind::AssertRegex, begin, TextKind::Regex);
}

bool Lexer::arrow(const char* begin) {
    if (operator_position()) return payload(TokenKind::SendRaw, begin, TextKind::Escaped);
    if (edition_ == Edition::V0_8 && expression_statement()) {
        cursor_ = begin + 1;  // `value =>text`: the text begins with `>`
        return payload(TokenKind::AssertEqual, begin, TextKind::Escaped);
    }
    return emit_invalid(begin, cursor_);
}

bool Lexer::left_parenthesis(const char* begin) {
    constexpr std::uint32_t deepest = 200;  // trees are walked by recursion
    called_ = true;
    if (++parentheses_ <= deepest) return emit(TokenKind::LeftParenthesis, begin);
    if (!reported_) {
        report(DiagnosticCode::LimitExceeded, range(begin, cursor_),
               "parse error: limit exceeded: calls are nested more than 200 deep");
    }
    return emit_invalid(begin, line_end(begin));
}

bool Lexer::number(const char* begin) {
    bool digits = std::all_of(begin, cursor_, [](char c) { return c >= '0' && c <= '9'; });
    return emit(digits ? TokenKind::Number : TokenKind::Invalid, begin);
}

bool Lexer::capture(const char* begin) {
    emit(TokenKind::Capture, begin);
    token_.capture = capture_number(begin + 1, cursor_);
    return true;
}

const char* Lexer::line_end(const char* at) const {
    const char* end = text_.data() + text_.size();
    const auto* found = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    return found != nullptr ? found : end;
}

// Asked for every brace, of which one line may hold any number: a line is looked at once.
const Lexer::Line& Lexer::line_of(const char* at) {
    if (line_.begin != nullptr && line_.begin <= at && at <= line_.end) return line_;
    line_.begin = at;
    while (line_.begin > text_.data() && line_.begin[-1] != '\n')
        --line_.begin;
    line_.first = line_.begin;
    while (*line_.first == ' ' || *line_.first == '\t')
        ++line_.first;
    line_.end = line_end(at);
    return line_;
}

std::uint32_t Lexer::indentation(const char* at) {
    const Line& line = line_of(at);
    return static_cast<std::uint32_t>(line.first - line.begin);
}

bool Lexer::first_on_line(const char* at) {
    return at <= line_of(at).first;
}

void Lexer::report(DiagnosticCode code, SourceRange place, std::string message, std::string hint,
                   std::vector<DiagnosticNote> notes) {
    if (silent_) return;
    reported_ = true;
    sink_.report({code, &source_, place, std::move(message), std::move(notes), std::move(hint)});
}

}  // namespace relux::frontend
