// The order of the checks, and the small ones: static regexes, and time-outs and matches that cannot be
// meant.
#include "frontend/check.h"

#include <array>
#include <span>
#include <string>

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
    check_overlays(program, options);
    for (LoadedModule* module : program.order) {
        if (module->source == nullptr || module->has_errors()) continue;
        check_texts(program, *module, options);
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

/// Stands in a text for an interpolation, so that two texts are the same when they read the same.
std::string mark_of(const TextPart& part) {
    return "\x01" + std::to_string(static_cast<int>(part.kind)) + ":" + std::to_string(part.capture) + ":" +
           std::string(part.text) + "." + std::string(part.member) + "\x02";
}

/// What a pattern looks for, with a mark for each interpolation.
struct SoughtText {
    std::string text;     ///< empty: it is more than literal text
    bool at_end = false;  ///< of a line
};

/// Takes the end of a line off a pattern, if it has one there: an anchor, or the bytes of a line break.
bool take_line_end(std::string& pattern, PatternKind kind) {
    constexpr auto kOfRegexes =
        std::to_array<std::string_view>({"\\r?\\n", "\\r\\n", "\\r?$", "\\r$", "\\r?", "\\r", "\\R", "$"});
    constexpr auto kOfLiterals = std::to_array<std::string_view>({"\r\n", "\r"});
    const std::span<const std::string_view> ends = kind == PatternKind::Regex
                                                       ? std::span<const std::string_view>(kOfRegexes)
                                                       : std::span<const std::string_view>(kOfLiterals);
    for (const std::string_view end : ends) {
        if (!pattern.ends_with(end)) continue;
        const std::size_t size = pattern.size() - end.size();
        const std::size_t before = pattern.find_last_not_of('\\', size == 0 ? 0 : size - 1);
        const std::size_t backslashes = size - (before == std::string::npos || size == 0 ? 0 : before + 1);
        if (kind == PatternKind::Regex && size != 0 && backslashes % 2 == 1) return false;
        pattern.resize(size);
        return true;
    }
    return false;
}

SoughtText sought_by(const Match& match) {
    SoughtText sought;
    for (std::size_t i = 0; i < match.pattern->parts.size(); ++i) {
        const TextPart& part = match.pattern->parts[i];
        if (part.kind != TextPart::Kind::Literal) {
            sought.text += mark_of(part);
            continue;
        }
        std::string text(part.text);
        if (i + 1 == match.pattern->parts.size()) sought.at_end = take_line_end(text, match.kind);
        if (text.empty()) continue;
        if (match.kind == PatternKind::Regex) text = literal_text(text);
        if (text.empty()) return {};
        sought.text += text;
    }
    return sought;
}

/// The search starts at the cursor, and the terminal echoes what is sent first.
bool may_match_echo(const Send& send, const Match& match) {
    if (!match.pattern || send.text.parts.empty() || match.pattern->parts.empty()) return false;
    const SoughtText sought = sought_by(match);
    if (sought.text.empty()) return false;
    std::string sent;
    for (const TextPart& part : send.text.parts)
        sent += part.kind == TextPart::Kind::Literal ? std::string(part.text) : mark_of(part);
    if (!sought.at_end) return sent.find(sought.text) != std::string::npos;
    while (sent.ends_with('\r') || sent.ends_with('\n'))
        sent.pop_back();
    return sent.ends_with(sought.text);
}

void check_echo(LoadedModule& module, const Body& body) {
    for (std::size_t i = 1; i < body.size(); ++i) {
        const Send* send = send_of(body[i - 1]);
        const Match* match = match_of(body[i]);
        if (send == nullptr || match == nullptr || !may_match_echo(*send, *match)) continue;
        DiagnosticParts parts;
        parts.hint =
            "the terminal echoes what is sent: `<? ^...$` matches a line of the command's own output";
        report(module, DiagnosticCode::EchoMatch, body[i].range,
               "this match may match its own echo: the line sent before contains it", std::move(parts));
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
