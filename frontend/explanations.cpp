// The texts are in explanations/, a file for each row of diagnostics.def; embed_explanations.py makes the
// rows here, in the order of that table. The tests compile every example: the wrong one must give its code,
// the right one nothing.
#include "frontend/explanations.h"

#include "vm/base/assert.h"

namespace relux::frontend {

namespace {

constexpr Explanation kExplanations[] = {
#include "explanation_rows.inc"
};

}  // namespace

std::span<const Explanation> explanations() {
    return kExplanations;
}

const Explanation& explanation(DiagnosticCode code) {
    for (const auto& each : kExplanations) {
        if (each.code == code) return each;
    }
    RELUX_UNREACHABLE("a diagnostic without an explanation");
}

std::vector<ExampleFile> example_files(std::string_view example) {
    constexpr std::string_view kMark = "// --- ";
    constexpr std::string_view kNotReadable = " (not readable)";
    if (!example.starts_with(kMark)) return {{"relux/tests/example.relux", example, true}};
    std::vector<ExampleFile> files;
    while (!example.empty()) {
        const auto newline = example.find('\n');
        auto path = example.substr(kMark.size(), newline - kMark.size());
        const bool readable = !path.ends_with(kNotReadable);
        if (!readable) path.remove_suffix(kNotReadable.size());
        example.remove_prefix(newline + 1);
        auto next = example.find(std::string("\n") + std::string(kMark));
        next = next == std::string_view::npos ? example.size() : next + 1;
        files.push_back({path, example.substr(0, next), readable});
        example.remove_prefix(next);
    }
    return files;
}

}  // namespace relux::frontend
