// Warnings about what stands in texts as written and was probably meant otherwise: `$$`, `\0` before a digit,
// and words in markers that are names of variables.
#include <algorithm>
#include <array>
#include <optional>

#include "frontend/check.h"
#include "frontend/program_walk.h"

namespace relux::frontend {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_name_begin(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_word(char c) {
    return is_name_begin(c) || is_digit(c);
}

/// The escape that makes the byte, if there is one.
std::optional<std::string_view> escape_of(std::uint32_t byte) {
    constexpr auto kEscapes = std::to_array<std::pair<std::uint32_t, std::string_view>>({{27, "\\e"},
                                                                                         {10, "\\n"},
                                                                                         {9, "\\t"},
                                                                                         {13, "\\r"},
                                                                                         {7, "\\a"},
                                                                                         {8, "\\b"},
                                                                                         {12, "\\f"},
                                                                                         {11, "\\v"}});
    for (const auto& [value, text] : kEscapes) {
        if (value == byte) return text;
    }
    return std::nullopt;
}

/// Names that a shell sets by itself.
bool is_set_by_shells(std::string_view name) {
    constexpr auto kNames = std::to_array<std::string_view>(
        {"RANDOM", "SECONDS",  "LINENO", "PPID",       "PWD",      "OLDPWD",   "IFS",
         "PS1",    "PS2",      "PS4",    "OPTARG",     "OPTIND",   "REPLY",    "UID",
         "EUID",   "HOSTNAME", "SHLVL",  "PIPESTATUS", "FUNCNAME", "HISTFILE", "_"});
    return name.starts_with("BASH") || std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

class TextCheck {
  public:
    TextCheck(const Program& program, LoadedModule& module, const CheckOptions& options)
        : program_(program), module_(module), options_(options), source_(module.source->text()) {}

    void run() {
        // Most files have neither, and are not walked.
        dollars_ = source_.find("$$") != std::string_view::npos;
        const bool zeros = source_.find("\\0") != std::string_view::npos;
        if (dollars_ || zeros) {
            for_each_statement(module_.syntax, [&](const Statement& statement) { check(statement); });
            for (const EffectSyntax& effect : module_.syntax.effects)
                check_overlays(effect.body);
            for (const TestSyntax& test : module_.syntax.tests)
                check_overlays(test.body);
        }
        if (options_.environment_has) {
            for_each_marker(module_.syntax, [&](const MarkerSyntax& marker) { check_bare_word(marker); });
        }
    }

  private:
    void check(const Statement& statement) {
        for_each_node(statement, [&]<class Node>(const Node& node) {
            if constexpr (std::is_same_v<Node, Send>) {
                if (dollars_) check_dollars(node.text);
                check_zeros(node.text);
            } else if constexpr (std::is_same_v<Node, StringExpression>) {
                check_zeros(node.text);
            }
        });
        for_each_pattern(statement, [&](PatternKind kind, const Text& pattern) {
            if (kind == PatternKind::Literal) check_zeros(pattern);
        });
    }

    void check_overlays(const ScopeBody& body) {
        for_each<StringExpression>(body.starts,
                                   [&](const StringExpression& string) { check_zeros(string.text); });
    }

    std::string_view written(SourceRange range) const {
        return source_.substr(range.begin, range.end - range.begin);
    }

    /// `\033` and the like: one row for each.
    void check_zeros(const Text& text) {
        const std::string_view raw = written(text.range);
        for (auto at = raw.find('\\'); at != std::string_view::npos && at + 2 < raw.size();
             at = raw.find('\\', at + 2)) {
            if (raw[at + 1] != '0' || !is_digit(raw[at + 2])) continue;
            std::size_t end = at + 2;
            while (end < raw.size() && end < at + 4 && is_digit(raw[end]))
                ++end;
            report_zero(raw.substr(at, end - at), text.range.begin + static_cast<std::uint32_t>(at));
        }
    }

    void report_zero(std::string_view sequence, std::uint32_t begin) {
        std::uint32_t octal = 0;
        for (const char digit : sequence.substr(1))
            octal = octal * 8 + static_cast<std::uint32_t>(digit - '0');
        const std::string shown(sequence);
        const std::string digits(sequence.substr(2));
        DiagnosticParts parts;
        if (const auto escape = escape_of(octal))
            parts.hint = "that byte is `" + std::string(*escape) + "` here; ";
        parts.hint += "`\\" + shown + "` reaches the shell as `" + shown + "`";
        report(module_, DiagnosticCode::NulBeforeDigit,
               {begin, begin + static_cast<std::uint32_t>(sequence.size())},
               "`\\0` before a digit is a NUL byte: `" + shown + "` is that and the text `" + digits + "`",
               std::move(parts));
    }

    /// One warning for a line at most: what is said of one `$$` holds for all.
    void check_dollars(const Text& text) {
        const std::string_view raw = written(text.range);
        char quote = 0;
        for (std::size_t i = 0; i < raw.size(); ++i) {
            const char c = raw[i];
            if (c == '\\') {
                ++i;
            } else if ((c == '\'' || c == '"') && (quote == 0 || quote == c)) {
                quote = quote == 0 ? c : 0;
            } else if (c == '$' && raw.substr(i, 2) == "$$") {
                std::size_t end = i;
                while (end < raw.size() && raw[end] == '$')
                    ++end;
                // `$$$$` is the shell's own `$$`, and `$$${x}` builds the name of one of its variables.
                if (end == i + 2 && is_surprise(raw, i, quote == '\'')) return report_dollars(text, raw, i);
                i = end - 1;
            }
        }
    }

    /// Whether the `$$` at `at` is more likely to be meant as the shell's process id than as one `$`.
    bool is_surprise(std::string_view raw, std::size_t at, bool single_quoted) const {
        const char next = at + 2 < raw.size() ? raw[at + 2] : ' ';
        if (is_name_begin(next)) {
            if (single_quoted) return false;
            std::size_t end = at + 2;
            while (end < raw.size() && is_word(raw[end]))
                ++end;
            return !is_known_to_shells(raw.substr(at + 2, end - at - 2));
        }
        if (is_digit(next) || std::string_view("{(?!#*@").find(next) != std::string_view::npos) return false;
        // Between single quotes a `$` at the end of a word is one of a pattern, `'s/a$$/b/'`, unless it
        // stands alone.
        return !single_quoted || (at != 0 && (raw[at - 1] == ' ' || raw[at - 1] == '\t'));
    }

    /// A shell may have a variable of that name: then `$$NAME` is `$NAME`, as it is meant.
    bool is_known_to_shells(std::string_view name) const {
        if (!options_.environment_has || is_set_by_shells(name) ||
            options_.environment_has(name, module_.name))
            return true;
        return std::any_of(program_.modules.begin(), program_.modules.end(), [&](const auto& module) {
            return module->source != nullptr && names(module->source->text(), name);
        });
    }

    /// Whether the word stands in the text other than behind a `$`.
    static bool names(std::string_view text, std::string_view name) {
        for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
            const bool begins = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '$');
            const bool ends = at + name.size() == text.size() || !is_word(text[at + name.size()]);
            if (begins && ends) return true;
        }
        return false;
    }

    void report_dollars(const Text& text, std::string_view raw, std::size_t at) {
        constexpr std::size_t kLongest = 60;
        std::string sent;
        for (std::size_t i = 0; i < raw.size(); ++i) {
            sent += raw[i];
            if (raw.substr(i, 2) == "$$") ++i;
        }
        if (sent.size() > kLongest) sent = "…";
        const auto begin = text.range.begin + static_cast<std::uint32_t>(at);
        report(
            module_, DiagnosticCode::DoubledDollar, {begin, begin + 2},
            "`$$` is written for `$`: the shell gets `" + sent + "`; for the shell's own `$$` write `$$$$`");
    }

    void check_bare_word(const MarkerSyntax& marker) {
        if (marker.comparison != MarkerSyntax::Comparison::Equal || !marker.right) return;
        const auto* variable = std::get_if<VariableExpression>(&marker.right->node);
        if (variable == nullptr || variable->name.text.starts_with("__RELUX")) return;
        if (options_.environment_has(variable->name.text, module_.name)) return;
        const std::string name(variable->name.text);
        const auto line = [&](SourceRange range) { return std::string(written(range)); };
        DiagnosticParts parts;
        parts.hint = "write `" + line({marker.range.begin, marker.right->range.begin}) + "\"" + name + "\"`";
        report(module_, DiagnosticCode::BareWordInMarker, marker.right->range,
               "bare word in a marker: `" + name + "` is a variable that nothing sets, so it is empty",
               std::move(parts));
    }

    const Program& program_;
    LoadedModule& module_;
    const CheckOptions& options_;
    std::string_view source_;
    bool dollars_ = false;
};

}  // namespace

void check_texts(const Program& program, LoadedModule& module, const CheckOptions& options) {
    TextCheck(program, module, options).run();
}

}  // namespace relux::frontend
