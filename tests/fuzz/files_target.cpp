// Files that others write or damage, with their digests made right so that no reader stops there: each is
// read, refused with a reason, or as if it were not there.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <xxhash.h>

#include "compiler/cache_pack.h"
#include "compiler/pack_listing.h"
#include "compiler/source_stamps.h"
#include "tests/fuzz/targets.h"
#include "tests/support/module_trial.h"
#include "tools/history/history_margins.h"
#include "tools/history/history_runs.h"
#include "tools/increment/incremental_state.h"
#include "tools/project/environment.h"
#include "tools/project/manifest.h"
#include "vm/base/assert.h"
#include "vm/base/bytes.h"
#include "vm/base/files.h"
#include "vm/base/input_limits.h"
#include "vm/bytecode/module_file.h"

namespace relux::fuzz {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRoot = "/suite";

/// A directory of this process; whoever runs the fuzzer removes it.
const fs::path& directory() {
    static const fs::path made = [] {
        std::string name = fs::temp_directory_path() / "relux-fuzz-XXXXXX";
        RELUX_ASSERT(::mkdtemp(name.data()) != nullptr, "a directory for the files");
        return fs::path(name);
    }();
    return made;
}

fs::path written(std::string_view name, std::string_view bytes) {
    auto file = directory() / name;
    RELUX_ASSERT(bool(replace_file(file, bytes)), "the file can be written");
    return file;
}

void read_environment(std::string_view text) {
    run::EnvironmentLayer layer;
    const auto added = cli::add_dotenv(layer, text, ".env");
    RELUX_ASSERT(added || added.error().message.starts_with(".env:"), "a mistake has its place");
    for (const auto& [name, value] : layer.variables)
        RELUX_ASSERT(name.size() + value.size() + 2 <= kLongestVariable, "programs can be given a variable");
}

void read_manifest(std::string_view text) {
    const auto manifest = cli::parse_manifest(text, "Relux.toml");
    RELUX_ASSERT(manifest || manifest.error().message.starts_with("Relux.toml:"), "a mistake has its place");
}

/// The bytes are the modules and the table: what stands around them is right.
void read_pack(std::string_view bytes) {
    ByteWriter pack;
    pack.raw(compiler::kPackMagic);
    pack.u32(bytecode::kFormatVersion);
    pack.string(compiler::compiler_fingerprint());
    ByteReader input(bytes);
    const auto modules = input.raw(std::min<std::size_t>(input.u16(), input.remaining()));
    pack.raw(modules);
    const auto table = input.raw(input.remaining());
    const auto offset = pack.bytes().size();
    pack.raw(table);
    pack.u64(offset);
    pack.u64(table.size());
    pack.u64(XXH3_64bits(table.data(), table.size()));
    pack.raw(compiler::kPackMagic);
    const auto opened = compiler::CachePack::open(written("fuzzed.rxp", pack.bytes()));
    if (!opened) return;
    for (const auto& entry : (*opened)->entries())
        (void)(*opened)->load(entry);
}

/// `body` with its digest behind it.
std::string with_digest(std::string_view body, std::uint64_t digest) {
    ByteWriter file;
    file.raw(body);
    file.u64(digest);
    return std::move(file.bytes());
}

void read_stamps(std::string_view rest) {
    ByteWriter body;
    body.raw({"\x89RXS\r\n\x1a\n", 8});
    body.u32(2);
    body.string(kRoot);
    body.raw(rest);
    const auto name = compiler::hexadecimal(compiler::hash128(kRoot)) + ".stamps";
    written(name, with_digest(body.bytes(), XXH3_64bits(body.bytes().data(), body.bytes().size())));
    const compiler::SourceStamps stamps(directory(), kRoot);
    (void)stamps.find("relux/tests/a.relux", {});
}

void read_state(std::string_view rest) {
    ByteWriter body;
    body.raw({"\x89RXI\r\n\x1a\n", 8});
    body.u32(2);
    body.raw(rest);
    const auto file = written("incremental", with_digest(body.bytes(), compiler::hash128(body.bytes()).low));
    (void)cli::read_incremental_state(file);
}

void read_summary(std::string_view text) {
    written("run_summary.toml", text);
    (void)cli::read_past_run(directory());
}

void read_margins(std::string_view text) {
    cli::MarginsBySite sites;
    (void)cli::add_margins(written("margins.json", text), sites);
}

/// The modules in it are the module target's; here the archive is read and told.
void read_archive(std::string_view input) {
    std::string file(input);
    test_support::mend_archive(file);
    const auto archive = bytecode::read_archive(file);
    RELUX_ASSERT(archive || !archive.error().message.empty(), "a refusal says why");
    if (archive) (void)cli::parse_manifest(archive->manifest, "Relux.toml in the archive");
}

}  // namespace

void files(std::string_view input) {
    if (input.empty()) return;
    const char kind = input.front();
    input.remove_prefix(1);
    if (kind == 'a') read_archive(input);
    if (kind == 'e') read_environment(input);
    if (kind == 'm') read_manifest(input);
    if (kind == 'p') read_pack(input);
    if (kind == 't') read_stamps(input);
    if (kind == 'i') read_state(input);
    if (kind == 's') read_summary(input);
    if (kind == 'j') read_margins(input);
}

}  // namespace relux::fuzz
