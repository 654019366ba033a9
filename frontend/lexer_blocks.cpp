// Braces: what kind of block one opens, and how they are kept balanced when one is missing. The grammar
// always sees every block closed, and a statement in front of a closing brace always ended.
#include "frontend/lexer.h"

namespace relux::frontend {

namespace {

std::optional<Block> block_of_header(TokenKind header) {
    if (header == TokenKind::Test || header == TokenKind::Effect) return Block::Scope;
    if (header == TokenKind::Fn || header == TokenKind::Pure || header == TokenKind::Shell ||
        header == TokenKind::Cleanup) {
        return Block::Statements;
    }
    if (header == TokenKind::Start) return Block::Overlay;
    if (header == TokenKind::Import) return Block::ImportList;
    return std::nullopt;
}

}  // namespace

// A block without a keyword is a mistake already; the guess only has to keep its contents readable.
Block Lexer::block_of_brace() const {
    if (in_list()) return block();
    if (auto known = block_of_header(header_)) return *known;
    if (position_ == Position::Start) {
        if (auto known = block_of_header(last_header_)) return *known;
    }
    return block() == Block::Module && !called_ ? Block::Scope : Block::Statements;
}

void Lexer::push_brace(Block block, const char* begin) {
    braces_.push_back({block, range(begin, begin + 1), indentation(begin)});
    if (block == Block::Overlay || block == Block::ImportList) return;
    position_ = Position::Start;
    header_ = TokenKind::End;
    last_header_ = TokenKind::End;
    parentheses_ = 0;
    called_ = false;
    silent_ = false;
}

bool Lexer::open_brace(const char* begin) {
    Block block = block_of_brace();
    switch (block) {
        case Block::Scope:
            emit(TokenKind::OpenScope, begin);
            break;
        case Block::Module:
        case Block::MultiMatch:
        case Block::Statements:
            emit(TokenKind::OpenBody, begin);
            break;
        case Block::Overlay:
        case Block::ImportList:
            emit(TokenKind::OpenList, begin);
            break;
    }
    push_brace(block, begin);
    return true;
}

bool Lexer::close_brace(const char* begin) {
    if (braces_.empty()) {
        bool surplus = surplus_braces_ && position_ == Position::Start;
        return surplus ? false : emit(TokenKind::Close, begin);
    }
    bool statements = block() == Block::Scope || block() == Block::Statements;
    if (statements && position_ != Position::Start) {
        cursor_ = begin;
        return end_statement(begin);
    }
    const Brace& open = braces_.back();
    if (!suspect_ && first_on_line(begin) && indentation(begin) < open.indentation) suspect_ = open;
    return pop_brace(begin);
}

bool Lexer::pop_brace(const char* begin) {
    Block closed = block();
    bool list = closed == Block::Overlay || closed == Block::ImportList;
    emit(list || closed == Block::MultiMatch ? TokenKind::CloseList : TokenKind::Close, begin);
    braces_.pop_back();
    silent_ = false;
    parentheses_ = 0;
    if (!list) {
        position_ = Position::Start;
        header_ = TokenKind::End;
        last_header_ = TokenKind::End;
        called_ = false;
    }
    if (braces_.empty()) suspect_.reset();
    return true;
}

// One token of those that a missing `}` stands for, or false when all of them have been given.
bool Lexer::close_missing() {
    bool statements = !in_list() && block() != Block::MultiMatch;
    if (statements && position_ != Position::Start) return end_statement(cursor_);
    if (braces_.size() > *close_down_to_) return pop_brace(cursor_);
    close_down_to_.reset();
    return false;
}

bool Lexer::entries_end(const char* begin) {
    cursor_ = begin;
    missing_brace(begin, braces_.size() - 1);
    return false;
}

bool Lexer::foreign_entry(const char* begin) {
    return emit_invalid(begin, line_end(begin));
}

void Lexer::missing_brace(const char* at, std::size_t keep) {
    const char* end = at;
    while (end < text_.data() + text_.size() && *end != ' ' && *end != '\t' && *end != '\n' && *end != '(')
        ++end;
    cursor_ = at;
    silent_ = false;
    bool at_end = at == text_.data() + text_.size();
    auto place = at_end ? range(at - 1, at - 1) : range(at, end);
    std::string before = at_end ? "the end of the file" : "`" + std::string(at, end) + "`";
    Brace open = keep == 0 && suspect_ ? *suspect_ : braces_.back();
    report(DiagnosticCode::ParseError, place, "parse error: expected `}` before " + before, {},
           {{&source_, open.range, "this `{` is never closed"}});
    if (keep == 0 && !at_end && indentation(at) > braces_.front().indentation) surplus_braces_ = true;
    close_down_to_ = keep;
}

}  // namespace relux::frontend
