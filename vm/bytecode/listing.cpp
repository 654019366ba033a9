// Reads as module_read.cpp and archive.cpp do, but goes on after a fault wherever something is left to show.
#include "vm/bytecode/listing.h"

#include <algorithm>
#include <optional>

#include "vm/base/bytes.h"
#include "vm/bytecode/file_envelope.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/module_file.h"
#include "vm/bytecode/quoted.h"
#include "vm/bytecode/record_reader.h"
#include "vm/bytecode/section_text.h"

namespace relux::bytecode {

namespace {

std::string section_title(std::size_t number, std::string_view name, std::size_t offset, std::size_t size) {
    return "section " + std::to_string(number) + ", " + std::string(name) + ": offset " +
           std::to_string(offset) + ", " + std::to_string(size) + (size == 1 ? " byte\n" : " bytes\n");
}

std::string file_title(std::string_view kind, std::uint32_t version, std::size_t size) {
    return std::string(kind) + " of " + std::to_string(size) + (size == 1 ? " byte" : " bytes") +
           (version == 0 ? "\n" : ", format version " + std::to_string(version) + "\n");
}

std::string indented(const std::string& text) {
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size() - 1) + 1;
        if (end - begin > 1) result += "  ";
        result.append(text, begin, end - begin);
        begin = end;
    }
    return result;
}

class ModuleLister {
  public:
    ModuleLister(std::string_view bytes, std::size_t offset) : bytes_(bytes), base_(offset) {}

    Listing run() {
        std::vector<std::string_view> names;
        for_each_section(module_, [&](const SectionRow& row, auto) { names.push_back(row.name); });
        const auto envelope = salvage_envelope(bytes_, kModuleMagic, kFormatVersion, names, "module", base_);
        offsets_.assign(names.size(), 0);
        // A section that can't be read where the file ends has no fault of its own.
        const bool cut = !envelope.faults.empty() && envelope.faults.back().offset == base_ + bytes_.size();
        std::size_t next = 0;
        std::vector<Fault> faults;
        std::vector<const void*> missing;
        for_each_section(module_, [&](const SectionRow& row, auto fields) {
            const auto number = next++;
            if (number >= envelope.sections.size()) return;
            const auto& section = envelope.sections[number];
            offsets_[number] = section.offset;
            RecordReader reader(row.name, section.bytes, section.offset + base_,
                                RecordReader::Damaged::Salvage);
            fields(reader);
            reader.finish();
            missing.insert(missing.end(), reader.missing().begin(), reader.missing().end());
            if (reader.failed() && !(cut && number + 1 == envelope.sections.size()))
                faults.push_back({reader.fault_offset(), reader.fault_text()});
        });
        // Code names records of sections that come after it, so all are read before any is shown.
        SectionText text(module_, std::move(missing));
        std::string body;
        for (std::size_t i = 0; i < std::min(names.size(), envelope.sections.size()); ++i) {
            const auto& section = envelope.sections[i];
            body += section_title(i + 1, names[i], section.offset + base_, section.bytes.size());
            body += text.of(names[i]);
        }
        for (const auto& fault : envelope.faults)
            faults.push_back(fault);
        if (envelope.sections.size() == names.size() && (faults.empty() || only_hash(faults))) {
            if (const auto broken = find_broken_rule(module_))
                faults.push_back({base_ + place_of(*broken, names), broken->message});
        }
        return {file_title("module file", envelope.version, bytes_.size()) + body, std::move(faults)};
    }

  private:
    bool only_hash(const std::vector<Fault>& faults) const {
        return faults.size() == 1 && faults[0].offset == base_ + 16;
    }

    /// Where the record stands that breaks a rule; the section, where no record is named.
    std::size_t place_of(const BrokenRule& broken, const std::vector<std::string_view>& names) const {
        const auto found = std::find(names.begin(), names.end(), broken.section);
        auto offset = offsets_[static_cast<std::size_t>(found - names.begin())];
        if (!broken.chunk) return offset;
        offset += sizeof(std::uint32_t);
        for (std::uint32_t i = 0; i < *broken.chunk; ++i)
            offset += kChunkHead + module_.chunks[i].code.size() * kInstructionSize + sizeof(std::uint32_t) +
                      module_.chunks[i].spans.size() * kSpanSize;
        return broken.instruction ? offset + kChunkHead + *broken.instruction * kInstructionSize : offset;
    }

    /// Least size of a chunk's record up to its instructions: the number of its places is behind them.
    static constexpr std::size_t kChunkHead = kLeastSize<Chunk> - sizeof(std::uint32_t);
    static constexpr std::size_t kInstructionSize = kLeastSize<Instruction>, kSpanSize = kLeastSize<Span>;

    std::string_view bytes_;
    std::size_t base_;
    Module module_;
    std::vector<std::size_t> offsets_;  ///< of the sections
};

class ArchiveLister {
  public:
    ArchiveLister(std::string_view bytes, ListingStyle style) : bytes_(bytes), style_(style) {}

    Listing run() {
        const auto envelope =
            salvage_envelope(bytes_, kArchiveMagic, kFormatVersion, {"manifest", "modules"}, "archive");
        cut_ = !envelope.faults.empty() && envelope.faults.back().offset == bytes_.size();
        head_ = file_title("archive", envelope.version, bytes_.size());
        if (!envelope.sections.empty()) manifest(envelope.sections[0]);
        if (envelope.sections.size() > 1) modules(envelope.sections[1]);
        const auto& faults = listing_.faults;
        for (const auto& fault : envelope.faults) {
            const bool told = !faults.empty() && faults.back().offset == fault.offset;
            if (!told) listing_.faults.push_back(fault);
        }
        if (listing_.faults.empty()) {
            if (const auto whole = read_archive(bytes_); !whole)
                listing_.faults.push_back({kHeaderSize, whole.error().message});
        }
        if (style_ == ListingStyle::Sections || !listing_.faults.empty()) listing_.text.insert(0, head_);
        return std::move(listing_);
    }

  private:
    void manifest(const Section& section) {
        std::string text, root;
        std::vector<std::string> tests;
        RecordReader reader("manifest", section.bytes, section.offset, RecordReader::Damaged::Salvage);
        reader.string(text);
        reader.string(root);
        reader.list(tests);
        reader.finish();
        head_ += section_title(1, "manifest", section.offset, section.bytes.size());
        head_ += "  Relux.toml " + quoted_text(text) + "\n  built in " + quoted_text(root) + "\n";
        for (const auto& test : tests)
            head_ += "  tests of " + quoted_text(test) + "\n";
        if (reader.failed() && !is_cut(section))
            listing_.faults.push_back({reader.fault_offset(), reader.fault_text()});
    }

    void modules(const Section& section) {
        head_ += section_title(2, "modules", section.offset, section.bytes.size());
        ByteReader reader(section.bytes);
        const auto count = reader.u32();
        if (reader.failed() && is_cut(section)) return;
        if (reader.failed()) return fault(section, 0, "a number past the end");
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto place = reader.position();
            const std::size_t size = reader.u32();
            if (reader.failed() && is_cut(section)) return;
            if (reader.failed()) {
                return fault(
                    section, place,
                    "count " + std::to_string(count) + " past the end: there are " + std::to_string(i));
            }
            const auto there = std::min(size, reader.remaining());
            module(i, reader.raw(there), section.offset + place + 4);
            if (there == size) continue;
            // Where the file is cut, that is the fault.
            if (i + 1 < count || !is_cut(section))
                fault(section, place, "length " + std::to_string(size) + " past the end");
            return;
        }
        if (!reader.at_end()) fault(section, reader.position(), "bytes after the last record");
    }

    bool is_cut(const Section& section) const {
        return cut_ && section.offset + section.bytes.size() == bytes_.size();
    }

    void fault(const Section& section, std::size_t position, const std::string& what) {
        const auto offset = section.offset + position;
        listing_.faults.push_back({offset, "section modules: " + what});
    }

    void module(std::uint32_t index, std::string_view bytes, std::size_t offset) {
        auto listed = list_module(bytes, style_, offset);
        const auto title = "module " + std::to_string(index) + " at offset " + std::to_string(offset) + "\n";
        if (style_ == ListingStyle::Sections || !listed.faults.empty()) {
            listing_.text += title + indented(listed.text);
        } else {
            listing_.text += listed.text + "\n";
        }
        for (auto& fault : listed.faults)
            listing_.faults.push_back({fault.offset, "module " + std::to_string(index) + ": " + fault.what});
    }

    std::string_view bytes_;
    ListingStyle style_;
    bool cut_ = false;  ///< the file ends too early
    std::string head_;
    Listing listing_;
};

}  // namespace

Listing list_module(std::string_view bytes, ListingStyle style, std::size_t offset) {
    if (style == ListingStyle::Code) {
        if (const auto module = read_module(bytes)) return {disassemble(*module), {}};
    }
    return ModuleLister(bytes, offset).run();
}

std::optional<std::size_t> module_file_size(std::string_view bytes) {
    if (!bytes.starts_with(kModuleMagic) || bytes.size() < kHeaderSize) return std::nullopt;
    std::size_t size = kHeaderSize + std::size_t{8} * kSectionCount;
    ByteReader table(bytes.substr(kHeaderSize));
    for (std::uint32_t i = 0; i < kSectionCount; ++i) {
        (void)table.u32();
        size += table.u32();
    }
    return table.failed() ? std::nullopt : std::optional(size);
}

Listing list_archive(std::string_view bytes, ListingStyle style) {
    return ArchiveLister(bytes, style).run();
}

}  // namespace relux::bytecode
