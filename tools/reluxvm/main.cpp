// reluxvm, the machine.
#include "tools/cli/run_command.h"
#include "tools/reluxvm/verify.h"

int main(int argument_count, char** arguments) {
    using namespace relux::cli;
    RunCommand run("reluxvm");
    VerifyCommand verify;
    const ProgramInfo info{"reluxvm", "Runs compiled Relux suites", "  reluxvm run suite.rxb -j 4"};
    return run_program(info, {&run, &verify}, argument_count, arguments);
}
