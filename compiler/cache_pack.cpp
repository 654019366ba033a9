#include "compiler/cache_pack.h"

#include <algorithm>

#include <xxhash.h>

#include "vm/base/bytes.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/module_file.h"

namespace relux::compiler {

namespace {

constexpr std::size_t kTrailerSize = 32;
constexpr std::size_t kAlignment = 8;
/// Most packs are smaller.
constexpr std::size_t kReadAtOnce = std::size_t{256} * 1024;
constexpr std::size_t kLargestTable = std::size_t{256} << 20;
/// With what stands before it.
constexpr std::size_t kLongestFingerprint = 256;

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

std::size_t padded(std::size_t size) {
    return (size + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

PackText write_pack(std::vector<PackedModule> modules) {
    static constexpr char kPadding[kAlignment] = {};
    PackText text;
    ByteWriter head;
    head.raw(kPackMagic);
    head.u32(bytecode::kFormatVersion);
    head.string(compiler_fingerprint());
    head.bytes().resize(padded(head.bytes().size()));
    auto offset = head.bytes().size();
    ByteWriter tail;
    tail.u32(static_cast<std::uint32_t>(modules.size()));
    text.pieces.reserve(2 * modules.size() + 2);
    text.pieces.emplace_back();
    for (auto& module : modules) {
        module.entry.offset = offset;
        module.entry.size = module.bytes.size();
        text.pieces.push_back(module.bytes);
        const auto next = padded(offset + module.bytes.size());
        text.pieces.emplace_back(kPadding, next - offset - module.bytes.size());
        offset = next;
        write(tail, module.entry);
    }
    const auto size = tail.bytes().size();
    const auto digest = XXH3_64bits(tail.bytes().data(), size);
    tail.u64(offset);
    tail.u64(size);
    tail.u64(digest);
    tail.raw(kPackMagic);
    text.head = std::make_unique<const std::string>(std::move(head.bytes()));
    text.tail = std::make_unique<const std::string>(std::move(tail.bytes()));
    text.pieces.front() = *text.head;
    text.pieces.push_back(*text.tail);
    return text;
}

Result<std::unique_ptr<CachePack>> CachePack::open(const std::filesystem::path& file) {
    auto opened = open_to_read(file);
    if (!opened) return opened.error();
    std::unique_ptr<CachePack> pack(new CachePack(file, std::move(*opened)));
    if (auto read = pack->read_table(); !read) return read.error();
    if (pack->end_.size() == pack->size()) pack->opened_.descriptor.reset();
    return pack;
}

// Mostly one read: of a small file all of it, of a large one the table with it.
Status CachePack::read_table() {
    if (size() < kPackMagic.size() + kTrailerSize) return Error{file_.string() + " is cut short"};
    end_ = read(size() - std::min(size(), kReadAtOnce), std::min(size(), kReadAtOnce));
    if (end_.size() < kTrailerSize) return Error{file_.string() + " is cut short"};
    ByteReader trailer(std::string_view(end_).substr(end_.size() - kTrailerSize));
    const auto table_offset = trailer.u64();
    if (table_offset < size() - end_.size()) {
        if (size() - table_offset > kLargestTable) return Error{file_.string() + " is damaged"};
        end_ = read(table_offset, size() - table_offset);
    }
    const auto head = read(0, std::min(size(), kPackMagic.size() + kLongestFingerprint));
    ByteReader header(head);
    if (header.raw(kPackMagic.size()) != kPackMagic)
        return Error{file_.string() + " was not written by this program"};
    if (header.u32() != bytecode::kFormatVersion || header.string() != compiler_fingerprint())
        return Error{file_.string() + " is of another version of the compiler"};
    auto table = read_pack_table(end_, file_.string(), size() - end_.size());
    if (!table) return table.error();
    entries_ = std::move(*table);
    return Done{};
}

std::string CachePack::read(std::uint64_t offset, std::size_t size) const {
    const auto held_from = opened_.size - end_.size();
    if (offset >= held_from && offset - held_from <= end_.size() &&
        size <= end_.size() - (offset - held_from))
        return end_.substr(offset - held_from, size);
    auto bytes = read_part(opened_.descriptor, offset, size);
    return bytes ? std::move(*bytes) : std::string();
}

Result<std::vector<PackEntry>> read_pack_table(std::string_view bytes, const std::string& name,
                                               std::uint64_t before) {
    if (before + bytes.size() < kPackMagic.size() + kTrailerSize || bytes.size() < kTrailerSize)
        return Error{name + " is cut short"};
    ByteReader trailer(bytes.substr(bytes.size() - kTrailerSize));
    const auto offset = trailer.u64();
    const auto size = trailer.u64();
    const auto digest = trailer.u64();
    const auto end = before + bytes.size() - kTrailerSize;
    if (trailer.raw(kPackMagic.size()) != kPackMagic || offset > end || size != end - offset ||
        offset < before)
        return Error{name + " is cut short"};
    const auto table = bytes.substr(offset - before, size);
    if (XXH3_64bits(table.data(), table.size()) != digest) return Error{name + " is damaged"};
    std::vector<PackEntry> entries;
    ByteReader reader(table);
    const auto count = reader.u32();
    if (count > bytecode::kMaximumModules) return Error{name + " is damaged"};
    entries.reserve(count);
    for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
        auto entry = read_entry(reader);
        if (entry.offset > offset || entry.size > offset - entry.offset) return Error{name + " is damaged"};
        entries.push_back(std::move(entry));
    }
    if (reader.failed() || !reader.at_end()) return Error{name + " is damaged"};
    return entries;
}

std::string CachePack::bytes_of(const PackEntry& entry) const {
    return read(entry.offset, entry.size);
}

Result<bytecode::Module> CachePack::load(const PackEntry& entry) const {
    return load(entry, bytes_of(entry));
}

Result<bytecode::Module> CachePack::load(const PackEntry& entry, std::string_view bytes) {
    auto module = bytecode::read_module(bytes);
    if (!module) return module.error();
    if (module->name != entry.facts.name || module->tests.size() != entry.facts.tests.size())
        return Error{"it is another module"};
    return module;
}

}  // namespace relux::compiler
