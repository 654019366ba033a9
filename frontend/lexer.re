// The rules of the lexer; re2c turns them into tables of jumps when the project is built. Every rule is one call:
// what a lexeme means where it stands is decided in lexer.cpp. The text ends with a newline and a NUL behind it, so no
// rule needs to check for the end.
#include "frontend/lexer.h"
#include "frontend/text_pieces.h"

namespace relux::frontend {

/*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = cursor;
    re2c:define:YYMARKER = marker;
    re2c:define:YYPEEK = "static_cast<unsigned char>(*cursor)";
    re2c:yyfill:enable = 0;

    blank   = [ \t]+;
    name    = [A-Za-z_][A-Za-z0-9_]*;
    word    = [A-Za-z0-9_];
    letter  = [A-Za-z0-9_.+\-\x80-\xff];
*/

// True when a token was made, false when there was nothing but white space or a comment.
bool Lexer::scan_code() {
    const char* const begin = cursor_;
    const char* cursor = cursor_;
    const char* marker = nullptr;
#define RULE(call) \
    cursor_ = cursor; \
    return call
    /*!re2c
        blank         { RULE(false); }
        "\n"          { RULE(newline(begin)); }
        "\x00"        { RULE(end_of_file(begin)); }
        "//"          { RULE(comment(begin)); }
        "#"           { RULE(hash(begin)); }

        "fn"          { RULE(keyword(TokenKind::Fn, begin)); }
        "pure"        { RULE(keyword(TokenKind::Pure, begin)); }
        "effect"      { RULE(keyword(TokenKind::Effect, begin)); }
        "test"        { RULE(keyword(TokenKind::Test, begin)); }
        "shell"       { RULE(keyword(TokenKind::Shell, begin)); }
        "let"         { RULE(keyword(TokenKind::Let, begin)); }
        "start"       { RULE(keyword(TokenKind::Start, begin)); }
        "expect"      { RULE(keyword(TokenKind::Expect, begin)); }
        "expose"      { RULE(keyword(TokenKind::Expose, begin)); }
        "import"      { RULE(keyword(TokenKind::Import, begin)); }
        "cleanup"     { RULE(keyword(TokenKind::Cleanup, begin)); }
        "as"          { RULE(keyword(TokenKind::As, begin)); }
        "var"         { RULE(keyword(TokenKind::Var, begin)); }
        "if"          { RULE(keyword(TokenKind::If, begin)); }
        "unless"      { RULE(keyword(TokenKind::Unless, begin)); }
        name          { RULE(emit(TokenKind::Name, begin)); }
        [0-9] word*   { RULE(number(begin)); }
        "$" [0-9]+    { RULE(capture(begin)); }
        "\"\"\""      { RULE(docstring(begin)); }
        "\""          { RULE(string(begin)); }

        "("           { RULE(left_parenthesis(begin)); }
        ")"           { RULE(emit(TokenKind::RightParenthesis, begin)); }
        ","           { RULE(emit(TokenKind::Comma, begin)); }
        "."           { RULE(emit(TokenKind::Dot, begin)); }
        "/"           { RULE(emit(TokenKind::Slash, begin)); }
        ":="          { RULE(emit(TokenKind::Bind, begin)); }
        "="           { RULE(equals(begin)); }
        "=="          { RULE(double_equals(begin)); }
        "?"           { RULE(question(begin)); }
        "{"           { RULE(open_brace(begin)); }
        "}"           { RULE(close_brace(begin)); }

        ">"           { RULE(payload(TokenKind::SendLine, begin, TextKind::Escaped)); }
        "=>"          { RULE(arrow(begin)); }
        "<?"          { RULE(optional_payload(TokenKind::MatchRegex, begin, TextKind::Regex)); }
        "<="          { RULE(optional_payload(TokenKind::MatchLiteral, begin, TextKind::Escaped)); }
        "!?"          { RULE(optional_payload(TokenKind::FailRegex, begin, TextKind::Regex)); }
        "!="          { RULE(optional_payload(TokenKind::FailLiteral, begin, TextKind::Escaped)); }
        "<" ([~@] letter*)? [?={]? { RULE(timed_operator(begin)); }
        [~@] letter*  { RULE(timeout(begin)); }
        *             { RULE(emit_invalid(begin, begin + character_length(begin))); }
    */
#undef RULE
}

// A line of a multimatch block; like scan_code.
bool Lexer::scan_entry() {
    const char* const begin = cursor_;
    const char* cursor = cursor_;
    const char* marker = nullptr;
#define RULE(call) \
    cursor_ = cursor; \
    return call
    /*!re2c
        blank         { RULE(false); }
        "\n"          { RULE(newline(begin)); }
        "\x00"        { RULE(end_of_file(begin)); }
        "//"          { RULE(comment(begin)); }
        "#"           { RULE(hash(begin)); }
        "?"           { RULE(payload(TokenKind::EntryRegex, begin, TextKind::Regex)); }
        "="           { RULE(payload(TokenKind::EntryLiteral, begin, TextKind::Escaped)); }
        "}"           { RULE(close_brace(begin)); }
        [<>!~@]       { RULE(entries_end(begin)); }
        ("let" | "shell" | "cleanup" | "fn" | "pure" | "test" | "effect" | "import") [ \t{]
                      { RULE(entries_end(begin)); }
        name blank? "(" { RULE(entries_end(begin)); }
        *             { RULE(foreign_entry(begin)); }
    */
#undef RULE
}

// Keywords may be keys of an overlay and words of a docstring, so only what reads as a whole header ends one of them.
bool Lexer::header_here() const {
    const char* cursor = cursor_;
    const char* marker = nullptr;
    /*!re2c
        "shell" blank name (blank? "." blank? name)? blank? "{"  { return true; }
        "cleanup" blank? "{"                                     { return true; }
        "test" blank "\""                                        { return true; }
        "effect" blank name blank? "{"                           { return true; }
        ("pure" blank)? "fn" blank name blank? "("               { return true; }
        "import" blank name                                      { return true; }
        "start" blank [A-Z] word* blank? [{\n]                   { return true; }
        "start" blank [A-Z] word* blank "as"                     { return true; }
        "let" blank name blank? [:=\n]                           { return true; }
        *                                                        { return false; }
    */
}

// Takes text apart up to its end: the closing quote of a string, else the end of the line.
void Lexer::scan_pieces(TextKind kind, TextPieces& pieces) {
    const char* cursor = cursor_;
    const char* marker = nullptr;
    for (;;) {
        const char* const begin = cursor;
        /*!re2c
            [^$\\"\n\x00]+        { continue; }
            "\x00"                { continue; }  // only in damaged files, which are reported as such
            "\n"                  { cursor_ = begin; return pieces.finish(begin); }
            "\""                  { if (kind != TextKind::String) continue; cursor_ = begin; return pieces.finish(begin); }
            "$$"                  { pieces.replace(begin, cursor, '$'); continue; }
            "${" name "}"         { pieces.variable(begin, cursor); continue; }
            "${" name "." name "}" { pieces.alias_variable(begin, cursor); continue; }
            "${" [0-9]+ "}"       { pieces.capture(begin, cursor, capture_number(begin + 2, cursor - 1)); continue; }
            "$"                   { continue; }
            "\\" [ntr\\"0abfve]   { if (kind != TextKind::Regex) pieces.replace(begin, cursor, decode_escape(begin[1])); continue; }
            "\\"                  { if (kind != TextKind::Regex) cursor = unknown_escape(kind, begin); continue; }
        */
    }
}

}  // namespace relux::frontend
