// A module as bytes: one section per pool or table. Deterministic: the same module gives the same bytes.
#include "vm/bytecode/file_envelope.h"
#include "vm/bytecode/module_file.h"
#include "vm/bytecode/record_writer.h"

namespace relux::bytecode {

std::string write_module(const Module& module) {
    std::vector<std::string> sections;
    for_each_section(module, [&](std::string_view, auto store) {
        RecordWriter writer;
        store(writer);
        sections.push_back(writer.take());
    });
    return write_envelope(kModuleMagic, kFormatVersion, sections);
}

}  // namespace relux::bytecode
