// Bytes as a module. Trusts nothing: envelope and hash first, then every record with its bounds, then the
// verifier.
#include "vm/bytecode/file_envelope.h"
#include "vm/bytecode/module_file.h"
#include "vm/bytecode/record_reader.h"

namespace relux::bytecode {

Result<Module> read_module(std::string_view bytes) {
    auto sections = read_envelope(bytes, kModuleMagic, kFormatVersion, kSectionCount, "module");
    if (!sections) return sections.error();
    Module module;
    std::string error;
    std::size_t next = 0;
    for_each_section(module, [&](const SectionRow& row, auto fields) {
        const auto& section = (*sections)[next++];
        if (!error.empty()) return;
        RecordReader reader(row.name, section.bytes, section.offset);
        fields(reader);
        reader.finish();
        error = reader.error();
    });
    if (!error.empty()) return Error{std::move(error)};
    if (auto verified = verify(module); !verified) return verified.error();
    return module;
}

}  // namespace relux::bytecode
