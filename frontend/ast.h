// The syntax tree of one file, as written: nothing is resolved, nothing is checked beyond the grammar.
// Names and literal text are views into the Source or into the arena that holds the tree, so a tree must not
// outlive them. Nodes are plain data: to copy one is to copy its bytes, and none has to be destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "frontend/source.h"
#include "vm/base/arena.h"

namespace relux::frontend {

struct Name {
    std::string_view text;
    SourceRange range;
};

/// Text with interpolations: a payload or a string (language 4.3). Adjacent literal bytes are one part.
struct TextPart {
    enum class Kind : std::uint8_t { Literal, Variable, Capture, AliasVariable };
    Kind kind = Kind::Literal;
    std::uint32_t capture = 0;
    SourceRange range;
    std::string_view text;    ///< Literal: decoded bytes; Variable: name; AliasVariable: the alias
    std::string_view member;  ///< AliasVariable: the variable
};
struct Text {
    List<TextPart> parts;  ///< empty: the empty text
    SourceRange range;
    /// The literal when there are no interpolations, else nothing.
    std::optional<std::string_view> constant() const {
        if (parts.empty()) return std::string_view();
        if (parts.size() == 1 && parts[0].kind == TextPart::Kind::Literal) return parts[0].text;
        return std::nullopt;
    }
};

struct Expression;
struct StringExpression {
    Text text;
};
struct NumberExpression {
    std::string_view digits;
};
struct CaptureExpression {
    std::uint32_t number = 0;
};
struct VariableExpression {
    Name name;
};
struct MemberExpression {
    Name alias;
    Name member;
};
struct CallExpression {
    Name name;
    List<Expression> arguments;
};
struct Expression {
    std::variant<StringExpression, NumberExpression, CaptureExpression, VariableExpression, MemberExpression,
                 CallExpression>
        node;
    SourceRange range;
};

struct TimeoutSyntax {
    bool assertion = false;  ///< `@`; else `~`
    std::int64_t nanoseconds = 0;
    SourceRange range;
};

enum class PatternKind : std::uint8_t { Regex, Literal };

struct Send {
    Text text;
    bool raw = false;
};
struct Match {
    PatternKind kind = PatternKind::Regex;
    std::optional<TimeoutSyntax> timeout;
    std::optional<Text> pattern;  ///< nothing: a buffer reset
};
using BindingValue = std::variant<Expression, Send, Match>;
struct Let {
    Name name;
    std::optional<BindingValue> value;
};
struct Assign {
    Name name;
    BindingValue value;
};
struct MultiMatchEntry {
    PatternKind kind = PatternKind::Regex;
    Text pattern;
    SourceRange range;
};
struct MultiMatch {
    std::optional<TimeoutSyntax> timeout;
    List<MultiMatchEntry> entries;
};
struct FailPattern {
    PatternKind kind = PatternKind::Regex;
    std::optional<Text> pattern;
};
struct TimeoutStatement {
    TimeoutSyntax timeout;
};
/// `expr ? regex`, and in edition 0.8 `expr = text`.
struct Assertion {
    Expression value;
    PatternKind kind = PatternKind::Regex;
    Text pattern;
};
struct ExpressionStatement {
    Expression expression;
};
struct Statement {
    std::variant<Let, Assign, Send, Match, MultiMatch, FailPattern, TimeoutStatement, Assertion,
                 ExpressionStatement>
        node;
    SourceRange range;
};
using Body = List<Statement>;

struct MarkerSyntax {
    enum class Kind : std::uint8_t { Skip, Run, Flaky };
    enum class Modifier : std::uint8_t { None, If, Unless };
    enum class Comparison : std::uint8_t { Truth, Equal, Regex };
    Kind kind = Kind::Skip;
    Modifier modifier = Modifier::None;
    Comparison comparison = Comparison::Truth;
    std::optional<Expression> left;
    std::optional<Expression> right;  ///< Equal
    std::optional<Text> pattern;      ///< Regex
    SourceRange range;                ///< from `#` to the end of the line
};

struct ImportItem {
    Name name;
    std::optional<Name> alias;
};
struct Import {
    List<Name> path;         ///< its segments
    bool everything = true;  ///< no braces
    List<ImportItem> items;
    SourceRange range;
    SourceRange path_range;
};

struct FunctionSyntax {
    List<MarkerSyntax> markers;
    bool pure = false;
    Name name;
    List<Name> parameters;
    Body body;
    SourceRange range;         ///< the whole
    SourceRange header_range;  ///< up to before `{`
};

struct OverlayEntry {
    Name key;
    std::optional<Expression> value;
};  ///< a bare key has no value
struct StartSyntax {
    Name effect;
    std::optional<Name> alias;
    List<OverlayEntry> overlay;
    SourceRange range;
};
struct ExposeSyntax {
    enum class Kind : std::uint8_t { Unspecified, Shell, Variable };
    Kind kind = Kind::Unspecified;
    std::optional<Name> qualifier;
    Name name;
    std::optional<Name> alias;
    SourceRange range;
};
struct ShellBlock {
    std::optional<Name> qualifier;
    Name name;
    Body body;
    SourceRange range;
    SourceRange header_range;
};

/// Holds everything between `{` and the first shell block, in source order. Lets and assertions come as
/// statements.
struct ScopeBody {
    List<Name> expects;            ///< effects only
    List<Statement> declarations;  ///< Let and Assertion only
    List<StartSyntax> starts;
    List<ExposeSyntax> exposes;  ///< effects only
    List<ShellBlock> shells;
    std::optional<Body> cleanup;
    SourceRange cleanup_range;
};

struct EffectSyntax {
    List<MarkerSyntax> markers;
    Name name;
    ScopeBody body;
    SourceRange range;
    SourceRange header_range;
};
struct TestSyntax {
    List<MarkerSyntax> markers;
    Name name;  ///< decoded text of the string
    std::optional<TimeoutSyntax> timeout;
    std::optional<Name> docstring;  ///< its text without the quotes, common indentation removed
    ScopeBody body;
    SourceRange range;
    SourceRange header_range;
};

struct ModuleSyntax {
    const Source* source = nullptr;
    List<Import> imports;
    List<FunctionSyntax> functions;
    List<EffectSyntax> effects;
    List<TestSyntax> tests;  ///< also those with errors inside, so that they can be reported as invalid
    bool has_errors = false;
    std::vector<std::string_view> decoded;  ///< texts that differ from the source: escapes, docstrings
    std::unique_ptr<Arena> memory;          ///< the tree's own; null: it is in that of somebody else
};

static_assert(std::is_trivially_copyable_v<Statement> && std::is_trivially_copyable_v<TestSyntax>);

}  // namespace relux::frontend
