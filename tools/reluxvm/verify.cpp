// Everything that a run would check before its first test: format, digest, the verifier, references between
// modules.
#include "tools/reluxvm/verify.h"

#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "vm/base/files.h"
#include "vm/bytecode/module_file.h"
#include "vm/exec/program.h"

namespace relux::cli {

namespace {

int reject(const std::filesystem::path& file, const Error& error) {
    complain(file.string() + ": " + error.message);
    return kFailure;
}

}  // namespace

void VerifyCommand::declare(CommandLine& line) {
    line.option("FILE", &file_, "The archive, *.rxb").required();
}

int VerifyCommand::execute() {
    auto bytes = read_file(file_);
    if (!bytes) return complain(bytes.error().message);
    auto archive = bytecode::read_archive(*bytes);
    if (!archive) return reject(file_, archive.error());
    std::size_t tests = 0;
    for (const auto& module : archive->modules)
        tests += module.tests.size();
    auto modules = archive->modules.size();
    auto program = exec::Program::link(std::move(archive->modules));
    if (!program) return reject(file_, program.error());
    print_output(file_.string() + ": valid, " + count_of(modules, "module") + ", " + count_of(tests, "test") +
                 "\n");
    return kSuccess;
}

}  // namespace relux::cli
