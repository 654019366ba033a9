// No module can harm the machine: whatever the bytes, the reader refuses them or what it read runs within its
// bounds. A module built by the rules is accepted; one with a wrong number is refused, or it runs as safely.
#include <string>

#include "tests/fuzz/targets.h"
#include "tests/support/module_maker.h"
#include "tests/support/module_trial.h"
#include "vm/base/assert.h"
#include "vm/base/bytes.h"
#include "vm/bytecode/file_envelope.h"
#include "vm/bytecode/listing.h"
#include "vm/bytecode/module_fields.h"
#include "vm/bytecode/module_file.h"

namespace relux::fuzz {

namespace {

using test_support::Choices;

void check_file(std::string_view input) {
    std::string file(input);
    // A dump comes to its end, and finds a fault exactly when the machine would.
    (void)bytecode::list_module(file, bytecode::ListingStyle::Code);
    test_support::mend_hash(file);
    const bool listed = bytecode::list_module(file, bytecode::ListingStyle::Sections).faults.empty();
    RELUX_ASSERT(listed == bool(bytecode::read_module(file)), "a dump says what the reader says");
    Choices choices({});
    test_support::try_module_file(file, choices);
}

void check_archive(std::string_view input) {
    std::string file(input);
    (void)bytecode::list_archive(file, bytecode::ListingStyle::Code);
    test_support::mend_archive(file);
    const bool listed = bytecode::list_archive(file, bytecode::ListingStyle::Sections).faults.empty();
    RELUX_ASSERT(listed == bool(bytecode::read_archive(file)), "a dump says what the reader says");
    Choices choices({});
    test_support::try_archive(file, choices);
}

/// The sections alone, each after its length: one that grows or shrinks does not move the others' table.
void check_sections(std::string_view input) {
    ByteReader reader(input);
    std::vector<std::string> sections;
    for (std::uint32_t i = 0; i < bytecode::kSectionCount; ++i) {
        const std::size_t size = reader.u16();
        sections.emplace_back(reader.raw(std::min(size, reader.remaining())));
    }
    check_file(bytecode::write_envelope(bytecode::kModuleMagic, bytecode::kFormatVersion, sections));
}

void check_built(std::string_view input) {
    Choices choices(input);
    auto made = test_support::make_modules(choices);
    bool accepted = true;
    for (const auto& module : made.modules) {
        const auto verified = bytecode::verify(module);
        RELUX_ASSERT(made.faulty || verified, verified.error().message.c_str());
        accepted = accepted && verified;
        const auto read = bytecode::read_module(bytecode::write_module(module));
        RELUX_ASSERT(bool(read) == bool(verified), "reading verifies");
        if (read) RELUX_ASSERT(*read == module, "a module read is the module written");
    }
    if (!accepted) return;
    const bool ran = test_support::try_modules(std::move(made.modules), choices);
    RELUX_ASSERT(made.faulty || ran, "modules built by the rules can be linked");
}

}  // namespace

void module(std::string_view input) {
    if (input.empty()) return;
    const char kind = input.front();
    input.remove_prefix(1);
    if (kind == 'f') check_file(input);
    if (kind == 'a') check_archive(input);
    if (kind == 's') check_sections(input);
    if (kind == 'b') check_built(input);
}

}  // namespace relux::fuzz
