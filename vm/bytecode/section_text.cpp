#include "vm/bytecode/section_text.h"

#include "vm/bytecode/quoted.h"

namespace relux::bytecode {

namespace {

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

/// ` chunk 3`, or nothing.
std::string chunk_part(const char* what, ChunkIndex chunk) {
    return chunk == kNone ? "" : std::string(", ") + what + " chunk " + number(chunk);
}

std::string at(const Span& span) {
    return ", line " + number(span.line);
}

std::string kind_name(ChunkKind kind) {
    constexpr const char* kNames[] = {"function", "pure function", "declarations", "overlay",
                                      "block",    "cleanup",       "marker"};
    const auto index = static_cast<std::size_t>(kind);
    return index < std::size(kNames) ? kNames[index] : "kind " + number(index) + "?";
}

std::string marker_name(const Marker& marker) {
    constexpr const char* kKinds[] = {"skip", "run", "flaky"};
    constexpr const char* kModifiers[] = {"", " if", " unless"};
    const auto kind = static_cast<std::size_t>(marker.kind);
    const auto modifier = static_cast<std::size_t>(marker.modifier);
    return (kind < 3 ? kKinds[kind] : number(kind) + "?") +
           (modifier < 3 ? kModifiers[modifier] : " " + number(modifier) + "?");
}

template <class T, class F>
std::string list(const std::vector<T>& values, F&& text) {
    std::string joined;
    for (const auto& value : values)
        joined += (joined.empty() ? "" : ", ") + text(value);
    return joined;
}

}  // namespace

std::string SectionText::of(std::string_view section) {
    out_.clear();
    if (section == "module") header();
    for (std::size_t i = 0; section == "strings" && i < module_.strings.size(); ++i)
        line("string " + number(i) + " " + quoted(module_.strings[i]));
    for (std::size_t i = 0; section == "patterns" && i < module_.patterns.size(); ++i)
        line("pattern " + number(i) + " " + slashed(module_.patterns[i]));
    for (std::size_t i = 0; section == "durations" && i < module_.durations.size(); ++i)
        line("duration " + number(i) + " " + std::to_string(module_.durations[i]) + " ns");
    if (section == "references") references();
    if (section == "chunks") chunks();
    if (section == "scopes") scopes();
    if (section == "functions") functions();
    if (section == "effects") effects();
    if (section == "tests") tests();
    return std::move(out_);
}

std::string SectionText::quoted_name(StringIndex index) const {
    return index < module_.strings.size() ? quoted(module_.strings[index]) : names_.string(index);
}

std::string SectionText::quoted_names(const std::vector<StringIndex>& indexes) const {
    return list(indexes, [&](StringIndex index) { return quoted_name(index); });
}

void SectionText::header() {
    line("name " + quoted(module_.name));
    line("source hash " + number(module_.source_hash));
    line(module_.source.empty() ? "no source" : "source of " + number(module_.source.size()) + " bytes");
}

void SectionText::references() {
    const auto of = [&](StringIndex module) {
        return module == kNone ? std::string() : " of " + quoted_name(module);
    };
    for (std::size_t i = 0; i < module_.function_refs.size(); ++i) {
        const auto& reference = module_.function_refs[i];
        line("function " + number(i) + " " + quoted_name(reference.name) + "/" + number(reference.arity) +
             of(reference.module));
    }
    for (std::size_t i = 0; i < module_.effect_refs.size(); ++i) {
        const auto& reference = module_.effect_refs[i];
        line("effect " + number(i) + " " + quoted_name(reference.name) + of(reference.module));
    }
    for (std::size_t i = 0; i < module_.native_refs.size(); ++i) {
        const auto& reference = module_.native_refs[i];
        line("built-in " + number(i) + " " + quoted_name(reference.name) + "/" + number(reference.arity));
    }
}

void SectionText::chunks() {
    for (std::size_t i = 0; i < module_.chunks.size(); ++i) {
        const auto& chunk = module_.chunks[i];
        line("chunk " + number(i) + ": " + kind_name(chunk.kind) + ", registers " +
             number(chunk.register_count) + ", arguments " + number(chunk.argument_count) +
             (chunk.scope == kNone ? "" : ", scope " + number(chunk.scope)));
        for (std::size_t j = 0; j < chunk.code.size(); ++j) {
            const auto place = j < chunk.spans.size() ? number(chunk.spans[j].line) : "?";
            line("  " + number(j) + "  line " + place + "  " + names_.instruction(chunk, j));
        }
    }
}

void SectionText::markers(const std::vector<Marker>& markers) {
    for (const auto& marker : markers) {
        line("  marker " + marker_name(marker) + ", written " + quoted_name(marker.text) +
             chunk_part("condition", marker.condition) + at(marker.span));
    }
}

void SectionText::scopes() {
    for (std::size_t i = 0; i < module_.scopes.size(); ++i)
        scope(i);
}

void SectionText::scope(std::size_t index) {
    const auto& scope = module_.scopes[index];
    line("scope " + number(index) + " " + quoted_name(scope.name) +
         chunk_part("declarations", scope.declarations) + chunk_part("cleanup", scope.cleanup) +
         at(scope.span));
    if (!scope.slots.empty()) line("  variables " + quoted_names(scope.slots));
    for (const auto& start : scope.starts) {
        line("  start of effect " + number(start.effect) +
             (start.alias == kNone ? "" : " as " + quoted_name(start.alias)) +
             chunk_part("overlay", start.overlay) +
             (start.waits_for.empty()
                  ? ""
                  : ", after " + list(start.waits_for, [](std::uint32_t other) { return number(other); })) +
             at(start.span));
    }
    for (const auto& variable : scope.alias_variables)
        line("  variable " + quoted_name(variable.name) + " of start " + number(variable.start));
    for (const auto& frame : scope.frames) {
        line("  shell " + quoted_name(frame.name) +
             (frame.start == kNone ? "" : " of start " + number(frame.start)) + ", variables " +
             number(frame.variable_count));
    }
    for (const auto& block : scope.blocks)
        line("  block of shell " + number(block.frame) + chunk_part("code", block.chunk) + at(block.span));
    markers(scope.markers);
}

void SectionText::functions() {
    for (std::size_t i = 0; i < module_.functions.size(); ++i) {
        const auto& function = module_.functions[i];
        line("function " + number(i) + " " + quoted_name(function.name) + (function.pure ? ", pure" : "") +
             ", parameters (" + quoted_names(function.parameters) + ")" + chunk_part("code", function.chunk) +
             at(function.span));
        markers(function.markers);
    }
}

void SectionText::effects() {
    for (std::size_t i = 0; i < module_.effects.size(); ++i) {
        const auto& effect = module_.effects[i];
        line("effect " + number(i) + ": scope " + number(effect.scope) +
             (effect.expects.empty() ? "" : ", expects " + quoted_names(effect.expects)));
        for (const auto& expose : effect.exposes) {
            line(std::string("  exposes ") + (expose.variable ? "variable " : "shell ") +
                 quoted_name(expose.name) + ", inside " + quoted_name(expose.inner_name) +
                 (expose.start == kNone ? "" : " of start " + number(expose.start)) +
                 (expose.slot == kNone ? "" : ", variable " + number(expose.slot)) + at(expose.span));
        }
    }
}

void SectionText::tests() {
    for (std::size_t i = 0; i < module_.tests.size(); ++i) {
        const auto& test = module_.tests[i];
        const auto time = names_.time(test.timeout_kind, test.timeout);
        line("test " + number(i) + ": scope " + number(test.scope) +
             (time.empty() ? "" : ", time-out " + time) +
             (test.docstring == kNone ? "" : ", docstring " + quoted_name(test.docstring)));
    }
}

}  // namespace relux::bytecode
