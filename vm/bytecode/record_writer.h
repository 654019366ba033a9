// Writes what the rows of module_fields.h declare. Private to vm/bytecode.
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
    RecordWriter() = default;
    /// Goes on behind what `writer` has.
    explicit RecordWriter(ByteWriter writer) : writer_(std::move(writer)) {}

    /// A field of a record, or of a section.
    template <class Row, class T>
    void row(const Row&, const T& value, bool /*used*/ = true) {
        field(value);
    }
    void string(const std::string& text) { writer_.string(text); }
    template <class T>
    void list(const std::vector<T>& records) {
        writer_.u32(static_cast<std::uint32_t>(records.size()));
        if constexpr (kAsInMemory<T>) {
            writer_.raw({reinterpret_cast<const char*>(records.data()), records.size() * sizeof(T)});
        } else {
            for (const auto& record : records)
                field(record);
        }
    }
    ByteWriter& bytes() { return writer_; }
    std::string take() { return std::move(writer_.bytes()); }

  private:
    void field(bool flag) { writer_.u8(flag ? 1 : 0); }
    template <class T>
    requires std::is_enum_v<T>
    void field(T number) { writer_.u8(static_cast<std::uint8_t>(number)); }
    void field(std::uint16_t number) { writer_.u16(number); }
    void field(std::uint32_t number) { writer_.u32(number); }
    void field(std::uint64_t number) { writer_.u64(number); }
    void field(std::int64_t number) { writer_.u64(static_cast<std::uint64_t>(number)); }
    template <AnyIndex T>
    void field(T index) {
        writer_.u32(index);
    }
    void field(Instruction instruction) { writer_.u64(instruction.word); }
    void field(const std::string& text) { string(text); }
    template <class T>
    void field(const std::vector<T>& records) {
        list(records);
    }
    template <AnyRecord T>
    void field(const T& record) {
        for_each_field(record, *this);
    }

    ByteWriter writer_;
};

}  // namespace relux::bytecode
