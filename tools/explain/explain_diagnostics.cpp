// One form for the terminal, one for docs/diagnostics.md. The examples are compiled when they are shown, so
// the messages beside them are never out of date.
#include "tools/explain/explain_diagnostics.h"

#include <algorithm>
#include <cerrno>

#include "compiler/compile.h"
#include "tools/project/compilation.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace {

constexpr std::string_view kIntroduction = R"(<!-- Made by `reluxc explain --all --format markdown`
     from frontend/diagnostics.def and frontend/explanations/: change those. -->

# Diagnostics

What `relux check` and `relux run` say about a program before anything runs. Each has a code; `reluxc explain CODE`
prints its section of this page. Errors make the tests of a file invalid; warnings don't, unless `relux check --strict`.

A comment `// --- PATH` in an example begins a file. Examples are of edition 0.4 unless they say otherwise.

)";

constexpr std::size_t kShownEnd = 50;

struct Form {
    std::string_view heading, fence, indent;
};
constexpr Form kMarkdown{"## ", "```\n", ""};
constexpr Form kText{"", "", "    "};

std::string severity(const frontend::DiagnosticInfo& info) {
    return info.severity == frontend::Severity::Error ? "error" : "warning";
}

std::string block(std::string_view text, const Form& form) {
    std::string shown(form.fence);
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size() - 1) + 1;
        auto line = visible(text.substr(0, end - (text[end - 1] == '\n' ? 1 : 0)), false);
        // Only the example of a program too large for us has such lines.
        if (line.size() > 4 * kShownEnd)
            line = line.substr(0, kShownEnd) + " … " + line.substr(line.size() - kShownEnd);
        shown += (line.empty() ? "" : std::string(form.indent)) + line + "\n";
        text.remove_prefix(end);
    }
    return shown += form.fence;
}

std::filesystem::path below_root(std::string_view path) {
    return std::filesystem::path("/example") / path;
}

// Prints what the compiler says to the wrong program.
std::string output_of(const frontend::Explanation& explanation) {
    auto files = frontend::example_files(explanation.wrong);
    compiler::CompileOptions options;
    options.edition = explanation.edition;
    options.suite_root = "/example";
    options.environment_has = [](std::string_view, std::string_view) { return false; };
    options.read_file = [&files](const std::filesystem::path& path) -> Result<std::string> {
        for (const auto& file : files) {
            if (below_root(file.path) != path) continue;
            if (!file.readable) return Error{"permission denied", EACCES};
            return std::string(file.text);
        }
        return Error{"no such file", ENOENT};
    };
    std::vector<std::filesystem::path> tests;
    for (const auto& file : files) {
        if (file.path.starts_with("relux/tests/")) tests.push_back(below_root(file.path));
    }
    auto compiled = compiler::compile_suite(options, tests);
    return render_diagnostics(compiled.diagnostics, Shown::ErrorsAndWarnings, false);
}

}  // namespace

std::string diagnostic_list() {
    std::string text;
    for (const auto& each : frontend::explanations()) {
        const auto& info = frontend::diagnostic_info(each.code);
        text += std::string(info.code) + "  " + std::string(info.title) + "\n";
    }
    return text;
}

std::string explain_diagnostic(const frontend::Explanation& explanation, bool markdown) {
    const auto& form = markdown ? kMarkdown : kText;
    const auto& info = frontend::diagnostic_info(explanation.code);
    auto title = markdown ? std::string(info.code) + ": " + std::string(info.title)
                          : severity(info) + "[" + std::string(info.code) + "]: " + std::string(info.title);
    std::string edition =
        explanation.edition == frontend::Edition::V0_8 ? " (`language = \"0.8\"`)" : std::string();
    std::string text = std::string(form.heading) + title + "\n\n";
    if (markdown) text += severity(info) == "error" ? "An error. " : "A warning. ";
    text += std::string(explanation.text) + "\n\n";
    text += "Wrong" + edition + ":\n\n" + block(explanation.wrong, form) + "\n";
    text += "What is said to it:\n\n" + block(output_of(explanation), form) + "\n";
    text += "Right:\n\n" + block(explanation.right, form);
    return text;
}

std::string diagnostic_reference(bool markdown) {
    std::string text;
    if (markdown) {
        text += std::string(kIntroduction) + "| code | | |\n|---|---|---|\n";
        for (const auto& each : frontend::explanations()) {
            const auto& info = frontend::diagnostic_info(each.code);
            text += "| " + std::string(info.code) + " | " + severity(info) + " | " + std::string(info.title) +
                    " |\n";
        }
        text += "\n";
    }
    bool first = true;
    for (const auto& each : frontend::explanations()) {
        if (!first) text += "\n";
        first = false;
        text += explain_diagnostic(each, markdown);
    }
    return text;
}

}  // namespace relux::cli
