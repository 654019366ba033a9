#include "compiler/cache_pack.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <xxhash.h>

#include "vm/base/bytes.h"
#include "vm/base/fd.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/module_file.h"

namespace relux::compiler {

namespace {

constexpr std::string_view kMagic{"\x89RXP\r\n\x1a\n", 8};
constexpr std::size_t kTrailerSize = 32;
constexpr std::size_t kAlignment = 8;

void write(ByteWriter& writer, const Hash128& hash) {
    writer.u64(hash.high);
    writer.u64(hash.low);
}

Hash128 read_hash(ByteReader& reader) {
    Hash128 hash;
    hash.high = reader.u64();
    hash.low = reader.u64();
    return hash;
}

void write(ByteWriter& writer, const PackEntry& entry) {
    write(writer, entry.source_key);
    write(writer, entry.module_key);
    writer.u64(entry.offset);
    writer.u64(entry.size);
    const auto& facts = entry.facts;
    writer.string(facts.name);
    write(writer, facts.source);
    write(writer, facts.interface);
    writer.u32(static_cast<std::uint32_t>(facts.imports.size()));
    for (const auto& import : facts.imports) {
        writer.string(import.name);
        write(writer, import.interface);
    }
    writer.u32(static_cast<std::uint32_t>(facts.environment.size()));
    for (const auto& answer : facts.environment) {
        writer.string(answer.name);
        writer.u8(answer.set ? 1 : 0);
    }
    writer.u8(facts.has_warnings ? 1 : 0);
    writer.u32(static_cast<std::uint32_t>(facts.tests.size()));
    for (const auto& test : facts.tests)
        writer.string(test);
}

/// Adds what `read` gives as often as the count that comes next says, but not beyond the end.
template <class Element, class Read>
void read_list(ByteReader& reader, std::vector<Element>& list, Read read) {
    auto count = reader.u32();
    constexpr std::size_t kLeast = 4;  // of bytes that an element takes
    list.reserve(std::min<std::size_t>(count, reader.remaining() / kLeast));
    for (; count > 0 && !reader.failed(); --count)
        list.push_back(read());
}

PackEntry read_entry(ByteReader& reader) {
    PackEntry entry;
    entry.source_key = read_hash(reader);
    entry.module_key = read_hash(reader);
    entry.offset = reader.u64();
    entry.size = reader.u64();
    auto& facts = entry.facts;
    facts.name = reader.string();
    facts.source = read_hash(reader);
    facts.interface = read_hash(reader);
    read_list(reader, facts.imports, [&] {
        ImportFact import;
        import.name = reader.string();
        import.interface = read_hash(reader);
        return import;
    });
    read_list(reader, facts.environment, [&] {
        EnvironmentFact answer;
        answer.name = reader.string();
        answer.set = reader.u8() != 0;
        return answer;
    });
    facts.has_warnings = reader.u8() != 0;
    read_list(reader, facts.tests, [&] { return reader.string(); });
    return entry;
}

void pad(std::string& bytes) {
    bytes.resize((bytes.size() + kAlignment - 1) / kAlignment * kAlignment);
}

}  // namespace

std::string write_pack(std::vector<PackedModule> modules) {
    ByteWriter file;
    file.raw(kMagic);
    file.u32(bytecode::kFormatVersion);
    file.string(compiler_fingerprint());
    pad(file.bytes());
    ByteWriter table;
    table.u32(static_cast<std::uint32_t>(modules.size()));
    for (auto& module : modules) {
        module.entry.offset = file.bytes().size();
        module.entry.size = module.bytes.size();
        file.raw(module.bytes);
        pad(file.bytes());
        write(table, module.entry);
    }
    const auto offset = file.bytes().size();
    file.raw(table.bytes());
    file.u64(offset);
    file.u64(table.bytes().size());
    file.u64(XXH3_64bits(table.bytes().data(), table.bytes().size()));
    file.raw(kMagic);
    return std::move(file.bytes());
}

Result<std::unique_ptr<CachePack>> CachePack::open(const std::filesystem::path& file) {
    Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0) return system_error("cannot read " + file.string(), errno);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size < kMagic.size() + kTrailerSize) return Error{file.string() + " is cut short"};
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (mapped == MAP_FAILED) return system_error("cannot map " + file.string(), errno);
    std::unique_ptr<CachePack> pack(
        new CachePack(file, std::string_view(static_cast<const char*>(mapped), size)));
    if (auto read = pack->read_table(); !read) return read.error();
    return pack;
}

CachePack::~CachePack() {
    ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

Status CachePack::read_table() {
    ByteReader header(bytes_);
    if (header.raw(kMagic.size()) != kMagic)
        return Error{file_.string() + " was not written by this program"};
    if (header.u32() != bytecode::kFormatVersion || header.string() != compiler_fingerprint())
        return Error{file_.string() + " is of another version of the compiler"};
    ByteReader trailer(bytes_.substr(bytes_.size() - kTrailerSize));
    const auto offset = trailer.u64();
    const auto size = trailer.u64();
    const auto digest = trailer.u64();
    const auto end = bytes_.size() - kTrailerSize;
    if (trailer.raw(kMagic.size()) != kMagic || offset > end || size != end - offset)
        return Error{file_.string() + " is cut short"};
    const auto table = bytes_.substr(offset, size);
    if (XXH3_64bits(table.data(), table.size()) != digest) return Error{file_.string() + " is damaged"};
    ByteReader reader(table);
    const auto count = reader.u32();
    if (count > bytecode::kMaximumModules) return Error{file_.string() + " is damaged"};
    entries_.reserve(count);
    for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
        auto entry = read_entry(reader);
        if (entry.offset > offset || entry.size > offset - entry.offset)
            return Error{file_.string() + " is damaged"};
        entries_.push_back(std::move(entry));
    }
    if (reader.failed() || !reader.at_end()) return Error{file_.string() + " is damaged"};
    return Done{};
}

std::string_view CachePack::bytes_of(const PackEntry& entry) const {
    return bytes_.substr(entry.offset, entry.size);
}

Result<bytecode::Module> CachePack::load(const PackEntry& entry) const {
    auto module = bytecode::read_module(bytes_of(entry));
    if (!module) return module.error();
    if (module->name != entry.facts.name || module->tests.size() != entry.facts.tests.size())
        return Error{"it is another module"};
    return module;
}

}  // namespace relux::compiler
