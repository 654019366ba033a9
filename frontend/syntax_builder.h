// Builds the tree from what the grammar recognises, and words every syntax error: it knows the order of
// declarations, the casing of names, the editions, and what was expected where.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "frontend/ast.h"
#include "frontend/diagnostic.h"
#include "frontend/lexer.h"
#include "frontend/syntax_nodes.h"

namespace relux::frontend {

class SyntaxBuilder : public SyntaxNodes {
  public:
    /// Fills `module`, by finish(), with nodes in `tree`; all arguments must outlive the builder.
    SyntaxBuilder(const Source& source, Edition edition, DiagnosticSink& sink, ModuleSyntax& module,
                  Arena& tree, Arena& scratch);

    Lexer& lexer() { return lexer_; }

    // Declarations of the file. `header` ends before the brace, `close` is the closing brace.
    void add_import(List<MarkerSyntax> markers, List<Name> path, std::optional<List<ImportItem>> items,
                    SourceRange range, SourceRange path_range);
    ImportItem import_alias(Name name, Name alias);
    void add_function(List<MarkerSyntax> markers, bool pure, Name name, List<Name> parameters, Body body,
                      SourceRange header, SourceRange close);
    void add_effect(List<MarkerSyntax> markers, Name name, SourceRange header, SourceRange close);
    void add_test(List<MarkerSyntax> markers, const Text& name, SourceRange name_range,
                  std::optional<TimeoutSyntax> timeout, SourceRange header, SourceRange close);
    MarkerSyntax marker(Name kind, MarkerSyntax::Modifier modifier, SourceRange range);
    void end_of_module(List<MarkerSyntax> markers);

    void finish();

    // These collect the contents of the test or effect that is open.
    void begin_scope();
    void docstring(Name text);
    void expect(List<Name> names, SourceRange range);
    void declaration(const Statement& statement);
    void start(Name effect, std::optional<Name> alias, List<OverlayEntry> overlay, SourceRange range);
    void expose(ExposeSyntax::Kind kind, MemberExpression reference, std::optional<Name> alias,
                SourceRange range);
    void shell(MemberExpression reference, Body body, SourceRange header, SourceRange close);
    void cleanup(Body body, SourceRange keyword, SourceRange range);

    // Statements.
    template <class Node>
    Statement* statement(const Node& node, SourceRange range) {
        return keep(Statement{node, range});
    }
    Statement multimatch(std::optional<TimeoutSyntax> timeout, List<MultiMatchEntry> entries,
                         SourceRange open, SourceRange range);
    void bind_with_equals(SourceRange range);

    /// The parser met a token that nothing allows.
    void syntax_error(const std::vector<TokenKind>& expected);
    /// A block without a usable header was skipped over.
    void skipped_block() { junk_run_ = misplaced_ = false; }
    /// The parser could not go on at all.
    void gave_up();

  private:
    enum class NameKind : std::uint8_t { Function, Effect, Shell };

    void check_casing(NameKind kind, const Name& name);
    bool check_before_shells(std::string_view what, SourceRange range);
    // syntax_errors.cpp
    bool cascade();
    bool docstring_ended_early() const;
    std::string timed_match_hint() const;
    std::string_view intended_keyword() const;
    SourceRange place() const;
    std::string found() const;
    std::string expectation(const std::vector<TokenKind>& expected) const;
    std::string_view name_expected() const;
    std::string hint_of_text(const std::vector<TokenKind>& expected) const;
    std::string hint(const std::vector<TokenKind>& expected) const;
    void error(SourceRange range, std::string message, std::string hint = {},
               std::vector<DiagnosticNote> notes = {}, DiagnosticCode code = DiagnosticCode::ParseError);

    const Source& source_;
    Edition edition_;
    DiagnosticSink& sink_;
    ModuleSyntax& module_;
    Lexer lexer_;

    /// A ScopeBody that is being read.
    struct OpenScope {
        explicit OpenScope(Arena& scratch)
            : expects(scratch), declarations(scratch), starts(scratch), exposes(scratch), shells(scratch) {}
        GrowingList<Name> expects;
        GrowingList<Statement> declarations;
        GrowingList<StartSyntax> starts;
        GrowingList<ExposeSyntax> exposes;
        GrowingList<ShellBlock> shells;
        std::optional<Body> cleanup;
        SourceRange cleanup_range;
    };
    ScopeBody close_scope();

    GrowingList<Import> imports_;
    GrowingList<FunctionSyntax> functions_;
    GrowingList<EffectSyntax> effects_;
    GrowingList<TestSyntax> tests_;
    OpenScope scope_;
    std::optional<Name> docstring_;
    SourceRange docstring_close_;
    std::optional<SourceRange> first_start_;
    std::optional<SourceRange> first_shell_;
    std::unordered_map<std::string_view, SourceRange> test_names_;
    std::optional<SourceRange> first_expect_;
    // Mistakes in a row that have one cause are reported once.
    bool junk_ = false;       // at the top level, since the last declaration that was understood
    bool junk_run_ = false;   // the same, but only since the last block
    bool misplaced_ = false;  // a statement outside a shell was reported, and nothing else came since
    bool anything_ = false;   // the open scope has more than a docstring
    bool late_let_ = false;   // reported since the last `start`
};

/// Parses everything the builder's lexer gives. Defined with the grammar.
void parse_with_grammar(SyntaxBuilder& builder);

}  // namespace relux::frontend
