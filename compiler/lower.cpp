// The chunks of a module: one per function, per declarations, start with entries, shell block, cleanup and
// marker.
#include "compiler/lower.h"

#include "compiler/chunk_builder.h"

namespace relux::compiler {
namespace {

using bytecode::ChunkKind;
using frontend::SourceRange;

class ModuleLowerer {
  public:
    ModuleLowerer(const frontend::LoadedModule& module, Arena& memory)
        : source_(module), memory_(memory), module_(module, memory), code_(memory) {
        // Room for the code of most bodies.
        code_.reserve(64);
    }

    ir::Module run() {
        const frontend::ModuleSyntax& syntax = source_.syntax;
        for (std::size_t i = 0; i < syntax.functions.size(); ++i)
            function(i);
        for (std::size_t i = 0; i < syntax.effects.size(); ++i) {
            const frontend::EffectSyntax& effect = syntax.effects[i];
            scope(source_.effect_resolutions[i].scope, effect.markers, effect.header_range);
        }
        for (std::size_t i = 0; i < syntax.tests.size(); ++i) {
            scope(source_.test_resolutions[i], syntax.tests[i].markers, syntax.tests[i].header_range);
        }
        return module_;
    }

  private:
    /// One at a time: they share their room for code.
    ChunkBuilder builder(ChunkKind kind, List<std::string_view> variables, SourceRange range) {
        const bool in_scope =
            kind != ChunkKind::Function && kind != ChunkKind::PureFunction && kind != ChunkKind::Marker;
        const auto scope = in_scope ? static_cast<std::uint32_t>(module_.scopes.size()) : bytecode::kNone;
        return ChunkBuilder(source_, code_, memory_, kind, scope, variables, range);
    }

    ir::ChunkIndex add(const ir::Chunk& chunk) {
        module_.chunks.push_back(chunk);
        return static_cast<ir::ChunkIndex>(module_.chunks.size() - 1);
    }

    void function(std::size_t index) {
        const frontend::FunctionSyntax& syntax = source_.syntax.functions[index];
        ChunkBuilder code = builder(syntax.pure ? ChunkKind::PureFunction : ChunkKind::Function,
                                    view(source_.function_variables[index]), syntax.header_range);
        ir::Register value = ir::kNoRegister;
        for (const frontend::Statement& statement : syntax.body)
            value = code.statement(statement);
        code.end_with(value);
        ir::Chunk chunk = code.take();
        chunk.argument_count = static_cast<std::uint32_t>(syntax.parameters.size());
        ir::Function function{&syntax, add(chunk), {}};
        function.markers = markers(syntax.markers);
        module_.functions.push_back(function);
    }

    List<ir::Marker> markers(List<frontend::MarkerSyntax> syntax) {
        if (syntax.empty()) return {};
        GrowingList<ir::Marker> markers(memory_);
        for (const frontend::MarkerSyntax& marker : syntax) {
            ir::Marker lowered{&marker, ir::kNoChunk};
            if (marker.modifier != frontend::MarkerSyntax::Modifier::None) {
                ChunkBuilder code = builder(ChunkKind::Marker, {}, marker.range);
                code.condition(marker);
                lowered.condition = add(code.take());
            }
            markers.push_back(lowered);
        }
        return markers.list();
    }

    void scope(const frontend::ScopeResolution& resolution, List<frontend::MarkerSyntax> marker_syntax,
               SourceRange range) {
        const frontend::ScopeBody& body = *resolution.body;
        ir::Scope scope;
        scope.resolution = &resolution;
        scope.markers = markers(marker_syntax);
        if (!body.declarations.empty() || !resolution.environment_slots.empty()) {
            ChunkBuilder code = builder(ChunkKind::Declarations, {}, range);
            for (std::uint32_t slot : resolution.environment_slots) {
                code.slot_from_environment(slot, resolution.slots[slot]);
            }
            code.statements(body.declarations);
            code.end_with(ir::kNoRegister);
            scope.declarations = add(code.take());
        }
        auto* const overlays = memory_.room<ir::ChunkIndex>(body.starts.size());
        for (std::size_t i = 0; i < body.starts.size(); ++i)
            overlays[i] = overlay(body.starts[i]);
        scope.overlays = {overlays, body.starts.size()};
        auto* const blocks = memory_.room<ir::ChunkIndex>(body.shells.size());
        for (std::size_t i = 0; i < body.shells.size(); ++i) {
            const auto& frame = resolution.frames[resolution.block_frames[i]];
            blocks[i] = statements(ChunkKind::Block, frame.variables, body.shells[i].body,
                                   body.shells[i].header_range);
        }
        scope.blocks = {blocks, body.shells.size()};
        if (body.cleanup) {
            scope.cleanup = statements(ChunkKind::Cleanup, resolution.cleanup_variables, *body.cleanup,
                                       body.cleanup_range);
        }
        module_.scopes.push_back(scope);
    }

    ir::ChunkIndex overlay(const frontend::StartSyntax& start) {
        if (start.overlay.empty()) return ir::kNoChunk;
        ChunkBuilder code = builder(ChunkKind::Overlay, {}, start.range);
        code.overlay(start);
        code.end_with(ir::kNoRegister);
        return add(code.take());
    }

    ir::ChunkIndex statements(ChunkKind kind, const std::vector<std::string_view>& variables,
                              const frontend::Body& body, SourceRange range) {
        ChunkBuilder code = builder(kind, view(variables), range);
        code.statements(body);
        code.end_with(ir::kNoRegister);
        return add(code.take());
    }

    static List<std::string_view> view(const std::vector<std::string_view>& names) {
        return {names.data(), names.size()};
    }

    const frontend::LoadedModule& source_;
    Arena& memory_;
    ir::Module module_;
    GrowingList<ir::Instruction> code_;
};

}  // namespace

ir::Module lower(const frontend::LoadedModule& module, Arena& memory) {
    return ModuleLowerer(module, memory).run();
}

}  // namespace relux::compiler
