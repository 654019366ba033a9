// The order of the checks, and the small ones: static regexes, and time-outs and matches that cannot be
// meant.
#include "frontend/check.h"

#include "frontend/program_walk.h"

namespace relux::frontend {

void check(Program& program, const CheckOptions& options) {
    for (LoadedModule* module : program.order) {
        if (module->source == nullptr || module->syntax.has_errors) continue;
        check_purity(*module);
        check_patterns(*module, options);
        check_expectations(*module, options);
        check_timing(*module);
    }
    check_usage(program, options);
    check_sends(program, options);
    for (LoadedModule* module : program.order) {
        if (module->source != nullptr && !module->has_errors()) check_texts(program, *module, options);
    }
}

namespace {

void check_pattern(LoadedModule& module, const CheckOptions& options, const Text& pattern) {
    auto text = pattern.constant();
    if (!text) return;  // compiled when it runs
    Status status = options.check_regex(*text);
    if (status) return;
    SourceRange range = pattern.range;
    // The payload is the pattern byte for byte unless it holds `$$`, so PCRE2's offset is a place in the
    // file.
    const bool verbatim = range.end - range.begin == text->size();
    if (const auto offset = static_cast<std::uint32_t>(status.error().code);
        verbatim && offset <= text->size()) {
        // PCRE2 stops after what it objects to; at the end of the pattern its last byte is underlined.
        range.begin += offset < text->size() ? offset : offset - (offset != 0 ? 1 : 0);
        range.end = range.begin + 1;
    }
    DiagnosticParts parts;
    if (status.error().message.find("parenthes") != std::string::npos)
        parts.hint = "`\\(` and `\\)` stand for parentheses themselves; `<=` looks for text as it is";
    report(module, DiagnosticCode::InvalidRegex, range, "invalid regex: " + status.error().message,
           std::move(parts));
}

/// The bytes that the regex stands for when it is nothing but literal text, else nothing.
std::string literal_text(std::string_view regex) {
    std::string text;
    for (std::size_t i = 0; i < regex.size(); ++i) {
        if (std::string_view("^$.[]|()?*+{}").find(regex[i]) != std::string_view::npos) return {};
        if (regex[i] == '\\') {
            ++i;
            const bool escaped = i < regex.size() && std::string_view("^$.[]|()?*+{}\\/-").find(regex[i]) !=
                                                         std::string_view::npos;
            if (!escaped) return {};
        }
        text += regex[i];
    }
    return text;
}

/// The search starts at the cursor, and the terminal echoes what is sent first.
bool matches_echo(const Send& send, const Match& match) {
    if (!match.pattern || send.text.parts.empty() || match.pattern->parts.empty()) return false;
    auto sent = send.text.constant();
    auto pattern = match.pattern->constant();
    if (!sent || !pattern) return false;
    const std::string text =
        match.kind == PatternKind::Literal ? std::string(*pattern) : literal_text(*pattern);
    return !text.empty() && sent->find(text) != std::string_view::npos;
}

void check_echo(LoadedModule& module, const Body& body) {
    for (std::size_t i = 1; i < body.size(); ++i) {
        const Send* send = send_of(body[i - 1]);
        const Match* match = match_of(body[i]);
        if (send == nullptr || match == nullptr || !matches_echo(*send, *match)) continue;
        DiagnosticParts parts;
        parts.hint =
            "the terminal echoes what is sent: `<? ^...$` matches a line of the command's own output";
        report(module, DiagnosticCode::EchoMatch, body[i].range,
               "this match can only match its own echo: the line sent before contains it", std::move(parts));
    }
}

void check_assertion(LoadedModule& module, const TestSyntax& test, const TimeoutSyntax& timeout) {
    if (!timeout.value.is_assertion() || timeout.value.written <= test.timeout->value.written) return;
    DiagnosticParts parts;
    parts.notes.push_back({module.source, test.timeout->range, "the test ends here at the latest"});
    report(module, DiagnosticCode::AssertionTooLong, timeout.range,
           "this assertion is a time-out longer than the test's own", std::move(parts));
}

void check_assertions(LoadedModule& module, const TestSyntax& test) {
    for (const ShellBlock& shell : test.body.shells) {
        for_each<TimeoutSyntax>(
            shell.body, [&](const TimeoutSyntax& timeout) { check_assertion(module, test, timeout); });
    }
}

void check_echoes(LoadedModule& module, const ScopeBody& body) {
    for (const ShellBlock& shell : body.shells)
        check_echo(module, shell.body);
    if (body.cleanup) check_echo(module, *body.cleanup);
}

}  // namespace

void check_patterns(LoadedModule& module, const CheckOptions& options) {
    if (!options.check_regex) return;
    for_each_statement(module.syntax, [&](const Statement& statement) {
        for_each_regex(statement, [&](const Text& pattern) { check_pattern(module, options, pattern); });
    });
    for_each_marker(module.syntax, [&](const MarkerSyntax& marker) {
        if (marker.pattern) check_pattern(module, options, *marker.pattern);
    });
}

void check_timing(LoadedModule& module) {
    for (const FunctionSyntax& function : module.syntax.functions)
        check_echo(module, function.body);
    for (const EffectSyntax& effect : module.syntax.effects)
        check_echoes(module, effect.body);
    for (const TestSyntax& test : module.syntax.tests) {
        check_echoes(module, test.body);
        if (test.timeout) check_assertions(module, test);
    }
}

}  // namespace relux::frontend
