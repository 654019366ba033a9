// relux, what people type.
#include "tools/cli/check_command.h"
#include "tools/cli/dump_command.h"
#include "tools/cli/run_command.h"

int main(int argument_count, char** arguments) {
    using namespace relux::cli;
    RunCommand run("relux");
    CheckCommand check("relux");
    DumpCommand dump("relux");
    const ProgramInfo info{"relux", "Tests systems of several programs through real shells",
                           "  relux run -j 4"};
    return run_program(info, {&run, &check, &dump}, argument_count, arguments);
}
