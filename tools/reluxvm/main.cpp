// reluxvm, the machine.
#include "tools/commands/manual_command.h"
#include "tools/commands/run_command.h"
#include "tools/reluxvm/verify.h"

int main(int argument_count, char** arguments) {
    using namespace relux::cli;
    RunCommand run("reluxvm");
    VerifyCommand verify;
    const ProgramInfo info{"reluxvm", "Runs compiled Relux suites", "  reluxvm run suite.rxb -j 4"};
    std::vector<Command*> commands = {&run, &verify};
    ManualCommand manual(info, commands);
    commands.push_back(&manual);
    return run_program(info, commands, argument_count, arguments);
}
