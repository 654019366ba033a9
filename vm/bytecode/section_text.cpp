#include "vm/bytecode/section_text.h"

#include <algorithm>
#include <iterator>

#include "vm/base/assert.h"
#include "vm/bytecode/module_fields.h"
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

// What is none of the enumerators is shown as its number: the module need not be a sound one.

std::string kind_name(ChunkKind kind) {
    switch (kind) {
        case ChunkKind::Function:
            return "function";
        case ChunkKind::PureFunction:
            return "pure function";
        case ChunkKind::Declarations:
            return "declarations";
        case ChunkKind::Overlay:
            return "overlay";
        case ChunkKind::Block:
            return "block";
        case ChunkKind::Cleanup:
            return "cleanup";
        case ChunkKind::Marker:
            return "marker";
        case ChunkKind::Setup:
            return "workflow set-up";
        case ChunkKind::Steps:
            return "workflow steps";
        case ChunkKind::Step:
            return "workflow step";
    }
    return "kind " + number(static_cast<std::uint64_t>(kind)) + "?";
}

std::string kind_name(MarkerKind kind) {
    switch (kind) {
        case MarkerKind::Skip:
            return "skip";
        case MarkerKind::Run:
            return "run";
        case MarkerKind::Flaky:
            return "flaky";
    }
    return number(static_cast<std::uint64_t>(kind)) + "?";
}

std::string modifier_name(MarkerModifier modifier) {
    switch (modifier) {
        case MarkerModifier::None:
            return "";
        case MarkerModifier::If:
            return " if";
        case MarkerModifier::Unless:
            return " unless";
    }
    return " " + number(static_cast<std::uint64_t>(modifier)) + "?";
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
    struct Writer {
        std::string_view section;
        void (SectionText::*write)();
    };
    constexpr Writer kWriters[] = {
        {"module", &SectionText::header},         {"strings", &SectionText::strings},
        {"patterns", &SectionText::patterns},     {"durations", &SectionText::durations},
        {"references", &SectionText::references}, {"chunks", &SectionText::chunks},
        {"scopes", &SectionText::scopes},         {"functions", &SectionText::functions},
        {"effects", &SectionText::effects},       {"tests", &SectionText::tests},
        {"workflows", &SectionText::workflows},
    };
    static_assert(std::size(kWriters) == kSectionCount, "every section of a module has its text");
    out_.clear();
    const auto found = std::find_if(std::begin(kWriters), std::end(kWriters),
                                    [&](const Writer& writer) { return writer.section == section; });
    RELUX_ASSERT(found != std::end(kWriters), "a section of module_fields.h");
    (this->*found->write)();
    return std::move(out_);
}

void SectionText::strings() {
    for (std::size_t i = 0; i < module_.strings.size(); ++i)
        line("string " + number(i) + " " + quoted(module_.strings[i]));
}

void SectionText::patterns() {
    for (std::size_t i = 0; i < module_.patterns.size(); ++i)
        line("pattern " + number(i) + " " + slashed(module_.patterns[i]));
}

void SectionText::durations() {
    for (std::size_t i = 0; i < module_.durations.size(); ++i)
        line("duration " + number(i) + " " + std::to_string(module_.durations[i]) + " ns");
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
    for (std::size_t i = 0; i < module_.template_functions.size(); ++i) {
        const auto& reference = module_.template_functions[i];
        line("template function " + number(i) + " " + quoted_name(reference.name) + "/" +
             number(reference.arity));
    }
    for (std::size_t i = 0; i < module_.workflow_refs.size(); ++i) {
        const auto& reference = module_.workflow_refs[i];
        line("workflow " + number(i) + ": workflow " + number(reference.workflow) + of(reference.module) +
             (reference.target == kNone
                  ? ""
                  : ", step " + quoted_name(reference.target) + of(reference.target_module)));
    }
}

void SectionText::chunks() {
    for (std::size_t i = 0; i < module_.chunks.size(); ++i) {
        const auto& chunk = module_.chunks[i];
        line("chunk " + number(i) + ": " + kind_name(chunk.kind) + ", registers " +
             number(chunk.register_count) + ", arguments " + number(chunk.argument_count) +
             (chunk.document_count == 0 ? "" : ", documents " + number(chunk.document_count)) +
             (chunk.scope == kNone ? "" : ", scope " + number(chunk.scope)));
        for (std::size_t j = 0; j < chunk.code.size(); ++j) {
            const auto place = j < chunk.spans.size() ? number(chunk.spans[j].line) : "?";
            line("  " + number(j) + "  line " + place + "  " + names_.instruction(chunk, j));
        }
    }
}

void SectionText::markers(const std::vector<Marker>& markers) {
    for (const auto& marker : markers) {
        line("  marker " + kind_name(marker.kind) + modifier_name(marker.modifier) + ", written " +
             quoted_name(marker.text) + chunk_part("condition", marker.condition) + at(marker.span));
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
             (test.workflow == kNone ? "" : ", workflow " + number(test.workflow)) +
             (time.empty() ? "" : ", time-out " + time) +
             (test.docstring == kNone ? "" : ", docstring " + quoted_name(test.docstring)));
    }
}

void SectionText::workflows() {
    for (std::size_t i = 0; i < module_.steps.size(); ++i) {
        const auto& step = module_.steps[i];
        line("step " + number(i) + " " + quoted_name(step.name) + ", type " + quoted_name(step.type) +
             ", at " + quoted_name(step.key_path) + (step.ignore_error ? ", errors ignored" : "") +
             chunk_part("code", step.chunk) + at(step.span));
    }
    for (std::size_t i = 0; i < module_.loops.size(); ++i) {
        const auto& loop = module_.loops[i];
        line("loop " + number(i) + " over " + quoted_name(loop.item) + chunk_part("steps", loop.chunk));
    }
    for (std::size_t i = 0; i < module_.workflows.size(); ++i) {
        const auto& workflow = module_.workflows[i];
        line("workflow " + number(i) + " " + quoted_name(workflow.name) +
             chunk_part("set-up", workflow.setup) + chunk_part("steps", workflow.steps) + at(workflow.span));
    }
}

}  // namespace relux::bytecode
