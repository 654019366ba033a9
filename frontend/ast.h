// The syntax tree of one file, as written: nothing is resolved, nothing is checked beyond the grammar.
// Names and literal text are views into the Source or into the arena that holds the tree, so a tree must not
// outlive them. Nodes are plain data: to copy one is to copy its bytes, and none has to be destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "frontend/source.h"
#include "vm/base/arena.h"
#include "vm/base/timeout.h"

namespace relux::frontend {

struct Name {
    std::string_view text;
    SourceRange range;
};

enum class PatternKind : std::uint8_t { Regex, Literal };

#define NODE(Type) struct Type;
#include "frontend/ast.def"

#define NODE(Type) struct Type {
#define DECLARE(...) __VA_ARGS__;
#define FIELD(Type, member, initial) Type member = initial;
#define FUNCTIONS(...) __VA_ARGS__
#define NODE_END(Type) \
    }                  \
    ;
#define ONE_OF(Type, ...) using Type = std::variant<__VA_ARGS__>;
#include "frontend/ast.def"

using Body = List<Statement>;

struct ModuleSyntax {
    const Source* source = nullptr;
    List<Import> imports;
    List<FunctionSyntax> functions;
    List<EffectSyntax> effects;
    List<TestSyntax> tests;  ///< also those with errors inside, so that they can be reported as invalid
    bool has_errors = false;
    std::vector<std::string_view> decoded;  ///< texts that differ from the source: escapes, docstrings
    std::unique_ptr<Arena> memory;          ///< the tree's own; null: it is in that of somebody else
};

static_assert(std::is_trivially_copyable_v<Statement> && std::is_trivially_copyable_v<TestSyntax>);

}  // namespace relux::frontend
