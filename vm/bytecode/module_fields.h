// The fields of every record of a module file, in file order, declared once for writer and reader: what one
// writes the other reads. A stream offers value(), string(), list() and `static constexpr bool kReading`.
// Private to vm/bytecode, and to
// the page that describes it. A change here is a change of the format: bump kFormatVersion.
#pragma once

#include <bit>
#include <type_traits>

#include "vm/bytecode/module.h"

namespace relux::bytecode {

/// The record as a stream wants it: a reader fills it, a writer must not touch it.
template <class Stream, class T>
using Record = std::conditional_t<Stream::kReading, T, const T>;

/// Records whose fields fill them: nearly all of a module is code and its places, and these lists are one
/// copy where memory has the order of the file's bytes.
template <class T>
inline constexpr bool kFixedSize = std::is_same_v<T, Instruction> || std::is_same_v<T, Span> ||
                                   std::is_same_v<T, std::uint32_t> || std::is_same_v<T, std::int64_t>;
template <class T>
inline constexpr bool kAsInMemory = kFixedSize<T>&& std::endian::native == std::endian::little;
static_assert(sizeof(Instruction) == 8 && sizeof(Span) == 12 && std::is_trivially_copyable_v<Instruction> &&
              std::is_trivially_copyable_v<Span>);

template <class Stream>
void fields(Stream& stream, Record<Stream, std::string>& text) {
    stream.string(text);
}
template <class Stream>
void fields(Stream& stream, Record<Stream, std::uint32_t>& number) {
    stream.value(number);
}
template <class Stream>
void fields(Stream& stream, Record<Stream, std::int64_t>& number) {
    stream.value(number);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Instruction>& instruction) {
    stream.value(instruction.word);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Span>& span) {
    stream.value(span.line);
    stream.value(span.column);
    stream.value(span.end_column);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Chunk>& chunk) {
    stream.value(chunk.kind);
    stream.value(chunk.register_count);
    stream.value(chunk.argument_count);
    stream.value(chunk.document_count);
    stream.value(chunk.scope);
    stream.list(chunk.code);
    stream.list(chunk.spans);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Marker>& marker) {
    stream.value(marker.kind);
    stream.value(marker.modifier);
    stream.value(marker.condition);
    stream.value(marker.text);
    stream.value(marker.subject);
    fields(stream, marker.span);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Function>& function) {
    stream.value(function.name);
    stream.value(function.pure);
    stream.list(function.parameters);
    stream.value(function.chunk);
    stream.list(function.markers);
    fields(stream, function.span);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, FunctionRef>& reference) {
    stream.value(reference.module);
    stream.value(reference.name);
    stream.value(reference.arity);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, EffectRef>& reference) {
    stream.value(reference.module);
    stream.value(reference.name);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, NativeRef>& reference) {
    stream.value(reference.name);
    stream.value(reference.arity);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Start>& start) {
    stream.value(start.effect);
    stream.value(start.alias);
    stream.value(start.overlay);
    stream.list(start.waits_for);
    fields(stream, start.span);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Expose>& expose) {
    stream.value(expose.variable);
    stream.value(expose.name);
    stream.value(expose.start);
    stream.value(expose.inner_name);
    stream.value(expose.slot);
    fields(stream, expose.span);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Frame>& frame) {
    stream.value(frame.start);
    stream.value(frame.name);
    stream.value(frame.variable_count);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Block>& block) {
    stream.value(block.frame);
    stream.value(block.chunk);
    fields(stream, block.span);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, AliasVariable>& variable) {
    stream.value(variable.start);
    stream.value(variable.name);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Scope>& scope) {
    stream.value(scope.name);
    stream.list(scope.slots);
    stream.value(scope.declarations);
    stream.list(scope.starts);
    stream.list(scope.alias_variables);
    stream.list(scope.frames);
    stream.list(scope.blocks);
    stream.value(scope.cleanup);
    stream.list(scope.markers);
    fields(stream, scope.span);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Test>& test) {
    stream.value(test.scope);
    stream.value(test.docstring);
    stream.value(test.timeout_kind);
    stream.value(test.timeout);
    stream.value(test.workflow);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Effect>& effect) {
    stream.value(effect.scope);
    stream.list(effect.expects);
    stream.list(effect.exposes);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Step>& step) {
    stream.value(step.name);
    stream.value(step.type);
    stream.value(step.key_path);
    stream.value(step.ignore_error);
    stream.value(step.chunk);
    fields(stream, step.span);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Loop>& loop) {
    stream.value(loop.item);
    stream.value(loop.chunk);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, Workflow>& workflow) {
    stream.value(workflow.name);
    stream.value(workflow.setup);
    stream.value(workflow.steps);
    fields(stream, workflow.span);
}

template <class Stream>
void fields(Stream& stream, Record<Stream, WorkflowRef>& reference) {
    stream.value(reference.module);
    stream.value(reference.workflow);
    stream.value(reference.target_module);
    stream.value(reference.target);
}

/// Sections in file order; calls visit(name, stores) where stores(stream) exchanges the section's fields.
template <class ModuleType, class Visit>
void for_each_section(ModuleType& module, Visit visit) {
    visit("module", [&](auto& stream) {
        stream.string(module.name);
        stream.value(module.source_hash);
        stream.string(module.source);
    });
    visit("strings", [&](auto& stream) { stream.list(module.strings); });
    visit("patterns", [&](auto& stream) { stream.list(module.patterns); });
    visit("durations", [&](auto& stream) { stream.list(module.durations); });
    visit("references", [&](auto& stream) {
        stream.list(module.function_refs);
        stream.list(module.effect_refs);
        stream.list(module.native_refs);
        stream.list(module.template_functions);
        stream.list(module.workflow_refs);
    });
    visit("chunks", [&](auto& stream) { stream.list(module.chunks); });
    visit("scopes", [&](auto& stream) { stream.list(module.scopes); });
    visit("functions", [&](auto& stream) { stream.list(module.functions); });
    visit("effects", [&](auto& stream) { stream.list(module.effects); });
    visit("tests", [&](auto& stream) { stream.list(module.tests); });
    visit("workflows", [&](auto& stream) {
        stream.list(module.steps);
        stream.list(module.loops);
        stream.list(module.workflows);
    });
}

inline constexpr std::uint32_t kSectionCount = 11;

}  // namespace relux::bytecode
