#include "compiler/module_facts.h"

#include <algorithm>

#include "compiler/compiler_fingerprint.h"
#include "vm/base/bytes.h"
#include "vm/bytecode/module_file.h"

namespace relux::compiler {

namespace {

void add(ByteWriter& writer, const Hash128& hash) {
    writer.u64(hash.high);
    writer.u64(hash.low);
}

std::string describe(const frontend::FunctionSyntax& function) {
    ByteWriter writer;
    writer.u8('f');
    writer.string(function.name.text);
    writer.u32(static_cast<std::uint32_t>(function.parameters.size()));
    writer.u8(function.pure ? 1 : 0);
    return std::move(writer.bytes());
}

std::string describe(const frontend::EffectSyntax& effect, const frontend::EffectResolution& resolution) {
    std::vector<std::string> parts;
    for (const auto& expected : effect.body.expects)
        parts.push_back("expects " + std::string(expected.text));
    for (const auto& expose : resolution.exposes)
        parts.push_back((expose.variable ? "variable " : "shell ") + std::string(expose.name));
    // Whose expectation it is shows in the message to those who don't meet it.
    for (const auto& requirement : resolution.requirements) {
        parts.push_back("needs " + std::string(requirement.name) + " for " +
                        std::string(requirement.effect.syntax().name.text) + " of " +
                        requirement.effect.module->name);
    }
    std::sort(parts.begin(), parts.end());
    ByteWriter writer;
    writer.u8('e');
    writer.string(effect.name.text);
    for (const auto& part : parts)
        writer.string(part);
    return std::move(writer.bytes());
}

}  // namespace

Hash128 interface_hash(frontend::LoadedModule& module) {
    std::vector<std::string> parts;
    for (const auto& function : module.syntax.functions)
        parts.push_back(describe(function));
    for (std::size_t i = 0; i < module.syntax.effects.size(); ++i)
        parts.push_back(describe(module.syntax.effects[i], module.effect_resolutions[i]));
    std::sort(parts.begin(), parts.end());
    ByteWriter writer;
    for (const auto& part : parts)
        writer.string(part);
    return hash128(writer.bytes());
}

Hash128 source_key(frontend::Edition edition, std::string_view name, const Hash128& source) {
    ByteWriter writer;
    writer.string(compiler_fingerprint());
    writer.u32(bytecode::kFormatVersion);
    writer.u8(static_cast<std::uint8_t>(edition));
    writer.string(name);
    add(writer, source);
    return hash128(writer.bytes());
}

Hash128 module_key(const Hash128& source_key, const std::vector<ImportFact>& imports) {
    ByteWriter writer;
    add(writer, source_key);
    for (const auto& import : imports) {
        writer.string(import.name);
        add(writer, import.interface);
    }
    return hash128(writer.bytes());
}

std::string_view compiler_fingerprint() {
    return kCompilerFingerprint;
}

}  // namespace relux::compiler
