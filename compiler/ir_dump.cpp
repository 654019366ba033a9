// The text form of the IR, for people and golden tests.
#include "compiler/ir.h"
#include "frontend/resolve.h"
#include "vm/base/duration.h"
#include "vm/base/text.h"

namespace relux::compiler::ir {
namespace {

using bytecode::OperandKind;

std::string quoted_text(std::string_view text) {
    std::string result = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return visible(result + "\"", false);
}

class Dumper {
  public:
    explicit Dumper(const Module& module) : module_(module) {}

    std::string run() {
        const auto& syntax = module_.source->syntax;
        out_ = "module " + module_.source->name + "\n";
        for (const Function& function : module_.functions) {
            markers(function.markers);
            const std::string name =
                frontend::signature(function.syntax->name.text, function.syntax->parameters.size());
            chunk(function.chunk, (function.syntax->pure ? "pure function " : "function ") + name);
        }
        for (std::size_t i = 0; i < module_.scopes.size(); ++i) {
            const bool effect = i < syntax.effects.size();
            scope(module_.scopes[i],
                  effect ? "effect " + std::string(syntax.effects[i].name.text)
                         : "test " + quoted_text(syntax.tests[i - syntax.effects.size()].name.text));
        }
        return std::move(out_);
    }

  private:
    void scope(const Scope& scope, const std::string& name) {
        scope_ = scope.resolution;
        out_ += "\n" + name + "\n";
        markers(scope.markers);
        if (scope.declarations != kNoChunk) chunk(scope.declarations, "declarations");
        const auto& body = *scope.resolution->body;
        for (std::size_t i = 0; i < scope.overlays.size(); ++i) {
            std::string title = "start " + std::string(body.starts[i].effect.text);
            if (body.starts[i].alias) title += " as " + std::string(body.starts[i].alias->text);
            for (std::uint32_t other : scope.resolution->starts[i].waits_for)
                title += " after " + std::to_string(other);
            if (scope.overlays[i] == kNoChunk) {
                out_ += title + "\n";
            } else {
                chunk(scope.overlays[i], title);
            }
        }
        for (std::size_t i = 0; i < scope.blocks.size(); ++i) {
            const auto& frame = scope.resolution->frames[scope.resolution->block_frames[i]];
            std::string title = "shell " + std::string(frame.name);
            if (frame.start != frontend::kNoIndex) title += " of start " + std::to_string(frame.start);
            chunk(scope.blocks[i], title);
        }
        if (scope.cleanup != kNoChunk) chunk(scope.cleanup, "cleanup");
        scope_ = nullptr;
    }

    void markers(List<Marker> markers) {
        for (const Marker& marker : markers) {
            if (marker.condition != kNoChunk) chunk(marker.condition, "marker");
        }
    }

    void chunk(ChunkIndex index, const std::string& title) {
        const Chunk& chunk = module_.chunks[index];
        out_ += title + "\n";
        for (const Instruction& instruction : chunk.code)
            line(chunk, instruction);
    }

    void line(const Chunk& chunk, const Instruction& instruction) {
        const auto& info = bytecode::opcode_info(instruction.opcode);
        const auto place = module_.source->source->position(instruction.range.begin);
        out_ += "  " + std::to_string(place.line) + ":" + std::to_string(place.column) + " " +
                std::string(info.name);
        separator_ = " ";
        operand(info.a, instruction.a, chunk, instruction);
        operand(info.b, instruction.b, chunk, instruction);
        operand(info.c, kNoRegister, chunk, instruction);
        out_ += "\n";
    }

    void put(const std::string& text) {
        out_ += separator_ + text;
        separator_ = ", ";
    }

    static std::string name_of(const Chunk& chunk, Register value) {
        return "%" +
               (value < chunk.variables.size() ? std::string(chunk.variables[value]) : std::to_string(value));
    }

    void operand(OperandKind kind, Register value, const Chunk& chunk, const Instruction& instruction) {
        using Kind = OperandKind;
        const auto& info = bytecode::operand_kind_info(kind);
        RELUX_ASSERT(info.file != bytecode::RegisterFile::Documents, "workflows have no IR");
        const bool is_run = info.access == bytecode::Access::ReadRun;
        if (info.access != bytecode::Access::None && !is_run) return put(name_of(chunk, value));
        if (is_run || (kind == Kind::Count && bytecode::opcode_info(instruction.opcode).b != Kind::SrcBase)) {
            for (Register argument : instruction.arguments)
                put(name_of(chunk, argument));
        } else if (kind == Kind::KString || kind == Kind::KPattern) {
            put(quoted_text(instruction.text));
        } else if (kind == Kind::KDuration) {
            if (!instruction.timeout.there()) return;
            put(instruction.timeout.sign() + format_duration(instruction.timeout.written));
        } else if (kind == Kind::Slot) {
            put("$" + std::string(scope_->slots[instruction.index]));
        } else if (kind == Kind::AliasVariable) {
            const auto& variable = scope_->alias_variables[instruction.index];
            put("start " + std::to_string(variable.start) + "." + std::string(variable.name));
        } else if (kind == Kind::FunctionRef) {
            const auto& target = instruction.target->function;
            std::string name = frontend::signature(target.syntax().name.text, instruction.arguments.size());
            put(target.module == module_.source ? name : target.module->name + ":" + name);
        } else if (kind == Kind::NativeRef) {
            put(frontend::signature(instruction.target->builtin->name, instruction.arguments.size()));
        } else if (kind == Kind::CaptureNumber) {
            put(std::to_string(instruction.index));
        } else {
            RELUX_ASSERT(kind == Kind::None || kind == Kind::Count || kind == Kind::TimeKind,
                         "workflows have no IR");
        }
    }

    const Module& module_;
    const frontend::ScopeResolution* scope_ = nullptr;
    std::string out_;
    std::string separator_;
};

}  // namespace

std::string dump(const Module& module) {
    return Dumper(module).run();
}

}  // namespace relux::compiler::ir
