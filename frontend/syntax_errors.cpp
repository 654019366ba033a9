// The words of syntax errors: what was expected at a token that nothing allows, what was found, and the way
// out for the usual causes. One mistake gives one message: what only follows from an earlier one is dropped
// here.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "frontend/syntax_builder.h"
#include "vm/base/text.h"
#include "vm/base/utf8.h"

namespace relux::frontend {

namespace {

using Kinds = std::vector<TokenKind>;

bool contains(const Kinds& kinds, TokenKind kind) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool is_keyword(TokenKind kind) {
    return kind >= TokenKind::Fn && kind <= TokenKind::Var;
}

// Takes a whole line or begins one, so it never stands in a test outside a shell.
bool is_shell_operator(TokenKind kind) {
    return (kind >= TokenKind::SendLine && kind <= TokenKind::OpenMultiMatch) ||
           kind == TokenKind::FailRegex || kind == TokenKind::FailLiteral || kind == TokenKind::Timeout;
}

// The statement began with a word that belongs where it stands, so its own rule says what is expected.
bool known_header(Block block, TokenKind header) {
    bool of_module = header == TokenKind::Fn || header == TokenKind::Pure || header == TokenKind::Effect ||
                     header == TokenKind::Test || header == TokenKind::Import || header == TokenKind::Marker;
    bool of_scope = header == TokenKind::Let || header == TokenKind::Start || header == TokenKind::Expect ||
                    header == TokenKind::Expose || header == TokenKind::Shell || header == TokenKind::Cleanup;
    switch (block) {
        case Block::Module:
            return of_module;
        case Block::Scope:
            return of_scope;
        case Block::Statements:
            return header == TokenKind::Let;
        case Block::Overlay:
        case Block::ImportList:
        case Block::MultiMatch:
            return true;
    }
    return true;
}

bool ends_statement(TokenKind kind) {
    return kind == TokenKind::Eol || kind == TokenKind::Newline || kind == TokenKind::OpenScope ||
           kind == TokenKind::OpenBody || kind == TokenKind::Close || kind == TokenKind::CloseList ||
           kind == TokenKind::End;
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

std::string quoted_text(std::string_view text) {
    return "`" + std::string(text) + "`";
}

/// Reads as a declaration but for its first word.
bool is_misspelt_let(std::string_view line) {
    static constexpr auto words = std::to_array<std::string_view>({"let"});
    const auto first = line.substr(0, line.find(' '));
    auto rest = line.substr(first.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    rest.remove_prefix(std::min(rest.find(' '), rest.size()));
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    return !nearest_name(first, words).empty() && (rest.starts_with('=') || rest.starts_with(":="));
}

/// A character that takes part in a text and that nobody sees there, or sees as a plain space.
struct InvisibleCharacter {
    std::uint32_t first;
    std::uint32_t last;
    std::string_view name;
    bool space;
};

const InvisibleCharacter* find_invisible(std::uint32_t code_point) {
    static constexpr auto rows = std::to_array<InvisibleCharacter>({
        {0xA0, 0xA0, "no-break space", true},
        {0xAD, 0xAD, "soft hyphen", false},
        {0x2000, 0x200A, "a wide or narrow space", true},
        {0x200B, 0x200B, "zero width space", false},
        {0x200C, 0x200D, "zero width joiner", false},
        {0x200E, 0x200F, "direction mark", false},
        {0x2028, 0x2029, "line separator", false},
        {0x202A, 0x202E, "direction mark", false},
        {0x202F, 0x202F, "narrow no-break space", true},
        {0x205F, 0x205F, "mathematical space", true},
        {0x2060, 0x2069, "invisible format character", false},
        {0x3000, 0x3000, "ideographic space", true},
        {0xFEFF, 0xFEFF, "byte-order mark", false},
    });
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& each) {
        return code_point >= each.first && code_point <= each.last;
    });
    return row == rows.end() ? nullptr : &*row;
}

/// `U+200B (zero width space)`, of the first invisible character of the text; empty: there is none.
std::string name_invisible(std::string_view text) {
    while (!text.empty()) {
        const auto character = first_character(text);
        if (const auto* row = find_invisible(character.code_point)) {
            std::array<char, 16> code{};
            std::snprintf(code.data(), code.size(), "U+%04X", static_cast<unsigned>(character.code_point));
            return std::string(code.data()) + " (" + std::string(row->name) + ")";
        }
        text.remove_prefix(character.size);
    }
    return {};
}

}  // namespace

void SyntaxBuilder::gave_up() {
    if (sink_.error_count() == 0) {
        const auto& token = lexer_.token();
        error(token.range, "expected a declaration, found " + found());
    }
}

// The keyword that the first word of the statement was probably meant to be, or empty.
std::string_view SyntaxBuilder::intended_keyword() const {
    static constexpr auto of_module =
        std::to_array<std::string_view>({"import", "fn", "pure", "effect", "test"});
    static constexpr auto of_scope =
        std::to_array<std::string_view>({"let", "start", "expect", "expose", "shell", "cleanup"});
    const auto& token = lexer_.token();
    auto first = source_.text().substr(token.first.begin, token.first.end - token.first.begin);
    if (token.block == Block::Module) return nearest_name(first, of_module);
    return token.block == Block::Scope ? nearest_name(first, of_scope) : std::string_view();
}

bool SyntaxBuilder::cascade() {
    const auto& token = lexer_.token();
    bool known = known_header(token.block, token.header);
    if (token.block == Block::Module) {
        // Something that belongs into a test or effect stands here because a block was closed too early.
        bool leftover =
            token.kind == TokenKind::Close || token.kind == TokenKind::End || token.header != TokenKind::End;
        bool more = !known && (leftover ? junk_ : junk_run_);
        if (token.header != TokenKind::Import && token.header != TokenKind::Marker) junk_ = junk_run_ = true;
        return more;
    }
    bool statement = token.block == Block::Scope && !known && token.kind != TokenKind::Equals &&
                     token.header == TokenKind::End && intended_keyword().empty();
    bool more = statement && misplaced_;
    misplaced_ = statement;
    return more;
}

/// What stands where no statement can, directly behind a docstring, was probably meant to be in it.
bool SyntaxBuilder::docstring_ended_early() const {
    const auto& token = lexer_.token();
    return docstring_ && !anything_ && token.block == Block::Scope &&
           !known_header(token.block, token.header) && token.range.begin > docstring_close_.begin;
}

void SyntaxBuilder::syntax_error(const std::vector<TokenKind>& expected) {
    const auto& token = lexer_.token();
    if (!cascade() && !lexer_.reported_in_statement()) {
        std::vector<DiagnosticNote> notes;
        if (docstring_ended_early())
            notes.push_back({&source_, docstring_close_,
                             "the docstring of line " +
                                 std::to_string(source_.position(docstring_->range.begin).line) +
                                 " ends here"});
        error(place(), "expected " + expectation(expected) + ", found " + found(), hint(expected),
              std::move(notes));
    }
    if (!ends_statement(token.kind)) lexer_.silence_statement();
}

SourceRange SyntaxBuilder::place() const {
    const auto& token = lexer_.token();
    bool whole = (token.block == Block::Module || token.block == Block::Scope) &&
                 !known_header(token.block, token.header) && token.kind != TokenKind::Equals;
    if (whole) return token.first;
    if (token.kind == TokenKind::End) return {token.range.begin - 1, token.range.begin - 1};
    if (token.kind == TokenKind::Eol || token.kind == TokenKind::Newline) {
        auto end = token.range.begin;
        auto text = source_.text();
        while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\t'))
            --end;
        return {end, end};
    }
    auto spelling = token_spelling(token.kind);
    bool payload = is_shell_operator(token.kind) || token.kind == TokenKind::AssertRegex ||
                   token.kind == TokenKind::AssertEqual;
    if (payload && spelling.front() == '`') {
        return {token.range.begin, token.range.begin + static_cast<std::uint32_t>(spelling.size()) - 2};
    }
    return token.range;
}

std::string SyntaxBuilder::found() const {
    const auto& token = lexer_.token();
    auto range = place();
    if (range.begin != token.range.begin || range.end == range.begin) {
        if (range.end == range.begin) return std::string(token_spelling(token.kind));
        const auto text = source_.text().substr(range.begin, range.end - range.begin);
        const auto invisible = name_invisible(text);
        return invisible.empty() ? quoted_text(text) : "the invisible character " + invisible;
    }
    auto text = source_.text().substr(range.begin, range.end - range.begin);
    if (const auto invisible = name_invisible(text); !invisible.empty())
        return "the invisible character " + invisible;
    if (is_keyword(token.kind)) return "keyword " + quoted_text(text);
    if (token.kind == TokenKind::Docstring) return "a docstring";
    if (text.size() > 40 || text.find('\n') != std::string_view::npos)
        return std::string(token_spelling(token.kind));
    return quoted_text(text);
}

// Says what the token before calls for, where the grammar only knows that it is a name.
std::string_view SyntaxBuilder::name_expected() const {
    struct Row {
        TokenKind previous;
        std::string_view what;
    };
    static constexpr auto rows = std::to_array<Row>({
        {TokenKind::Fn, "function name"},
        {TokenKind::Effect, "effect name"},
        {TokenKind::Start, "effect name"},
        {TokenKind::Test, "plain string"},
        {TokenKind::Let, "variable name"},
        {TokenKind::Expect, "variable name"},
        {TokenKind::Var, "variable name"},
        {TokenKind::Shell, "shell name"},
        {TokenKind::Import, "import path"},
        {TokenKind::Slash, "import path"},
    });
    const auto& token = lexer_.token();
    auto previous = lexer_.previous();
    for (const auto& row : rows) {
        if (row.previous == previous) return row.what;
    }
    bool function = token.header == TokenKind::Fn || token.header == TokenKind::Pure;
    if (previous == TokenKind::Expose) {
        return edition_ == Edition::V0_8 ? "`shell` or `var`" : "shell name, `shell` or `var`";
    }
    if (previous == TokenKind::Dot) return token.header == TokenKind::Shell ? "shell name" : "variable name";
    if (previous == TokenKind::As) {
        if (token.block == Block::ImportList) return "function name or effect name";
        return token.header == TokenKind::Start ? "alias" : "name";
    }
    if (previous == TokenKind::LeftParenthesis) return function ? "parameter name or `)`" : "";
    bool between =
        previous == TokenKind::OpenList || previous == TokenKind::Newline || previous == TokenKind::Comma;
    if (!between) return "";
    if (function) return "parameter name";
    if (token.in_parentheses) return "";
    if (token.header == TokenKind::Expect) return "variable name";
    if (token.block == Block::ImportList) return "function name or effect name";
    return token.block == Block::Overlay ? "variable name or `}`" : "";
}

std::string SyntaxBuilder::expectation(const std::vector<TokenKind>& expected) const {
    const auto& token = lexer_.token();
    bool known = known_header(token.block, token.header);
    if (token.block == Block::Scope && token.kind == TokenKind::Equals && !known) return "`?`";
    if (token.block == Block::Module && !known) return "`import`, `fn`, `pure`, `effect` or `test`";
    if (token.block == Block::Scope && !known) return "a declaration or a shell block";
    if (contains(expected, TokenKind::Name) || contains(expected, TokenKind::String)) {
        if (auto what = name_expected(); !what.empty()) return std::string(what);
    }
    if (token.block == Block::MultiMatch) return "`? regex`, `= text` or `}`";
    if (token.block == Block::Statements && contains(expected, TokenKind::Close)) return "a statement";
    bool expression = contains(expected, TokenKind::String) && contains(expected, TokenKind::Number);
    std::vector<std::string> words;
    if (expression) words.push_back(contains(expected, TokenKind::SendLine) ? "a value" : "an expression");
    bool whole_statement = contains(expected, TokenKind::Eol);
    for (auto kind : expected) {
        bool value = kind == TokenKind::String || kind == TokenKind::Number || kind == TokenKind::Capture ||
                     kind == TokenKind::Name || is_shell_operator(kind);
        bool hidden = (expression && value) || kind == TokenKind::Invalid;
        // The operators that could go on are many; the end of the line is what is meant.
        if (whole_statement && token.header == TokenKind::End && kind != TokenKind::Eol) hidden = true;
        if (edition_ == Edition::V0_8 && kind == TokenKind::Equals && token.block != Block::Module)
            hidden = true;
        // Any name could go on as a call or a member: true, but never what is missing.
        if (contains(expected, TokenKind::Eol) || contains(expected, TokenKind::RightParenthesis)) {
            if (kind == TokenKind::LeftParenthesis || kind == TokenKind::Dot) hidden = true;
        }
        std::string word(token_spelling(kind));
        if (kind == TokenKind::Timeout) word = "a time-out";
        if (!hidden && std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
    return words.empty() ? "something else" : listed(words);
}

// The way out where the text itself tells what was meant.
std::string SyntaxBuilder::hint_of_text(const std::vector<TokenKind>& expected) const {
    const auto& token = lexer_.token();
    auto text = source_.text().substr(token.range.begin, token.range.end - token.range.begin);
    if (text == "//") return "a `//` comment stands on a line of its own";
    if (token.kind == TokenKind::Invalid && text.starts_with('#'))
        return "a `#` comment stands on a line of its own";
    if (text == ";") return "a statement ends at the end of its line";
    if (text.starts_with("\u201c") || text.starts_with("\u201d"))
        return "strings stand in plain quotes: `\"…\"`";
    if (token.kind == TokenKind::Eol && token.in_parentheses) return "`(` and `)` stand on one line";
    if (text == "$") return "`${name}` stands inside text; an expression reads a variable by its bare name";
    if (text == "'") return "strings stand in double quotes";
    if (token.kind == TokenKind::Invalid && text[0] >= '0' && text[0] <= '9' &&
        contains(expected, TokenKind::String)) {
        return "text stands in quotes: `\"" + std::string(text) + "\"`";
    }
    if (lexer_.previous() == TokenKind::Test && token.kind == TokenKind::Name)
        return "the name of a test stands in quotes: `test \"" + std::string(text) + "\"`";
    if (is_keyword(token.kind) && contains(expected, TokenKind::Name)) return "keywords can't be names";
    return {};
}

/// `<5s? text` lacks what says whether the time-out is a tolerance or an assertion.
std::string SyntaxBuilder::timed_match_hint() const {
    const auto position = source_.position(lexer_.token().range.begin);
    const auto line = source_.line(position.line).substr(position.column - 1);
    if (line.size() < 2 || line[1] < '0' || line[1] > '9') return {};
    const auto end = line.find_first_of("?={");
    if (end == std::string_view::npos || line.substr(0, end).find(' ') != std::string_view::npos) return {};
    const std::string rest(line.substr(1));
    if (line[end] == '{')
        return "a time-out has its kind in front: `~` for a tolerance, `@` for an assertion";
    return "`<~" + rest + "` is a match with a tolerance, `<@" + rest + "` one with an assertion of time";
}

std::string SyntaxBuilder::hint(const std::vector<TokenKind>& expected) const {
    const auto& token = lexer_.token();
    auto text = source_.text().substr(token.range.begin, token.range.end - token.range.begin);
    bool known = known_header(token.block, token.header);
    bool in_block = token.block == Block::Module || token.block == Block::Scope;
    if (!text.empty()) {
        if (const auto* row = find_invisible(first_character(text).code_point))
            return row->space ? "write a plain space in its place" : "delete it";
    }
    if (text.starts_with('<')) {
        if (auto kinds = timed_match_hint(); !kinds.empty()) return kinds;
    }
    if (token.kind == TokenKind::Close && token.block == Block::Module) return "no block is open here";
    if (token.kind == TokenKind::Equals && token.block == Block::Scope && !known) {
        return "`let` declares a variable; assignments stand in shell blocks and functions";
    }
    bool assigned =
        token.block == Block::Statements && token.header == TokenKind::End && !token.in_parentheses;
    if (token.kind == TokenKind::Equals && assigned && edition_ == Edition::V0_4) {
        return "`name = value` assigns to a variable; `value ? regex` checks a value";
    }
    if (in_block && !known) {
        auto first = source_.text().substr(token.first.begin, token.first.end - token.first.begin);
        if (token.header == TokenKind::End) {
            if (auto near = intended_keyword(); !near.empty())
                return "did you mean " + quoted_text(near) + "?";
            if (token.block == Block::Scope) return "statements stand in a `shell name { … }` block";
        } else if (token.block == Block::Module) {
            return quoted_text(first) + " stands in a test or effect; is one closed too early?";
        }
        if (token.block == Block::Scope)
            return "functions, effects and tests stand at the top level of a file";
        return {};
    }
    if (token.block == Block::Statements && ends_statement(lexer_.previous()) && is_keyword(token.kind)) {
        if (token.kind == TokenKind::Shell || token.kind == TokenKind::Cleanup) {
            return "it stands directly in a test or effect; is a `}` missing before it?";
        }
        if (token.kind == TokenKind::Fn || token.kind == TokenKind::Pure) {
            return "functions stand at the top level of a file";
        }
        return "it stands in a test or effect, before the first shell block";
    }
    bool word = token.kind == TokenKind::Name || token.kind == TokenKind::Number ||
                token.kind == TokenKind::String || text.starts_with('-') || text == "/";
    if (word && token.block == Block::Statements && token.header == TokenKind::End &&
        lexer_.previous() == TokenKind::Name && contains(expected, TokenKind::Eol)) {
        auto position = source_.position(token.range.begin);
        auto line = source_.line(position.line);
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (is_misspelt_let(line)) return "did you mean `let`?";
        return "`> " + std::string(line) + "` sends the line to the shell";
    }
    if (token.kind == TokenKind::AssertRegex && token.header == TokenKind::Let) {
        return "an assertion is a statement of its own";
    }
    return hint_of_text(expected);
}

}  // namespace relux::frontend
