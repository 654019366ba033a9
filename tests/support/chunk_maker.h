// The code of one chunk, from decisions; part of module_maker. Registers are followed so that none is read
// before it is written: where one would be, a constant is loaded into it first.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/choices.h"
#include "tests/support/module_builder.h"

namespace relux::test_support {

/// Numbers that go into a module. Most stay what they are; the choices say which are made wrong.
class Numbers {
  public:
    explicit Numbers(Choices& choices) : choices_(choices) { arm(); }

    std::uint32_t operator()(std::uint32_t right);
    bool any_wrong() const { return any_wrong_; }

  private:
    void arm();
    Choices& choices_;
    std::uint32_t right_ones_left_ = 0;  ///< numbers before the next wrong one; kNever: there is none
    bool any_wrong_ = false;
};

/// Says what a chunk may use of its module.
struct ChunkSurroundings {
    const Module& module;
    std::vector<bool> pure_functions;  ///< for each of Module::function_refs
    std::vector<bool> pure_natives;    ///< for each of Module::native_refs
};

struct ChunkWish {
    ChunkKind kind = ChunkKind::Function;
    std::uint32_t scope = kNone;
    std::uint16_t arguments = 0;
    std::uint16_t persistent = 0;
    std::vector<Index<Start>> set_up;  ///< starts whose variables may be read, if not all
    bool only_set_up = false;
};

Chunk make_chunk(Choices& choices, Numbers& numbers, const ChunkSurroundings& around, ChunkWish wish);
/// A place in a source of four lines, or none.
Span make_span(Choices& choices, Numbers& numbers);

}  // namespace relux::test_support
