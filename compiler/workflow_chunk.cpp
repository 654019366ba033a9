#include "compiler/workflow_chunk.h"

#include <algorithm>
#include <optional>

#include "vm/bytecode/limits.h"

namespace relux::compiler {

using bytecode::Instruction;
using bytecode::Opcode;
using data::Json;
using workflow::Place;

// Pools

namespace {

template <class Key, class Entries, class Entry>
std::uint32_t index_of(std::unordered_map<Key, std::uint32_t>& known, const Key& key, Entries& entries,
                       Entry entry) {
    const auto [found, is_new] = known.emplace(key, static_cast<std::uint32_t>(entries.size()));
    if (is_new) entries.push_back(std::move(entry));
    return found->second;
}

}  // namespace

std::uint32_t WorkflowPools::string(std::string_view text) {
    return index_of(strings_, std::string(text), module_.strings, std::string(text));
}

std::uint32_t WorkflowPools::path(std::string_view text) {
    return index_of(paths_, std::string(text), module_.paths, std::string(text));
}

std::uint32_t WorkflowPools::duration(std::int64_t nanoseconds) {
    return index_of(durations_, nanoseconds, module_.durations, nanoseconds);
}

std::uint32_t WorkflowPools::function(std::string_view name, std::size_t arity) {
    const auto key = std::string(name) + "/" + std::to_string(arity);
    return index_of(functions_, key, module_.template_functions,
                    bytecode::NativeRef{string(name), static_cast<std::uint16_t>(arity)});
}

// Constants

namespace {

struct ScalarToJson {
    Json operator()(std::monostate) const { return Json(); }
    template <class T>
    Json operator()(const T& scalar) const {
        return Json(scalar);
    }
};

/// Nothing when there is a template to render in it.
std::optional<Json> constant(const workflow::Value& value);

struct ConstantOf {
    template <class T>
    std::optional<Json> operator()(const T& scalar) const {
        return ScalarToJson{}(scalar);
    }
    std::optional<Json> operator()(const workflow::Template& source) const {
        const auto* text = source.text();
        return text == nullptr ? std::nullopt : std::optional<Json>(*text);
    }
    std::optional<Json> operator()(const std::vector<workflow::Value>& elements) const {
        auto list = Json::array();
        for (const auto& element : elements) {
            auto known = constant(element);
            if (!known) return std::nullopt;
            list.push_back(std::move(*known));
        }
        return list;
    }
    std::optional<Json> operator()(const workflow::ValueMap& members) const {
        auto map = Json::object();
        for (const auto& [name, value] : members) {
            auto known = constant(value);
            if (!known) return std::nullopt;
            map[name] = std::move(*known);
        }
        return map;
    }
};

std::optional<Json> constant(const workflow::Value& value) {
    return std::visit(ConstantOf{}, value.value);
}

}  // namespace

// Code

WorkflowChunk::WorkflowChunk(WorkflowPools& pools, bytecode::ChunkKind kind, std::uint32_t file)
    : pools_(pools), file_(file) {
    chunk_.kind = kind;
}

bytecode::Span WorkflowChunk::span(Place place, std::size_t width) const {
    if (place.file != file_ || place.line == 0 || place.line > kMaximumPlace) return {};
    const auto column = std::clamp<std::uint32_t>(place.column, 1, kMaximumPlace - 1);
    const auto end = std::min<std::size_t>(column + std::max<std::size_t>(width, 1), kMaximumPlace);
    return {place.line, column, static_cast<std::uint32_t>(end)};
}

void WorkflowChunk::emit(Instruction instruction, Place place, std::size_t width) {
    chunk_.code.push_back(instruction);
    chunk_.spans.push_back(span(place, width));
}

WorkflowChunk::Register WorkflowChunk::take() {
    const auto taken = free_++;
    most_ = std::max(most_, free_);
    if (most_ > bytecode::kMaximumRegisters) {
        too_large_ = true;
        free_ = 0;
    }
    return taken;
}

bytecode::Chunk WorkflowChunk::finish(Place place) {
    emit(Instruction::abc(Opcode::Done, 0), place);
    too_large_ |= chunk_.code.size() > bytecode::kMaximumInstructions;
    chunk_.document_count = static_cast<std::uint16_t>(std::min(most_, bytecode::kMaximumRegisters));
    return std::move(chunk_);
}

WorkflowChunk::Register WorkflowChunk::text(std::string_view text, Place place) {
    const auto at = take();
    emit(Instruction::abx(Opcode::Text, at, pools_.string(text)), place, text.size());
    return at;
}

WorkflowChunk::Register WorkflowChunk::document(const Json& value, Place place) {
    if (const auto* text = data::text_of(value)) return this->text(*text, place);
    const auto at = take();
    emit(Instruction::abx(Opcode::Document, at, pools_.string(data::compact_json(value))), place);
    return at;
}

WorkflowChunk::Register WorkflowChunk::text(const workflow::Template& source) {
    if (const auto* text = source.text()) return this->text(*text, source.place);
    return join(source);
}

WorkflowChunk::Register WorkflowChunk::value(const workflow::Template& source) {
    if (const auto* only = source.expression()) return expression(*only);
    return text(source);
}

WorkflowChunk::Register WorkflowChunk::join(const workflow::Template& source) {
    const auto first = free_;
    for (const auto& part : source.parts) {
        if (const auto* text = std::get_if<std::string>(&part)) {
            this->text(*text, source.place);
        } else {
            expression(std::get<workflow::Expression>(part));
        }
    }
    const auto count = free_ - first;
    free_from(first);
    const auto at = take();
    emit(Instruction::abc(Opcode::Join, at, first, count), source.place, source.source.size());
    return at;
}

WorkflowChunk::Register WorkflowChunk::expression(const workflow::Expression& expression) {
    if (const auto* scalar = std::get_if<workflow::Scalar>(&expression.value))
        return document(std::visit(ScalarToJson{}, *scalar), expression.place);
    if (const auto* variable = std::get_if<workflow::Variable>(&expression.value)) {
        const auto name = variable_text(*variable);
        const auto at = take();
        emit(Instruction::abx(Opcode::Variable, at, pools_.path(name)), expression.place, name.size());
        return at;
    }
    const auto& call = std::get<workflow::Call>(expression.value);
    const auto at = take();
    for (const auto& argument : call.arguments)
        this->expression(argument);
    free_from(at + 1);
    const auto& name = value::function(call.function).name;
    const auto function = pools_.function(name, call.arguments.size());
    too_large_ |= function > 0xffff;
    emit(Instruction::abc(Opcode::Apply, at, function, static_cast<unsigned>(call.arguments.size())),
         expression.place, name.size());
    return at;
}

WorkflowChunk::Register WorkflowChunk::value(const workflow::Value& value) {
    if (auto known = constant(value)) return document(*known, value.place);
    if (const auto* source = std::get_if<workflow::Template>(&value.value)) return this->value(*source);
    if (const auto* elements = std::get_if<std::vector<workflow::Value>>(&value.value)) {
        const auto list = document(Json::array(), value.place);
        for (const auto& element : *elements) {
            const auto at = this->value(element);
            emit(Instruction::abc(Opcode::Append, list, at), element.place);
            free_from(at);
        }
        return list;
    }
    const auto map = document(Json::object(), value.place);
    for (const auto& [name, member_value] : std::get<workflow::ValueMap>(value.value)) {
        const auto at = this->value(member_value);
        member(map, name, at, member_value.place);
        free_from(at);
    }
    return map;
}

void WorkflowChunk::member(Register map, std::string_view name, Register value, Place place) {
    const auto key = text(name, place);
    emit(Instruction::abc(Opcode::Member, map, key, value), place);
    free_from(key);
}

void WorkflowChunk::member_text(Register map, std::string_view name, const workflow::Template& source) {
    const auto at = text(source);
    member(map, name, at, source.place);
    free_from(at);
}

PathOperand WorkflowChunk::path(const workflow::PathText& path) {
    if (const auto* source = std::get_if<workflow::Template>(&path.content)) return {true, text(*source)};
    const auto number = pools_.path(path.text);
    too_large_ |= number > 0xffff;
    return {false, number};
}

WorkflowChunk::Register WorkflowChunk::map(const std::vector<workflow::NamedValue>& members, Place place) {
    const auto whole = document(Json::object(), place);
    for (const auto& named : members) {
        const auto at = value(named.value);
        member(whole, named.name, at, named.place);
        free_from(at);
    }
    return whole;
}

}  // namespace relux::compiler
