// The parser as others see it: checks the encoding, runs the grammar, and hands on what was found in source
// order.
#include "frontend/parse.h"

#include <algorithm>
#include <set>

#include "frontend/syntax_builder.h"
#include "frontend/text_pieces.h"
#include "vm/base/input_limits.h"
#include "vm/base/text.h"

namespace relux::frontend {

namespace {

// Reports every line that is not text; the rest of such a line is not worth a second message.
std::set<std::uint32_t> check_encoding(const Source& source, DiagnosticSink& sink) {
    std::set<std::uint32_t> lines;
    auto add = [&](std::uint32_t at, std::string message, std::string hint) {
        if (!lines.insert(source.position(at).line).second) return;
        sink.report(
            {DiagnosticCode::BadEncoding, &source, {at, at + 1}, std::move(message), {}, std::move(hint)});
    };
    auto text = source.text();
    for (std::size_t begin = 0;;) {
        auto at = find_invalid_utf8(text.substr(begin));
        if (at == std::string_view::npos) break;
        begin += at;
        add(static_cast<std::uint32_t>(begin), "parse error: expected UTF-8 text, found an invalid byte",
            "save the file as UTF-8");
        begin = text.find('\n', begin);
    }
    for (auto at = text.find('\0'); at != std::string_view::npos; at = text.find('\0', at + 1)) {
        add(static_cast<std::uint32_t>(at), "parse error: expected text, found a NUL byte",
            "write `\\0` in a string");
    }
    return lines;
}

// Instructions could not say where they come from.
void check_size(const Source& source, DiagnosticSink& sink) {
    const auto text = source.text();
    if (text.size() < kMaximumPlace) return;
    const auto report = [&](std::size_t begin, std::string what, std::string hint) {
        const auto at = static_cast<std::uint32_t>(begin);
        sink.report({DiagnosticCode::LimitExceeded,
                     &source,
                     {at, at + 1},
                     "limit exceeded: " + std::move(what) + std::to_string(kMaximumPlace - 1),
                     {},
                     std::move(hint)});
    };
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size(); ++number) {
        if (number + 1 == kMaximumPlace)
            return report(begin, "the lines of a file are at most ", "make several modules of it");
        const auto end = text.find('\n', begin);
        if (end - begin >= kMaximumPlace)
            report(begin, "the bytes of a line are at most ",
                   "keep such a text in a file that the test reads");
        begin = end + 1;
    }
}

}  // namespace

ModuleSyntax parse(const Source& source, Edition edition, DiagnosticSink& sink) {
    auto memory = std::make_unique<Arena>();
    Arena scratch;
    ModuleSyntax module = parse(source, edition, sink, *memory, scratch);
    module.memory = std::move(memory);
    return module;
}

ModuleSyntax parse(const Source& source, Edition edition, DiagnosticSink& sink, Arena& tree, Arena& scratch) {
    ModuleSyntax module;
    module.source = &source;
    DiagnosticSink found;
    auto damaged_lines = check_encoding(source, found);
    check_size(source, found);
    auto encoding_errors = found.diagnostics().size();
    SyntaxBuilder builder(source, edition, found, module, tree, scratch);
    parse_with_grammar(builder);
    builder.finish();
    scratch.clear();
    module.has_errors = found.error_count() > 0;
    std::vector<Diagnostic> sorted;
    for (std::size_t i = 0; i < found.diagnostics().size(); ++i) {
        const auto& diagnostic = found.diagnostics()[i];
        bool follows =
            i >= encoding_errors && damaged_lines.contains(source.position(diagnostic.range.begin).line);
        if (!follows) sorted.push_back(diagnostic);
    }
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.range.begin < b.range.begin; });
    for (auto& diagnostic : sorted)
        sink.report(std::move(diagnostic));
    return module;
}

std::string dump_tokens(const Source& source, Edition edition) {
    DiagnosticSink ignored;
    std::vector<std::string_view> decoded;
    Arena memory;
    Lexer lexer(source, edition, ignored, {memory, decoded}, memory);
    std::string out;
    for (;;) {
        const auto& token = lexer.next();
        auto position = source.position(token.range.begin);
        out += std::to_string(position.line) + ":" + std::to_string(position.column) + " ";
        out += token_name(token.kind);
        bool text = token.kind != TokenKind::Eol && token.kind != TokenKind::Newline &&
                    token.range.end > token.range.begin;
        if (text) {
            out += " ";
            out +=
                visible(source.text().substr(token.range.begin, token.range.end - token.range.begin), false);
        }
        out += "\n";
        if (token.kind == TokenKind::End) return out;
    }
}

}  // namespace relux::frontend
