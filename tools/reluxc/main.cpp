// reluxc, the compiler.
#include "tools/commands/check_command.h"
#include "tools/commands/dump_command.h"
#include "tools/commands/explain_command.h"
#include "tools/commands/manual_command.h"
#include "tools/reluxc/build.h"

int main(int argument_count, char** arguments) {
    using namespace relux::cli;
    BuildCommand build;
    CheckCommand check("reluxc");
    DumpCommand dump("reluxc");
    ExplainCommand explain("reluxc");
    const ProgramInfo info{"reluxc", "Compiles Relux suites to bytecode", "  reluxc build -o suite.rxb"};
    std::vector<Command*> commands = {&build, &check, &dump, &explain};
    ManualCommand manual(info, commands);
    commands.push_back(&manual);
    return run_program(info, commands, argument_count, arguments);
}
