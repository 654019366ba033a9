// The last stage. Code is written by operand kinds, so a new opcode needs nothing here.
#include "compiler/emit.h"

#include <algorithm>

#include <xxhash.h>

#include "compiler/pools.h"
#include "compiler/registers.h"
#include "vm/bytecode/limits.h"

namespace relux::compiler {
namespace {

using bytecode::kNone;
using bytecode::OperandKind;
using frontend::SourceRange;

class Emitter {
  public:
    Emitter(const ir::Module& module, frontend::Edition edition, frontend::DiagnosticSink& sink)
        : ir_(module), source_(*module.source), edition_(edition), sink_(sink), pools_(out_, source_) {}

    bytecode::Module run() {
        out_.name = source_.name;
        out_.source = source_.source->text();
        out_.source_hash = XXH3_64bits(out_.source.data(), out_.source.size());
        for (const ir::Chunk& code : ir_.chunks)
            chunk(code);
        for (const ir::Function& each : ir_.functions)
            function(each);
        for (std::size_t i = 0; i < ir_.scopes.size(); ++i)
            scope(i);
        return std::move(out_);
    }

  private:
    void limit(SourceRange range, const std::string& what) {
        frontend::Diagnostic diagnostic;
        diagnostic.code = frontend::DiagnosticCode::LimitExceeded;
        diagnostic.source = source_.source;
        diagnostic.range = range;
        diagnostic.message = "limit exceeded: " + what;
        sink_.report(std::move(diagnostic));
    }

    bytecode::Span span(SourceRange range) {
        const frontend::LineColumn begin = source_.source->position_near(range.begin, line_);
        line_ = begin.line;
        const auto rest = source_.source->line(begin.line).size() + 1;  // the newline's column ends the line
        const auto to_line_end = rest >= begin.column ? static_cast<std::uint32_t>(rest) - begin.column : 0;
        return {begin.line, begin.column, begin.column + std::min(range.end - range.begin, to_line_end)};
    }

    // Code

    void chunk(const ir::Chunk& code) {
        ir::check(code);
        const RegisterAssignment& registers = registers_.assign(code);
        if (registers.count > bytecode::kMaximumRegisters) {
            limit(code.range, "more than " + std::to_string(bytecode::kMaximumRegisters) +
                                  " variables and values at once");
        }
        if (code.code.size() > bytecode::kMaximumInstructions)
            limit(code.range, "too many statements in one body");
        bytecode::Chunk& chunk = out_.chunks.emplace_back();
        chunk.kind = code.kind;
        chunk.register_count = static_cast<std::uint16_t>(registers.count);
        chunk.argument_count = static_cast<std::uint16_t>(code.argument_count);
        chunk.scope = code.scope;
        chunk.code.reserve(code.code.size());
        chunk.spans.reserve(code.code.size());
        for (const ir::Instruction& each : code.code) {
            chunk.code.push_back(instruction(each, registers));
            chunk.spans.push_back(span(each.range));
        }
    }

    bytecode::Instruction instruction(const ir::Instruction& from, const RegisterAssignment& registers) {
        const auto& info = bytecode::opcode_info(from.opcode);
        const std::uint32_t d = operand(info.d, ir::kNoRegister, from, registers);
        const std::uint32_t a = operand(info.a, from.a, from, registers);
        const std::uint32_t b = operand(info.b, from.b, from, registers);
        if (info.format == bytecode::Format::ABx) return bytecode::Instruction::abx(from.opcode, a, b, d);
        const std::uint32_t c = operand(info.c, ir::kNoRegister, from, registers);
        if (std::max({a, b, c}) > 0xffff)
            limit(from.range, "more than 65536 different patterns, time-outs or functions in one file");
        return bytecode::Instruction::abc(from.opcode, a, b, c, d);
    }

    std::uint32_t operand(OperandKind kind, ir::Register value, const ir::Instruction& from,
                          const RegisterAssignment& registers) {
        // Most are these.
        if (kind == OperandKind::None) return 0;
        if (bytecode::reads(kind, bytecode::RegisterFile::Values) ||
            bytecode::writes(kind, bytecode::RegisterFile::Values))
            return registers.real[value];
        return other_operand(kind, from, registers);
    }

    std::uint32_t other_operand(OperandKind kind, const ir::Instruction& from,
                                const RegisterAssignment& registers) {
        using Kind = OperandKind;
        const auto& info = bytecode::operand_kind_info(kind);
        RELUX_ASSERT(info.file != bytecode::RegisterFile::Documents, "workflows have no IR");
        if (info.access == bytecode::Access::ReadRun) return registers.real[from.arguments.front()];
        if (kind == Kind::KString) return pools_.string(from.text);
        if (kind == Kind::Count) return static_cast<std::uint32_t>(from.arguments.size());
        if (kind == Kind::TimeKind) return static_cast<std::uint32_t>(from.timeout.kind);
        if (kind == Kind::KPattern) return pools_.pattern(from.text);
        if (kind == Kind::KDuration)
            return from.timeout.there() ? pools_.duration(from.timeout.written.count()) : 0;
        if (kind == Kind::Slot || kind == Kind::AliasVariable || kind == Kind::CaptureNumber)
            return from.index;
        if (kind == Kind::FunctionRef) return pools_.function_ref(from.target->function);
        RELUX_ASSERT(kind == Kind::NativeRef, "workflows have no IR");
        return pools_.native_ref(from.target->builtin->name, from.arguments.size());
    }

    // Tables

    std::vector<bytecode::Marker> markers(List<ir::Marker> from) {
        std::vector<bytecode::Marker> markers;
        for (const ir::Marker& each : from) {
            bytecode::Marker marker;
            marker.kind = static_cast<bytecode::MarkerKind>(each.syntax->kind);
            marker.modifier = static_cast<bytecode::MarkerModifier>(each.syntax->modifier);
            marker.condition = each.condition;
            marker.text = pools_.string(marker_text(*each.syntax));
            marker.subject =
                pools_.string(each.syntax->left ? subject_text(*each.syntax->left) : std::string_view());
            marker.span = span(each.syntax->range);
            markers.push_back(marker);
        }
        return markers;
    }

    static std::string_view trimmed(std::string_view text) {
        const auto first = text.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos) return {};
        return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
    }

    std::string_view source_text(SourceRange range) const {
        return source_.source->text().substr(range.begin, range.end - range.begin);
    }

    std::string_view marker_text(const frontend::MarkerSyntax& marker) const {
        std::string_view text = trimmed(source_text(marker.range));
        if (text.starts_with('#')) text.remove_prefix(1);
        return trimmed(text);
    }

    std::string_view subject_text(const frontend::Expression& left) const {
        if (const auto* string = std::get_if<frontend::StringExpression>(&left.node)) {
            const auto& parts = string->text.parts;
            if (parts.size() == 1 && parts[0].kind == frontend::TextPart::Kind::Variable)
                return parts[0].text;
        }
        return trimmed(source_text(left.range));
    }

    void function(const ir::Function& from) {
        bytecode::Function function;
        function.name = pools_.string(from.syntax->name.text);
        function.pure = from.syntax->pure;
        for (const frontend::Name& parameter : from.syntax->parameters) {
            function.parameters.push_back(pools_.string(parameter.text));
        }
        function.chunk = from.chunk;
        function.markers = markers(from.markers);
        function.span = span(from.syntax->header_range);
        out_.functions.push_back(std::move(function));
    }

    void scope(std::size_t index) {
        const ir::Scope& from = ir_.scopes[index];
        const frontend::ModuleSyntax& syntax = source_.syntax;
        const bool is_effect = index < syntax.effects.size();
        const std::size_t test_index = index - syntax.effects.size();
        bytecode::Scope scope;
        scope.name =
            pools_.string(is_effect ? syntax.effects[index].name.text : syntax.tests[test_index].name.text);
        for (std::string_view slot : from.resolution->slots)
            scope.slots.push_back(pools_.string(slot));
        scope.declarations = from.declarations;
        starts(from, scope);
        for (const auto& use : from.resolution->alias_variables) {
            scope.alias_variables.push_back({use.start, pools_.string(use.name)});
        }
        blocks(from, scope);
        scope.cleanup = from.cleanup;
        scope.markers = markers(from.markers);
        scope.span =
            span(is_effect ? syntax.effects[index].header_range : syntax.tests[test_index].header_range);
        out_.scopes.push_back(std::move(scope));
        if (is_effect) {
            effect(static_cast<std::uint32_t>(index));
        } else {
            test(static_cast<std::uint32_t>(index), syntax.tests[test_index]);
        }
    }

    void starts(const ir::Scope& from, bytecode::Scope& scope) {
        const frontend::ScopeBody& body = *from.resolution->body;
        for (std::size_t i = 0; i < body.starts.size(); ++i) {
            bytecode::Start start;
            start.effect = pools_.effect_ref(from.resolution->starts[i].effect);
            if (body.starts[i].alias) start.alias = pools_.string(body.starts[i].alias->text);
            start.overlay = from.overlays[i];
            const auto& waits_for = from.resolution->starts[i].waits_for;
            start.waits_for.assign(waits_for.begin(), waits_for.end());
            start.span = span(body.starts[i].range);
            scope.starts.push_back(std::move(start));
        }
    }

    void blocks(const ir::Scope& from, bytecode::Scope& scope) {
        for (const frontend::ResolvedFrame& frame : from.resolution->frames) {
            scope.frames.push_back({frame.start == frontend::kNoIndex ? kNone : frame.start,
                                    pools_.string(frame.name),
                                    static_cast<std::uint16_t>(frame.variables.size())});
        }
        const auto& shells = from.resolution->body->shells;
        for (std::size_t i = 0; i < shells.size(); ++i) {
            scope.blocks.push_back(
                {from.resolution->block_frames[i], from.blocks[i], span(shells[i].header_range)});
        }
    }

    void effect(std::uint32_t index) {
        const frontend::EffectResolution& resolution = source_.effect_resolutions[index];
        bytecode::Effect effect;
        effect.scope = index;
        std::vector<std::string_view> expects;
        for (const frontend::Name& name : source_.syntax.effects[index].body.expects)
            expects.push_back(name.text);
        std::sort(expects.begin(), expects.end());
        expects.erase(std::unique(expects.begin(), expects.end()), expects.end());
        for (std::string_view name : expects)
            effect.expects.push_back(pools_.string(name));
        const bool implicit_counts = edition_ == frontend::Edition::V0_4;
        for (const frontend::ResolvedExpose& from : resolution.exposes) {
            if (resolution.implicit_expose && !implicit_counts) continue;
            bytecode::Expose expose;
            expose.variable = from.variable;
            expose.name = pools_.string(from.name);
            expose.start = from.start == frontend::kNoIndex ? kNone : from.start;
            expose.inner_name = pools_.string(from.inner_name);
            expose.slot = from.slot == frontend::kNoIndex ? kNone : from.slot;
            expose.span = span(from.range);
            effect.exposes.push_back(expose);
        }
        out_.effects.push_back(std::move(effect));
    }

    void test(std::uint32_t scope, const frontend::TestSyntax& syntax) {
        bytecode::Test test;
        test.scope = scope;
        if (syntax.docstring) test.docstring = pools_.string(syntax.docstring->text);
        if (syntax.timeout) {
            test.timeout_kind = syntax.timeout->value.kind;
            test.timeout = pools_.duration(syntax.timeout->value.written.count());
        }
        out_.tests.push_back(test);
    }

    const ir::Module& ir_;
    const frontend::LoadedModule& source_;
    frontend::Edition edition_;
    frontend::DiagnosticSink& sink_;
    bytecode::Module out_;
    Pools pools_;
    RegisterAssigner registers_;
    std::uint32_t line_ = 1;  ///< of the place before: most are near it
};

}  // namespace

bytecode::Module emit(const ir::Module& module, frontend::Edition edition, frontend::DiagnosticSink& sink) {
    return Emitter(module, edition, sink).run();
}

}  // namespace relux::compiler
