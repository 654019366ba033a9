// A module as bytes: one section per pool or table. Deterministic: the same module gives the same bytes.
#include <utility>

#include "vm/bytecode/file_envelope.h"
#include "vm/bytecode/module_file.h"
#include "vm/bytecode/record_writer.h"

namespace relux::bytecode {

std::string write_module(const Module& module, std::string memory) {
    EnvelopeWriter envelope(ByteWriter(std::move(memory)), kModuleMagic, kFormatVersion, kSectionCount);
    RecordWriter writer(std::move(envelope.file()));
    for_each_section(module, [&](const SectionRow&, auto fields) {
        fields(writer);
        envelope.end_section(writer.bytes());
    });
    return envelope.finish(std::move(writer.bytes()));
}

}  // namespace relux::bytecode
