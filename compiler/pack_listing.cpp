// By the table at the end; without one, from one module to the next.
#include "compiler/pack_listing.h"

#include <algorithm>

#include "compiler/cache_pack.h"
#include "vm/base/bytes.h"
#include "vm/bytecode/module_file.h"
#include "vm/bytecode/quoted.h"

namespace relux::compiler {
namespace {

constexpr std::size_t kAlignment = 8;

class PackLister {
  public:
    PackLister(std::string_view bytes, bytecode::ListingStyle style) : bytes_(bytes), style_(style) {}

    bytecode::Listing run() {
        for (std::size_t i = 0; i < kPackMagic.size() && i < bytes_.size(); ++i) {
            if (bytes_[i] != kPackMagic[i]) return stop(i, "not a file of Relux's cache");
        }
        ByteReader header(bytes_);
        (void)header.raw(kPackMagic.size());
        const auto version = header.u32();
        const auto fingerprint = header.string();
        if (header.failed()) return stop(bytes_.size(), "the file ends within its header");
        if (version != bytecode::kFormatVersion) {
            return stop(kPackMagic.size(), "format version " + std::to_string(version) +
                                               ": this program reads " +
                                               std::to_string(bytecode::kFormatVersion));
        }
        listing_.text = "cache file of " + std::to_string(bytes_.size()) + " bytes, format version " +
                        std::to_string(version) + ", compiler " + bytecode::quoted_text(fingerprint) +
                        (fingerprint == compiler_fingerprint() ? "\n" : ", another than this one\n");
        auto table = read_pack_table(bytes_, "the file");
        if (table) {
            std::sort(table->begin(), table->end(), [](const PackEntry& left, const PackEntry& right) {
                return left.offset < right.offset;
            });
            for (const auto& entry : *table)
                module(entry.offset, entry.size, bytecode::quoted_text(entry.facts.name) + " ");
        } else {
            const auto end = walk((header.position() + kAlignment - 1) / kAlignment * kAlignment);
            // Without an end, the end is what is missing; else the table after the modules is damaged.
            const auto where = bytes_.ends_with(kPackMagic) ? end : bytes_.size();
            listing_.faults.push_back(
                {where, table.error().message + ", its table of modules can't be read"});
        }
        return std::move(listing_);
    }

  private:
    bytecode::Listing stop(std::size_t offset, std::string what) {
        listing_.faults.push_back({offset, std::move(what)});
        return std::move(listing_);
    }

    void module(std::size_t offset, std::size_t size, const std::string& name) {
        auto listed = bytecode::list_module(bytes_.substr(offset, size), style_, offset);
        listing_.text += "\nmodule " + name + "at offset " + std::to_string(offset) + "\n" + listed.text;
        for (auto& fault : listed.faults)
            listing_.faults.push_back(std::move(fault));
    }

    /// The modules from `offset` on; returns where they end.
    std::size_t walk(std::size_t offset) {
        while (offset < bytes_.size()) {
            const auto size = bytecode::module_file_size(bytes_.substr(offset));
            if (!size) break;
            module(offset, *size, "");
            if (*size > bytes_.size() - offset) return bytes_.size();
            offset = (offset + *size + kAlignment - 1) / kAlignment * kAlignment;
        }
        return std::min(offset, bytes_.size());
    }

    std::string_view bytes_;
    bytecode::ListingStyle style_;
    bytecode::Listing listing_;
};

}  // namespace

bytecode::Listing list_pack(std::string_view bytes, bytecode::ListingStyle style) {
    return PackLister(bytes, style).run();
}

}  // namespace relux::compiler
