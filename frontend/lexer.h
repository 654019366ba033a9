// Source text to tokens, line by line: what a character means depends on the block it stands in and on what
// stands before it on its line. The rest of a line after an operator is one token, with its interpolations
// taken apart. The lexer reports what only it can see (strings, escapes, durations, braces that are never
// closed) and always goes on: braces it hands out are balanced, so the grammar never has to guess where a
// block ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/ast.h"
#include "frontend/diagnostic.h"
#include "frontend/source.h"
#include "frontend/text_pieces.h"

namespace relux::frontend {

enum class TokenKind : std::uint8_t {
#define TOKEN(name, spelling, value) name,
#include "frontend/tokens.def"
#undef TOKEN
};
/// The name as in tokens.def, for dumps.
std::string_view token_name(TokenKind kind);
/// How messages call it: "`fn`", "end of line".
std::string_view token_spelling(TokenKind kind);

/// The kind of block a token stands in.
enum class Block : std::uint8_t { Module, Scope, Statements, Overlay, ImportList, MultiMatch };

struct Token {
    TokenKind kind = TokenKind::End;
    SourceRange range;
    std::string_view text;  ///< the source text; Docstring: its content
    Text payload;           ///< String and everything that takes the rest of the line
    bool has_payload = false;
    std::optional<TimeoutSyntax> timeout;
    std::uint32_t capture = 0;
    // Where it stands, for messages.
    Block block = Block::Module;
    TokenKind header = TokenKind::End;  ///< the keyword that opened the statement, or End when it was none
    bool in_parentheses = false;
    SourceRange first;  ///< the first token of the statement
};

class Lexer {
  public:
    /// `decoded` receives text that differs from the source; `scratch` is for the lexer alone. All arguments
    /// must outlive the lexer.
    Lexer(const Source& source, Edition edition, DiagnosticSink& sink, DecodedTexts decoded, Arena& scratch);

    /// The next token, valid until the next call. After End always End.
    Token& next();

    const Token& token() const { return token_; }
    TokenKind previous() const { return previous_; }

    /// True when something was reported in the statement or list entry of the current token.
    bool reported_in_statement() const { return reported_; }
    void mark_reported() { reported_ = true; }
    /// The rest of the statement is known to be wrong: nothing more is reported in it.
    void silence_statement() { silent_ = true; }

  private:
    enum class Position : std::uint8_t { Start, Value, Inside };  // of a statement; Value: after `=` or `:=`
    enum class TextKind : std::uint8_t { String, Escaped, Regex };
    struct Brace {
        Block block;
        SourceRange range;
        std::uint32_t indentation;  // of its line
    };
    struct Line {
        const char* begin = nullptr;
        const char* first = nullptr;  // after the blanks
        const char* end = nullptr;
    };
    // Generated from lexer.re. True: a token was made; false: white space or a comment was passed.
    bool scan_code();
    bool scan_entry();
    bool header_here() const;
    void scan_pieces(TextKind kind, TextPieces& pieces);

    // lexer.cpp: what a lexeme means where it stands; the same result.
    std::uint32_t offset(const char* at) const { return static_cast<std::uint32_t>(at - text_.data()); }
    Block block() const { return braces_.empty() ? Block::Module : braces_.back().block; }
    SourceRange range(const char* begin, const char* end) const { return {offset(begin), offset(end)}; }
    bool in_list() const { return block() == Block::Overlay || block() == Block::ImportList; }
    bool operator_position() const;
    bool expression_statement() const;
    bool entry_position() const;
    bool emit(TokenKind kind, const char* begin);
    void extend_token(const char* begin);
    bool emit_invalid(const char* begin, const char* end);
    bool end_statement(const char* begin);
    bool newline(const char* begin);
    bool end_of_file(const char* begin);
    bool comment(const char* begin);
    bool hash(const char* begin);
    void warn_misspelt_marker(std::string_view word);
    bool keyword(TokenKind kind, const char* begin);
    bool keyword_at_start(TokenKind kind, const char* begin);
    bool equals(const char* begin);
    bool double_equals(const char* begin);
    bool question(const char* begin);
    bool arrow(const char* begin);
    bool left_parenthesis(const char* begin);
    bool number(const char* begin);
    bool capture(const char* begin);

    // lexer_blocks.cpp: braces and how they are kept balanced.
    bool open_brace(const char* begin);
    Block block_of_brace() const;
    void push_brace(Block block, const char* begin);
    bool close_brace(const char* begin);
    bool pop_brace(const char* begin);
    bool close_missing();
    bool entries_end(const char* begin);
    bool foreign_entry(const char* begin);
    void missing_brace(const char* at, std::size_t keep);

    // lexer_text.cpp: strings, payloads, durations.
    bool string(const char* begin);
    bool docstring(const char* begin);
    bool timeout(const char* begin);
    bool timed_operator(const char* begin);
    bool payload(TokenKind kind, const char* begin, TextKind text_kind);
    bool optional_payload(TokenKind kind, const char* begin, TextKind text_kind);
    void take_payload(const char* begin, TextKind text_kind);
    TimeoutSyntax parse_timeout(const char* begin, const char* end);
    std::uint32_t capture_number(const char* begin, const char* end);
    const char* unknown_escape(TextKind kind, const char* begin);
    const char* line_end(const char* at) const;
    const Line& line_of(const char* at);
    std::uint32_t indentation(const char* at);
    bool first_on_line(const char* at);
    void report(DiagnosticCode code, SourceRange range, std::string message, std::string hint = {},
                std::vector<DiagnosticNote> notes = {});

    const Source& source_;
    Edition edition_;
    DiagnosticSink& sink_;
    DecodedTexts decoded_;
    GrowingList<TextPart> parts_;  // of the text that is being taken apart
    std::string_view text_;        // lives in source_
    const char* cursor_;
    Line line_;  // that was asked for last

    Token token_;
    TokenKind previous_ = TokenKind::End;
    TokenKind header_ = TokenKind::End;
    TokenKind last_header_ = TokenKind::End;  // of the statement before, for a brace on a line of its own
    Position position_ = Position::Start;
    bool fresh_line_ = true;  // nothing but blanks so far
    bool called_ = false;     // the statement has a parenthesis
    bool reported_ = false;
    bool silent_ = false;
    bool surplus_braces_ =
        false;  // an indented declaration ended the blocks around it: their braces may still come
    std::uint32_t parentheses_ = 0;
    std::vector<Brace> braces_;
    std::optional<Brace> suspect_;  // closed by a brace that stood less far to the right than its own line
    std::optional<std::size_t> close_down_to_;  // how many braces stay open after a missing `}`
};

}  // namespace relux::frontend
