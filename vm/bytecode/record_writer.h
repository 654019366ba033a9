// Writes the records that module_fields.h describes. Private to vm/bytecode.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "vm/base/bytes.h"
#include "vm/bytecode/module_fields.h"

namespace relux::bytecode {

class RecordWriter {
  public:
    static constexpr bool kReading = false;

    RecordWriter() = default;
    /// Goes on behind what `writer` has.
    explicit RecordWriter(ByteWriter writer) : writer_(std::move(writer)) {}

    template <class T>
    void value(T number) {
        if constexpr (std::is_enum_v<T> || std::is_same_v<T, bool>) {
            writer_.u8(static_cast<std::uint8_t>(number));
        } else if constexpr (sizeof(T) == 2) {
            writer_.u16(static_cast<std::uint16_t>(number));
        } else if constexpr (sizeof(T) == 4) {
            writer_.u32(static_cast<std::uint32_t>(number));
        } else {
            static_assert(sizeof(T) == 8);
            writer_.u64(static_cast<std::uint64_t>(number));
        }
    }
    void string(const std::string& text) { writer_.string(text); }
    template <class T>
    void list(const std::vector<T>& records) {
        writer_.u32(static_cast<std::uint32_t>(records.size()));
        if constexpr (kAsInMemory<T>) {
            writer_.raw({reinterpret_cast<const char*>(records.data()), records.size() * sizeof(T)});
        } else {
            for (const auto& record : records)
                fields(*this, record);
        }
    }
    ByteWriter& bytes() { return writer_; }
    std::string take() { return std::move(writer_.bytes()); }

  private:
    ByteWriter writer_;
};

}  // namespace relux::bytecode
