// Writes an archive with one module for machine_alone.cpp to read.
#include <fstream>

#include "tests/support/sample_module.h"
#include "vm/bytecode/module_file.h"

int main(int argument_count, char** arguments) {
    if (argument_count != 2) return 2;
    relux::bytecode::Archive archive;
    archive.modules.push_back(relux::test_support::sample_module());
    archive.tests = {archive.modules[0].name};
    std::ofstream file(arguments[1], std::ios::binary);
    file << relux::bytecode::write_archive(archive);
    return file.good() ? 0 : 1;
}
