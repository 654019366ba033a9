// relux, what people type.
#include "tools/commands/cache_command.h"
#include "tools/commands/check_command.h"
#include "tools/commands/completions_command.h"
#include "tools/commands/doctor_command.h"
#include "tools/commands/dump_command.h"
#include "tools/commands/explain_command.h"
#include "tools/commands/flow_command.h"
#include "tools/commands/history_command.h"
#include "tools/commands/manual_command.h"
#include "tools/commands/merge_command.h"
#include "tools/commands/run_command.h"
#include "tools/commands/scaffold_command.h"

int main(int argument_count, char** arguments) {
    using namespace relux::cli;
    RunCommand run("relux");
    CheckCommand check("relux");
    InitCommand init;
    NewCommand make;
    FlowCommand flow;
    HistoryCommand history;
    MergeCommand merge;
    DoctorCommand doctor;
    CacheCommand cache;
    CompletionsCommand completions;
    DumpCommand dump("relux");
    ExplainCommand explain("relux");
    const ProgramInfo info{"relux", "Tests systems of several programs through real shells",
                           "  relux run -j 4"};
    std::vector<Command*> commands = {&run,   &flow,   &check, &init,        &make, &history,
                                      &merge, &doctor, &cache, &completions, &dump, &explain};
    CompleteCommand complete(info, commands);
    ManualCommand manual(info, commands);
    commands.push_back(&complete);
    commands.push_back(&manual);
    if (const auto status = answer_completion(commands, argument_count, arguments)) return *status;
    return run_program(info, commands, argument_count, arguments);
}
