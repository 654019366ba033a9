// Header, section table and hash of the binary files. Knows nothing of what the sections hold.
#include "vm/bytecode/file_envelope.h"

#include <xxhash.h>

#include "vm/base/bytes.h"

namespace relux::bytecode {

namespace {

constexpr std::size_t kHashedFrom = 24;

std::uint64_t payload_hash(std::string_view file) {
    auto payload = file.substr(kHashedFrom);
    return XXH3_64bits(payload.data(), payload.size());
}

Error damaged(std::string_view kind, std::string what) {
    return Error{"damaged " + std::string(kind) + ": " + std::move(what)};
}

}  // namespace

std::string write_envelope(std::string_view magic, std::uint32_t version,
                           const std::vector<std::string>& sections) {
    std::size_t size = kHashedFrom + 8 * sections.size();
    for (const auto& section : sections)
        size += section.size();
    ByteWriter file;
    file.bytes().reserve(size);
    file.raw(magic);
    file.u32(version);
    file.u32(static_cast<std::uint32_t>(sections.size()));
    file.u64(0);  // the hash of what follows
    std::uint32_t number = 0;
    for (const auto& section : sections) {
        file.u32(++number);
        file.u32(static_cast<std::uint32_t>(section.size()));
    }
    for (const auto& section : sections)
        file.raw(section);
    ByteWriter hash;
    hash.u64(payload_hash(file.bytes()));
    file.bytes().replace(kHashedFrom - hash.bytes().size(), hash.bytes().size(), hash.bytes());
    return std::move(file.bytes());
}

Result<std::vector<Section>> read_envelope(std::string_view bytes, std::string_view magic,
                                           std::uint32_t version, std::uint32_t section_count,
                                           std::string_view kind) {
    ByteReader reader(bytes);
    if (reader.raw(magic.size()) != magic) return Error{"not a Relux " + std::string(kind)};
    auto file_version = reader.u32();
    auto count = reader.u32();
    auto hash = reader.u64();
    if (reader.failed()) return damaged(kind, "it ends within its header");
    if (file_version != version) {
        return Error{"format version " + std::to_string(file_version) + ": this program reads " +
                     std::to_string(version)};
    }
    if (hash != payload_hash(bytes)) return damaged(kind, "payload hash differs");
    if (count != section_count) {
        return damaged(kind, std::to_string(count) + " sections instead of " + std::to_string(section_count));
    }
    std::vector<Section> sections;
    std::size_t offset = reader.position() + std::size_t{8} * count;
    for (std::uint32_t i = 1; i <= count; ++i) {
        auto number = reader.u32();
        std::size_t size = reader.u32();
        if (reader.failed() || number != i) return damaged(kind, "section table is not in order");
        if (offset > bytes.size() || size > bytes.size() - offset) {
            return damaged(kind, "section " + std::to_string(i) + ", offset " + std::to_string(offset) +
                                     ": length " + std::to_string(size) + " past the end");
        }
        sections.push_back({bytes.substr(offset, size), offset});
        offset += size;
    }
    if (offset != bytes.size()) return damaged(kind, "bytes after the last section");
    return sections;
}

}  // namespace relux::bytecode
