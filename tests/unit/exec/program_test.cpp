// Linking: names across modules, and what only all modules together can get wrong.
#include "vm/exec/program.h"

#include <doctest/doctest.h>

#include "tests/support/sample_module.h"
#include "vm/bytecode/module_file.h"

using namespace relux;
using namespace relux::exec;
using relux::bytecode::kNone;
using relux::test_support::I;
using relux::test_support::ModuleBuilder;
using relux::test_support::O;

namespace {

std::string link_error(std::vector<bytecode::Module> modules) {
    for (const auto& module : modules) {
        auto verified = bytecode::verify(module);
        CHECK_MESSAGE(verified, (verified ? "" : verified.error().message));
    }
    auto program = Program::link(std::move(modules));
    return program ? "" : program.error().message;
}

bytecode::Module library() {
    ModuleBuilder b("relux/lib/l.relux");
    b.function("f", false, {}, 1, {I::abx(O::LoadK, 0, b.string("x")), I::abc(O::Return, 0)});
    b.function("p", true, {"a"}, 1, {I::abc(O::Return, 0)});
    b.effect("E");
    return b.module;
}

}  // namespace

TEST_CASE("references become pointers") {
    ModuleBuilder b("relux/tests/t.relux");
    auto test = b.test("t");
    b.block(test, 2,
            {I::abx(O::LoadK, 1, b.string("x")),
             I::abc(O::Call, 0, b.function_ref("p", 1, "relux/lib/l.relux"), 1),
             I::abc(O::CallNative, 0, b.native_ref("match_ok", 0), 0), I::abc(O::Return, 0)});
    b.module.scopes[test].starts = {{b.effect_ref("E", "relux/lib/l.relux"), kNone, kNone, {}, {1, 1, 2}}};
    auto program = Program::link({b.module, library()});
    REQUIRE(program);
    const auto* tests = (*program)->find_module("relux/tests/t.relux");
    const auto* lib = (*program)->find_module("relux/lib/l.relux");
    REQUIRE(tests);
    REQUIRE(lib);
    CHECK(lib->number == 0);
    CHECK(tests->number == 1);
    CHECK((*program)->find_module("relux") == nullptr);
    CHECK(tests->functions[0].function == &lib->code.functions[1]);
    CHECK(tests->functions[0].module == lib);
    CHECK(tests->effects[0] == EffectTarget{lib, &lib->code.effects[0]});
    CHECK(tests->effects[0].name() == "E");
    CHECK(tests->natives[0]->id == NativeId::match_ok);
    CHECK(tests->constants[0].view() == tests->code.strings[0]);
}

TEST_CASE("the sample links") {
    CHECK(link_error({relux::test_support::sample_module()}) == "");
}

TEST_CASE("two modules of one name") {
    CHECK(link_error({library(), library()}) == "two modules are called relux/lib/l.relux");
}

TEST_CASE("references that nothing satisfies") {
    ModuleBuilder b("t.relux");
    b.function_ref("p", 2, "relux/lib/l.relux");
    CHECK(link_error({b.module, library()}) ==
          "t.relux: refers to function p/2 of relux/lib/l.relux, which does not define it");
    CHECK(link_error({b.module}) ==
          "t.relux: refers to function p/2 of relux/lib/l.relux, which is not in the program");
    ModuleBuilder e("t.relux");
    e.effect_ref("F", "relux/lib/l.relux");
    CHECK(link_error({e.module, library()}) ==
          "t.relux: refers to effect F of relux/lib/l.relux, which does not define it");
    ModuleBuilder n("t.relux");
    n.native_ref("trim", 2);
    CHECK(link_error({n.module}) == "t.relux: calls the built-in trim/2, which this machine does not have");
}

TEST_CASE("pure chunks call what is pure") {
    ModuleBuilder b("t.relux");
    b.function("g", true, {}, 1,
               {I::abc(O::Call, 0, b.function_ref("f", 0, "relux/lib/l.relux"), 0), I::abc(O::Return, 0)}, 3);
    CHECK(link_error({b.module, library()}) ==
          "t.relux: line 3: a pure chunk calls the function f/0 of relux/lib/l.relux, which needs a shell");
    ModuleBuilder n("t.relux");
    n.function("g", true, {}, 1,
               {I::abc(O::CallNative, 0, n.native_ref("ctrl_c", 0), 0), I::abc(O::Return, 0)}, 4);
    CHECK(link_error({n.module}) ==
          "t.relux: line 4: a pure chunk calls the built-in ctrl_c, which needs a shell");
}

TEST_CASE("what is taken from an effect must be exposed by it") {
    auto module = [](auto damage) {
        ModuleBuilder b("t.relux");
        auto effect = b.effect("Mine");
        b.module.scopes[effect].starts = {
            {b.effect_ref("E", "relux/lib/l.relux"), kNone, kNone, {}, {1, 1, 2}}};
        damage(b, effect);
        return b.module;
    };
    CHECK(link_error({library(), module([](ModuleBuilder& b, std::uint32_t scope) {
                          b.module.scopes[scope].frames.push_back({0, b.string("s"), 0});
                      })}) ==
          "t.relux: Mine uses the shell s, which effect E of relux/lib/l.relux does not expose");
    CHECK(link_error({library(), module([](ModuleBuilder& b, std::uint32_t scope) {
                          b.module.scopes[scope].alias_variables.push_back({0, b.string("v")});
                      })}) ==
          "t.relux: Mine uses the variable v, which effect E of relux/lib/l.relux does not expose");
    CHECK(link_error(
              {library(), module([](ModuleBuilder& b, std::uint32_t) {
                   b.module.effects[0].exposes = {{false, b.string("s"), 0, b.string("s"), kNone, {1, 1, 2}}};
               })}) == "t.relux: effect Mine exposes s, which effect E of relux/lib/l.relux does not expose");
}

TEST_CASE("effects that start each other") {
    auto starter = [](const char* name, const char* effect, const char* other_module,
                      const char* other_effect) {
        ModuleBuilder b(name);
        auto scope = b.effect(effect);
        b.module.scopes[scope].starts = {
            {b.effect_ref(other_effect, other_module), kNone, kNone, {}, {1, 1, 2}}};
        return b.module;
    };
    CHECK(link_error({starter("a.relux", "A", "b.relux", "B"), starter("b.relux", "B", "a.relux", "A")}) ==
          "a.relux: effect A is started by effects that it starts");
    CHECK(link_error({starter("a.relux", "A", "", "A")}) ==
          "a.relux: effect A is started by effects that it starts");
}
