// Header, section table and hash of the binary files. Knows nothing of what the sections hold.
#include "vm/bytecode/file_envelope.h"

#include <utility>

#include <xxhash.h>

#include "vm/base/bytes.h"

namespace relux::bytecode {

namespace {

std::uint64_t payload_hash(std::string_view file) {
    auto payload = file.substr(kHeaderSize);
    return XXH3_64bits(payload.data(), payload.size());
}

Error damaged(std::string_view kind, std::string what) {
    return Error{"damaged " + std::string(kind) + ": " + std::move(what)};
}

}  // namespace

EnvelopeWriter::EnvelopeWriter(ByteWriter file, std::string_view magic, std::uint32_t version,
                               std::uint32_t sections)
    : file_(std::move(file)) {
    file_.raw(magic);
    file_.u32(version);
    file_.u32(sections);
    file_.u64(0);  // the hash of what follows
    for (std::uint32_t number = 1; number <= sections; ++number) {
        file_.u32(number);
        file_.u32(0);  // its size
    }
    begin_ = file_.bytes().size();
}

void EnvelopeWriter::end_section(ByteWriter& file) {
    const auto end = file.bytes().size();
    file.u32_at(kHeaderSize + std::size_t{8} * ended_ + 4, static_cast<std::uint32_t>(end - begin_));
    begin_ = end;
    ++ended_;
}

std::string EnvelopeWriter::finish(ByteWriter file) const {
    file.u64_at(kHeaderSize - sizeof(std::uint64_t), payload_hash(file.bytes()));
    return std::move(file.bytes());
}

std::string write_envelope(std::string_view magic, std::uint32_t version,
                           const std::vector<std::string>& sections) {
    std::size_t size = kHeaderSize + 8 * sections.size();
    for (const auto& section : sections)
        size += section.size();
    std::string memory;
    memory.reserve(size);
    EnvelopeWriter envelope(ByteWriter(std::move(memory)), magic, version,
                            static_cast<std::uint32_t>(sections.size()));
    ByteWriter file = std::move(envelope.file());
    for (const auto& section : sections) {
        file.raw(section);
        envelope.end_section(file);
    }
    return envelope.finish(std::move(file));
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

namespace {

class Salvager {
  public:
    Salvager(std::string_view bytes, const std::vector<std::string_view>& names, std::string_view kind,
             std::size_t base)
        : bytes_(bytes), names_(names), kind_(kind), base_(base), reader_(bytes) {}

    SalvagedEnvelope run(std::string_view magic, std::uint32_t version) {
        for (std::size_t i = 0; i < magic.size() && i < bytes_.size(); ++i) {
            if (bytes_[i] != magic[i]) return stop(i, "not a Relux " + std::string(kind_));
        }
        if (bytes_.size() < kHeaderSize) return stop(bytes_.size(), "the file ends within its header");
        (void)reader_.raw(magic.size());
        found_.version = reader_.u32();
        if (found_.version != version) {
            return stop(8, "format version " + std::to_string(found_.version) + ": this program reads " +
                               std::to_string(version));
        }
        const auto count = reader_.u32();
        const bool hash_differs = reader_.u64() != payload_hash(bytes_);
        if (count != names_.size()) {
            fault(12, std::to_string(count) + " sections instead of " + std::to_string(names_.size()));
        } else {
            sections();
        }
        if (hash_differs && found_.faults.empty())
            fault(16, "payload hash differs: something from offset " + std::to_string(base_ + kHeaderSize) +
                          " on is damaged");
        return std::move(found_);
    }

  private:
    void fault(std::size_t offset, std::string what) {
        found_.faults.push_back({base_ + offset, std::move(what)});
    }
    SalvagedEnvelope stop(std::size_t offset, std::string what) {
        fault(offset, std::move(what));
        return std::move(found_);
    }

    void sections() {
        std::size_t offset = reader_.position() + 8 * names_.size();
        for (std::uint32_t i = 0; i < names_.size(); ++i) {
            const auto entry = reader_.position();
            const auto number = reader_.u32();
            const std::size_t size = reader_.u32();
            if (reader_.failed()) return fault(bytes_.size(), "the file ends within its section table");
            if (number != i + 1) return fault(entry, "section table is not in order");
            if (offset > bytes_.size()) return fault(bytes_.size(), cut(i, offset + size));
            found_.sections.push_back({bytes_.substr(offset, size), offset});
            if (size > bytes_.size() - offset) return fault(bytes_.size(), cut(i, offset + size));
            offset += size;
        }
        if (offset != bytes_.size()) fault(offset, "bytes after the last section");
    }

    std::string cut(std::size_t section, std::size_t end) const {
        return "the file ends before section " + std::string(names_[section]) + " does, at offset " +
               std::to_string(base_ + end);
    }

    std::string_view bytes_;
    const std::vector<std::string_view>& names_;
    std::string_view kind_;
    std::size_t base_;
    ByteReader reader_;
    SalvagedEnvelope found_;
};

}  // namespace

SalvagedEnvelope salvage_envelope(std::string_view bytes, std::string_view magic, std::uint32_t version,
                                  const std::vector<std::string_view>& names, std::string_view kind,
                                  std::size_t base) {
    return Salvager(bytes, names, kind, base).run(magic, version);
}

}  // namespace relux::bytecode
