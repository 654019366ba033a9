// A module that uses every table and every kind of chunk and operand, and passes the verifier.
#pragma once

#include "tests/support/module_builder.h"

namespace relux::test_support {

using I = Instruction;
using O = Opcode;

constexpr std::string_view kSampleSource =
    "fn greet(name) {\n"
    "  > hello ${name}\n"
    "}\n"
    "pure fn twice(x) {\n"
    "  \"${x}${x}\"\n"
    "}\n"
    "effect Db {\n"
    "}\n"
    "effect Api {\n"
    "  start Db as Db { PORT = trim(PORT) }\n"
    "}\n"
    "# skip if CI ? ^true\n"
    "test \"greets\" ~10s {\n"
    "  shell s {\n"
    "    greet(\"you\")\n"
    "    <@2s? ^hello (\\w+)$\n"
    "  }\n"
    "}\n";

inline void add_sample_functions(ModuleBuilder& b) {
    b.function("greet", false, {"name"}, 4,
               {I::abx(O::LoadK, 1, b.string("hello ")), I::abc(O::Move, 2, 0), I::abc(O::Concat, 3, 1, 2),
                I::abc(O::Send, 3), I::abc(O::Return, 3)},
               1);
    for (std::size_t i = 0; i < 4; ++i)
        b.module.chunks.back().spans[i] = {2, 3, 18};
    b.function(
        "twice", true, {"x"}, 3,
        {I::abc(O::Move, 1, 0), I::abc(O::Move, 2, 0), I::abc(O::Concat, 0, 1, 2), I::abc(O::Return, 0)}, 4);
}

inline void add_sample_effects(ModuleBuilder& b) {
    auto db = b.effect("Db", 7);
    b.module.scopes[db].slots = {b.string("PORT")};
    b.module.effects[0].expects = {b.string("PORT")};
    b.module.effects[0].exposes = {{false, b.string("s"), kNone, b.string("s"), kNone, {7, 1, 2}},
                                   {true, b.string("PORT"), kNone, b.string("PORT"), 0, {7, 1, 2}}};
    b.block(db, 1,
            {I::abx(O::EnvGet, 0, b.string("PORT")), I::abx(O::ScopeSet, 0, 0), I::abc(O::ResetBuffer, 0),
             I::abc(O::Return, 0)},
            0, 7);

    auto api = b.effect("Api", 9);
    auto overlay =
        b.chunk(ChunkKind::Overlay, 2,
                {I::abx(O::EnvGet, 1, b.string("PORT")), I::abc(O::CallNative, 0, b.native_ref("trim", 1), 1),
                 I::abx(O::OverlaySet, 0, b.string("PORT")), I::abc(O::Return, 0)},
                api, 10);
    b.module.scopes[api].starts = {{b.effect_ref("Db"), b.string("Db"), overlay, {}, {10, 3, 11}}};
    b.module.scopes[api].alias_variables = {{0, b.string("PORT")}};
    b.module.scopes[api].frames.push_back({0, b.string("s"), 0});
    b.block(api, 1, {I::abx(O::AliasGet, 0, 0), I::abc(O::MatchLit, 0, 0, 0, 0), I::abc(O::Return, 0)}, 1,
            11);
    b.module.effects[1].exposes = {{false, b.string("db"), 0, b.string("s"), kNone, {9, 1, 2}}};
}

inline void add_sample_test(ModuleBuilder& b) {
    auto test = b.test("greets", 1, 13);
    b.module.tests[0] = {test, b.string("Says hello."), TimeoutKind::Tolerance, b.duration(10'000'000'000)};
    b.module.scopes[test].slots = {b.string("who")};
    b.module.scopes[test].declarations =
        b.chunk(ChunkKind::Declarations, 3,
                {I::abx(O::LoadK, 2, b.string("a\"\x01")), I::abc(O::Call, 1, b.function_ref("twice", 1), 1),
                 I::abc(O::AssertRe, 1, b.pattern("a.a")), I::abx(O::ScopeSet, 1, 0), I::abc(O::Return, 1)},
                test, 13);
    b.module.scopes[test].starts = {{b.effect_ref("Db"), b.string("Db"), kNone, {}, {13, 1, 2}},
                                    {b.effect_ref("Api"), kNone, kNone, {0}, {13, 1, 2}}};
    b.block(test, 3,
            {I::abx(O::LoadK, 2, b.string("you")), I::abc(O::Call, 1, b.function_ref("greet", 1), 1),
             I::abc(O::MatchRe, 1, b.pattern("^hello (\\w+)$"), b.duration(2'000'000'000), 2),
             I::abx(O::CaptureGet, 0, 1), I::abx(O::NoteLet, 0, b.string("name")), I::abc(O::Return, 0)},
            0, 16);
    b.module.chunks.back().spans[0] = b.module.chunks.back().spans[1] = {15, 5, 17};
    b.module.scopes[test].cleanup =
        b.chunk(ChunkKind::Cleanup, 1,
                {I::abx(O::LoadK, 0, b.string("rm")), I::abc(O::Send, 0), I::abc(O::Return, 0)}, test, 14);
    auto condition =
        b.marker(MarkerKind::Skip, "skip if CI ? ^true", "CI", 1,
                 {I::abx(O::EnvBase, 0, b.string("CI")), I::abc(O::DecideRe, 0, b.pattern("^true"))});
    for (auto& span : b.module.chunks.back().spans)
        span = {12, 1, 21};
    b.module.scopes[test].markers = {
        condition, {MarkerKind::Flaky, MarkerModifier::None, kNone, b.string("flaky"), kNone, {12, 1, 2}}};
}

/// `fn greet(name)`, `pure fn twice(x)`, effect `Db`, effect `Api` (starts Db), test `greets`; scopes 0,
/// 1, 2.
inline Module sample_module() {
    ModuleBuilder b("relux/tests/sample.relux");
    b.module.source = kSampleSource;
    b.module.source_hash = 42;
    add_sample_functions(b);
    add_sample_effects(b);
    add_sample_test(b);
    return std::move(b.module);
}

}  // namespace relux::test_support
