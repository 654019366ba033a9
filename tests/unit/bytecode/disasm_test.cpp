// The dump of a module, whole: what people read and golden tests compare.
#include <doctest/doctest.h>

#include "tests/support/sample_module.h"
#include "vm/bytecode/module_file.h"

using namespace relux::bytecode;
using relux::test_support::ModuleBuilder;

namespace {

constexpr const char* kSample = R"x(module relux/tests/sample.relux

fn greet(name)
  code: 4 registers
        ; > hello ${name}
     0     2  load.k          r1, "hello "
     1     2  move            r2, r0
     2     2  concat          r3, r1..r2
     3     2  send            r3
        ; fn greet(name) {
     4     1  return          r3

pure fn twice(x)
  code: 3 registers
        ; pure fn twice(x) {
     0     4  move            r1, r0
     1     4  move            r2, r0
     2     4  concat          r0, r1..r2
     3     4  return          r0

effect Db
  expects PORT
  exposes shell s
  exposes var PORT
  variables PORT
  shell s: 1 register
        ; effect Db {
     0     7  env.get         r0, "PORT"
     1     7  scope.set       r0, PORT
     2     7  reset
     3     7  return          r0

effect Api
  exposes shell Db.s as db
  start Db as Db
  overlay: 2 registers
        ; start Db as Db { PORT = trim(PORT) }
     0    10  env.get         r1, "PORT"
     1    10  call.native     r0, trim/1, r1
     2    10  overlay         r0, "PORT"
     3    10  return          r0
  shell Db.s: 1 register
        ; }
     0    11  alias.get       r0, Db.PORT
     1    11  match.lit       r0
     2    11  return          r0

test "greets" ~10s
  docstring "Says hello."
  variables who
  marker # skip if CI ? ^true: 1 register
        ; # skip if CI ? ^true
     0    12  env.base        r0, "CI"
     1    12  decide.re       r0, /^true/
  marker # flaky
  declarations: 3 registers
        ; test "greets" ~10s {
     0    13  load.k          r2, "a\"\x01"
     1    13  call            r1, twice/1, r2
     2    13  assert.re       r1, /a.a/
     3    13  scope.set       r1, who
     4    13  return          r1
  start Db as Db
  start Api, after Db
  shell s: 3 registers
        ; greet("you")
     0    15  load.k          r2, "you"
     1    15  call            r1, greet/1, r2
        ; <@2s? ^hello (\w+)$
     2    16  match.re        r1, /^hello (\w+)$/, @2s
     3    16  capture         r0, $1
     4    16  note.let        r0, "name"
     5    16  return          r0
  cleanup: 1 register
        ; shell s {
     0    14  load.k          r0, "rm"
     1    14  send            r0
     2    14  return          r0
)x";

}  // namespace

TEST_CASE("disassembly of the sample") {
    CHECK(disassemble(relux::test_support::sample_module()) == kSample);
}

TEST_CASE("without a source there are only line numbers; other modules are named") {
    ModuleBuilder b("a.relux");
    auto test = b.test("t");
    b.block(
        test, 3,
        {Instruction::abx(Opcode::LoadK, 1, b.string("x")), Instruction::abx(Opcode::LoadK, 2, b.string("y")),
         Instruction::abc(Opcode::Call, 0, b.function_ref("join", 2, "relux/lib/text.relux"), 2),
         Instruction::abc(Opcode::SetTimeout, 0, 0, b.duration(90'000'000'000), 1),
         Instruction::abc(Opcode::Return, 0)},
        0, 7);
    CHECK(disassemble(b.module) ==
          "module a.relux\n\ntest \"t\"\n  shell s: 3 registers\n"
          "     0     7  load.k          r1, \"x\"\n"
          "     1     7  load.k          r2, \"y\"\n"
          "     2     7  call            r0, relux/lib/text.relux:join/2, r1..r2\n"
          "     3     7  timeout         ~1m30s\n"
          "     4     7  return          r0\n");
}
