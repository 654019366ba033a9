// Builds modules by hand for tests: pools intern their entries, chunks get a place per instruction.
// It checks nothing, so that a test can also build what is wrong.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/bytecode/module.h"

namespace relux::test_support {

using namespace bytecode;

class ModuleBuilder {
  public:
    explicit ModuleBuilder(std::string name) { module.name = std::move(name); }

    Module module;

    std::uint32_t string(std::string_view text) { return intern(module.strings, std::string(text)); }
    std::uint32_t pattern(std::string_view text) { return intern(module.patterns, std::string(text)); }
    std::uint32_t path(std::string_view text) { return intern(module.paths, std::string(text)); }
    std::uint32_t duration(std::int64_t nanoseconds) { return intern(module.durations, nanoseconds); }
    std::uint32_t function_ref(std::string_view name, std::uint16_t arity, std::string_view of = {}) {
        return intern(module.function_refs,
                      FunctionRef{of.empty() ? kNone : string(of), string(name), arity});
    }
    std::uint32_t effect_ref(std::string_view name, std::string_view of = {}) {
        return intern(module.effect_refs, EffectRef{of.empty() ? kNone : string(of), string(name)});
    }
    std::uint32_t native_ref(std::string_view name, std::uint16_t arity) {
        return intern(module.native_refs, NativeRef{string(name), arity});
    }

    /// All instructions get the place of line `line`.
    std::uint32_t chunk(ChunkKind kind, std::uint16_t registers, std::vector<Instruction> code,
                        std::uint32_t scope = kNone, std::uint32_t line = 1) {
        Chunk made;
        made.kind = kind;
        made.register_count = registers;
        made.scope = scope;
        made.spans.assign(code.size(), Span{line, 1, 2});
        made.code = std::move(code);
        module.chunks.push_back(std::move(made));
        return static_cast<std::uint32_t>(module.chunks.size() - 1);
    }

    Function& function(std::string_view name, bool pure, std::initializer_list<std::string_view> parameters,
                       std::uint16_t registers, std::vector<Instruction> code, std::uint32_t line = 1) {
        Function made;
        made.name = string(name);
        made.pure = pure;
        for (auto parameter : parameters)
            made.parameters.push_back(string(parameter));
        auto kind = pure ? ChunkKind::PureFunction : ChunkKind::Function;
        made.chunk = chunk(kind, registers, std::move(code), kNone, line);
        module.chunks.back().argument_count = static_cast<std::uint16_t>(parameters.size());
        made.span = {line, 1, 2};
        module.functions.push_back(std::move(made));
        return module.functions.back();
    }

    /// A test with one shell `s` of `variables` persistent registers; add its chunks with scope(). Returns
    /// the scope.
    std::uint32_t test(std::string_view name, std::uint16_t variables = 0, std::uint32_t line = 1) {
        auto index = scope(name, line);
        module.scopes[index].frames.push_back({kNone, string("s"), variables});
        module.tests.push_back({index, kNone, TimeoutKind::None, 0});
        return index;
    }
    std::uint32_t effect(std::string_view name, std::uint32_t line = 1) {
        auto index = scope(name, line);
        module.scopes[index].frames.push_back({kNone, string("s"), 0});
        module.effects.push_back({index, {}, {}});
        return index;
    }
    std::uint32_t block(std::uint32_t scope, std::uint16_t registers, std::vector<Instruction> code,
                        std::uint32_t frame = 0, std::uint32_t line = 1) {
        auto index = chunk(ChunkKind::Block, registers, std::move(code), scope, line);
        module.scopes[scope].blocks.push_back({frame, index, {line, 1, 2}});
        return index;
    }
    Marker marker(MarkerKind kind, std::string_view text, std::string_view subject, std::uint16_t registers,
                  std::vector<Instruction> condition) {
        auto index = chunk(ChunkKind::Marker, registers, std::move(condition));
        return {kind, MarkerModifier::If, index, string(text), string(subject), {1, 1, 2}};
    }

  private:
    std::uint32_t scope(std::string_view name, std::uint32_t line) {
        Scope made;
        made.name = string(name);
        made.span = {line, 1, 2};
        module.scopes.push_back(std::move(made));
        return static_cast<std::uint32_t>(module.scopes.size() - 1);
    }
    template <class T>
    static std::uint32_t intern(std::vector<T>& pool, T entry) {
        auto found = std::find(pool.begin(), pool.end(), entry);
        if (found == pool.end()) found = pool.insert(pool.end(), std::move(entry));
        return static_cast<std::uint32_t>(found - pool.begin());
    }
};

}  // namespace relux::test_support
