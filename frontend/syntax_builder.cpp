// The tree, and the rules that are about more than which token follows which.
#include "frontend/syntax_builder.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace relux::frontend {

namespace {

bool lower_name(std::string_view name) {
    return std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}
bool upper_name(std::string_view name) {
    return name[0] >= 'A' && name[0] <= 'Z';
}

std::string quoted_text(std::string_view text) {
    return "`" + std::string(text) + "`";
}

SourceRange join(SourceRange first, SourceRange last) {
    return {first.begin, last.end};
}

}  // namespace

SyntaxBuilder::SyntaxBuilder(const Source& source, Edition edition, DiagnosticSink& sink,
                             ModuleSyntax& module, Arena& tree, Arena& scratch)
    : SyntaxNodes(tree, scratch),
      source_(source),
      edition_(edition),
      sink_(sink),
      module_(module),
      lexer_(source, edition, sink, {tree, module.decoded}, scratch),
      imports_(scratch),
      functions_(scratch),
      effects_(scratch),
      tests_(scratch),
      scope_(scratch) {}

void SyntaxBuilder::finish() {
    module_.imports = imports_.copy(tree());
    module_.functions = functions_.copy(tree());
    module_.effects = effects_.copy(tree());
    module_.tests = tests_.copy(tree());
}

void SyntaxBuilder::error(SourceRange range, std::string message, std::string hint,
                          std::vector<DiagnosticNote> notes, DiagnosticCode code) {
    sink_.report(
        {code, &source_, range, "parse error: " + std::move(message), std::move(notes), std::move(hint)});
}

void SyntaxBuilder::check_casing(NameKind kind, const Name& name) {
    const auto found = [&] { return ", found " + quoted_text(name.text); };
    switch (kind) {
        case NameKind::Function:
            if (!lower_name(name.text)) {
                error(name.range, "expected function name" + found(),
                      "function names have no upper-case letters");
            }
            break;
        case NameKind::Effect:
            if (!upper_name(name.text)) {
                error(name.range, "expected effect name" + found(),
                      "effect names begin with an upper-case letter");
            }
            break;
        case NameKind::Shell:
            if (!lower_name(name.text)) {
                error(name.range, "expected shell name" + found(), "shell names have no upper-case letters");
            }
            break;
    }
}

// --- declarations of the file ---

void SyntaxBuilder::add_import(List<MarkerSyntax> markers, List<Name> path,
                               std::optional<List<ImportItem>> items, SourceRange range,
                               SourceRange path_range) {
    junk_ = junk_run_ = false;
    if (!markers.empty()) {
        error(markers.front().range, "expected `fn`, `effect` or `test` after a marker, found `import`",
              "a marker belongs to the declaration that follows it");
    }
    Import import;
    for (const auto& segment : path) {
        if (lower_name(segment.text)) continue;
        error(segment.range, "expected import path, found " + quoted_text(segment.text),
              "the words of a path have no upper-case letters");
    }
    import.path = path;
    import.everything = !items;
    if (items) {
        GrowingList<ImportItem> named(tree());
        named.reserve(items->size());
        std::copy_if(items->begin(), items->end(), std::back_inserter(named),
                     [](const ImportItem& item) { return !item.name.text.empty(); });
        import.items = named.list();
    }
    for (const auto& item : import.items) {
        if (lower_name(item.name.text) || upper_name(item.name.text)) continue;
        error(item.name.range, "expected function name or effect name, found " + quoted_text(item.name.text));
    }
    import.range = range;
    import.path_range = path_range;
    imports_.push_back(import);
}

ImportItem SyntaxBuilder::import_alias(Name name, Name alias) {
    bool effect = upper_name(name.text);
    if (effect ? !upper_name(alias.text) : !lower_name(alias.text)) {
        error(alias.range,
              (effect ? "expected effect name, found " : "expected function name, found ") +
                  quoted_text(alias.text),
              effect ? "the alias of an effect begins with an upper-case letter"
                     : "the alias of a function has no upper-case letters",
              {}, DiagnosticCode::AliasCasing);
    }
    return {name, alias};
}

void SyntaxBuilder::add_function(List<MarkerSyntax> markers, bool pure, Name name, List<Name> parameters,
                                 Body body, SourceRange header, SourceRange close) {
    junk_ = junk_run_ = false;
    check_casing(NameKind::Function, name);
    functions_.push_back({markers, pure, name, parameters, body, join(header, close), header});
}

void SyntaxBuilder::add_effect(List<MarkerSyntax> markers, Name name, SourceRange header, SourceRange close) {
    junk_ = junk_run_ = false;
    check_casing(NameKind::Effect, name);
    if (docstring_)
        error(docstring_->range, "expected a declaration or a shell block, found a docstring",
              "only tests have a docstring");
    effects_.push_back({markers, name, close_scope(), join(header, close), header});
}

void SyntaxBuilder::add_test(List<MarkerSyntax> markers, const Text& name, SourceRange name_range,
                             std::optional<TimeoutSyntax> timeout, SourceRange header, SourceRange close) {
    junk_ = junk_run_ = false;
    TestSyntax test;
    auto plain = name.constant();
    if (!plain) {
        error(name_range, "expected plain string, found a string with `${…}`",
              "a test has one name, known before it runs");
        plain = source_.text().substr(name.range.begin, name.range.end - name.range.begin);
    }
    if (plain->empty()) error(name_range, "expected plain string, found an empty one", "a test needs a name");
    test.name = {*plain, name_range};
    auto [first, added] = test_names_.emplace(*plain, name_range);
    if (!added) {
        sink_.report({DiagnosticCode::NameConflict,
                      &source_,
                      name_range,
                      "name conflict: this file has another test " + quoted_text(*plain),
                      {{&source_, first->second, "the other one is here"}},
                      ""});
    }
    if (!scope_.expects.empty()) {
        error(*first_expect_, "expected `let`, `start`, `shell` or `cleanup`, found `expect`",
              "only effects expect variables");
    }
    if (!scope_.exposes.empty()) {
        auto place = scope_.exposes.front().range;
        error({place.begin, place.begin + 6}, "expected `let`, `start`, `shell` or `cleanup`, found `expose`",
              "only effects expose shells and variables");
    }
    scope_.expects.clear();
    scope_.exposes.clear();
    test.markers = markers;
    test.timeout = timeout;
    test.docstring = docstring_;
    test.body = close_scope();
    test.range = join(header, close);
    test.header_range = header;
    tests_.push_back(test);
}

MarkerSyntax SyntaxBuilder::marker(Name kind, MarkerSyntax::Modifier modifier, SourceRange range) {
    MarkerSyntax marker;
    marker.kind = kind.text == "skip"  ? MarkerSyntax::Kind::Skip
                  : kind.text == "run" ? MarkerSyntax::Kind::Run
                                       : MarkerSyntax::Kind::Flaky;
    marker.modifier = modifier;
    marker.range = range;
    return marker;
}

void SyntaxBuilder::end_of_module(List<MarkerSyntax> markers) {
    if (markers.empty()) return;
    error(markers.back().range, "expected `fn`, `effect` or `test` after a marker, found end of file",
          "a marker belongs to the declaration that follows it");
}

// --- tests and effects ---

void SyntaxBuilder::begin_scope() {
    scope_.expects.clear();
    scope_.declarations.clear();
    scope_.starts.clear();
    scope_.exposes.clear();
    scope_.shells.clear();
    scope_.cleanup.reset();
    scope_.cleanup_range = {};
    docstring_.reset();
    first_start_.reset();
    first_expect_.reset();
    first_shell_.reset();
    misplaced_ = false;
    anything_ = false;
    late_let_ = false;
}

ScopeBody SyntaxBuilder::close_scope() {
    ScopeBody body;
    body.expects = scope_.expects.copy(tree());
    body.declarations = scope_.declarations.copy(tree());
    body.starts = scope_.starts.copy(tree());
    body.exposes = scope_.exposes.copy(tree());
    body.shells = scope_.shells.copy(tree());
    body.cleanup = scope_.cleanup;
    body.cleanup_range = scope_.cleanup_range;
    return body;
}

bool SyntaxBuilder::check_before_shells(std::string_view what, SourceRange range) {
    misplaced_ = false;
    anything_ = true;
    if (scope_.cleanup) {
        error(range, quoted_text(what) + " after `cleanup`: expected `}` after the cleanup block", {},
              {{&source_,
                {scope_.cleanup_range.begin, scope_.cleanup_range.begin + 7},
                "the cleanup block is here"}});
    } else if (first_shell_) {
        error(range, quoted_text(what) + " after a shell block: expected `shell`, `cleanup` or `}`",
              "declarations stand before the first shell block",
              {{&source_, *first_shell_, "the first shell block is here"}});
    } else {
        return true;
    }
    return false;
}

void SyntaxBuilder::docstring(Name text) {
    SourceRange open{text.range.begin, text.range.begin + 3};
    misplaced_ = false;
    if (docstring_) {
        error(open, "expected a declaration or a shell block, found a second docstring", {},
              {{&source_, docstring_->range, "the first one is here"}});
        return;
    }
    if (anything_)
        error(open, "expected a declaration or a shell block, found a docstring",
              "a docstring stands at the beginning of its test");
    docstring_ = Name{text.text, open};
    docstring_close_ = {text.range.end - 3, text.range.end};
}

void SyntaxBuilder::expect(List<Name> names, SourceRange range) {
    if (!check_before_shells("expect", range)) return;
    if (!first_expect_) first_expect_ = range;
    scope_.expects.append(names.begin(), names.end());
}

void SyntaxBuilder::declaration(const Statement& statement) {
    bool let = std::holds_alternative<Let>(statement.node);
    SourceRange place = let ? SourceRange{statement.range.begin, statement.range.begin + 3} : statement.range;
    bool ordered = check_before_shells(let ? "let" : "?", place);
    if (let && first_start_ && ordered && !late_let_) {
        error(place, "`let` after `start`: expected it before the first `start`",
              "lets run before any effect is started: move it up",
              {{&source_, *first_start_, "the first `start` is here"}});
        late_let_ = true;
    }
    scope_.declarations.push_back(statement);
}

void SyntaxBuilder::start(Name effect, std::optional<Name> alias, List<OverlayEntry> overlay,
                          SourceRange range) {
    SourceRange keyword{range.begin, range.begin + 5};
    check_before_shells("start", keyword);
    if (!first_start_) first_start_ = keyword;
    late_let_ = false;
    check_casing(NameKind::Effect, effect);
    if (alias && edition_ == Edition::V0_8 && !upper_name(alias->text)) {
        error(alias->range,
              "expected effect name in CamelCase as an alias, found " + quoted_text(alias->text),
              "from edition 0.8 on aliases of effects begin with an upper-case letter", {},
              DiagnosticCode::AliasCasing);
    }
    scope_.starts.push_back({effect, alias, overlay, range});
}

void SyntaxBuilder::expose(ExposeSyntax::Kind kind, MemberExpression reference, std::optional<Name> alias,
                           SourceRange range) {
    if (!check_before_shells("expose", {range.begin, range.begin + 6})) return;
    if (kind == ExposeSyntax::Kind::Unspecified && edition_ == Edition::V0_8) {
        auto text = source_.text();
        auto first = reference.alias.text.empty() ? reference.member.range : reference.alias.range;
        std::string rest(text.substr(first.begin, range.end - first.begin));
        error({first.begin, range.end},
              "expected `shell` or `var` after `expose`, found " +
                  quoted_text(text.substr(first.begin, first.end - first.begin)),
              "write `expose shell " + rest + "` or `expose var " + rest + "`");
    }
    if (kind == ExposeSyntax::Kind::Shell) {
        check_casing(NameKind::Shell, reference.member);
        if (alias) check_casing(NameKind::Shell, *alias);
    }
    ExposeSyntax expose;
    expose.kind = kind;
    if (!reference.alias.text.empty()) expose.qualifier = reference.alias;
    expose.name = reference.member;
    expose.alias = alias;
    expose.range = range;
    scope_.exposes.push_back(expose);
}

void SyntaxBuilder::shell(MemberExpression reference, Body body, SourceRange header, SourceRange close) {
    misplaced_ = false;
    anything_ = true;
    if (scope_.cleanup) {
        error(header, "`shell` after `cleanup`: expected `}` after the cleanup block", {},
              {{&source_,
                {scope_.cleanup_range.begin, scope_.cleanup_range.begin + 7},
                "the cleanup block is here"}});
    }
    check_casing(NameKind::Shell, reference.member);
    if (!first_shell_) first_shell_ = header;
    ShellBlock shell;
    if (!reference.alias.text.empty()) shell.qualifier = reference.alias;
    shell.name = reference.member;
    shell.body = body;
    shell.range = join(header, close);
    shell.header_range = header;
    scope_.shells.push_back(shell);
}

void SyntaxBuilder::cleanup(Body body, SourceRange keyword, SourceRange range) {
    misplaced_ = false;
    anything_ = true;
    if (scope_.cleanup) {
        error(keyword, "expected `}`, found a second cleanup block", "put everything into one cleanup block",
              {{&source_,
                {scope_.cleanup_range.begin, scope_.cleanup_range.begin + 7},
                "the first one is here"}});
        return;
    }
    scope_.cleanup = body;
    scope_.cleanup_range = range;
}

// --- statements ---

Statement SyntaxBuilder::multimatch(std::optional<TimeoutSyntax> timeout, List<MultiMatchEntry> entries,
                                    SourceRange open, SourceRange range) {
    bool reported = !sink_.diagnostics().empty() && sink_.diagnostics().back().range.begin >= open.begin;
    if (entries.empty() && !reported) {
        error(open, "expected `? regex` or `= text` in the multimatch, found none",
              "a multimatch waits for each of its lines");
    }
    return Statement{MultiMatch{timeout, entries}, range};
}

void SyntaxBuilder::bind_with_equals(SourceRange range) {
    if (edition_ != Edition::V0_8 || lexer_.reported_in_statement()) return;
    auto position = source_.position(range.begin);
    auto line = source_.line(position.line);
    std::string rewritten(line.substr(0, position.column - 1));
    rewritten.append(":=").append(line.substr(position.column));
    rewritten.erase(0, rewritten.find_first_not_of(" \t"));
    rewritten.erase(rewritten.find_last_not_of(" \t") + 1);
    error(range, "expected `:=`, found `=`", "write " + quoted_text(rewritten));
    lexer_.mark_reported();
}

}  // namespace relux::frontend
