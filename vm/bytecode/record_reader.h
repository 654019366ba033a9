// Reads the records that module_fields.h describes, out of bytes that nobody vouches for: a count is never
// believed beyond what the bytes that are left could hold, and the first fault is kept with its offset. After
// a fault everything reads as zero or empty. Private to vm/bytecode.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "vm/base/bytes.h"
#include "vm/bytecode/module_fields.h"

namespace relux::bytecode {

class RecordReader {
  public:
    static constexpr bool kReading = true;

    /// What to do with a list that the bytes can't hold: refuse it, or give the records that there are; the
    /// last one of those may be filled in part.
    enum class Damaged : std::uint8_t { Refuse, Salvage };

    /// `section` is for messages and outlives the reader; `offset` is where `bytes` stand in the file.
    RecordReader(std::string_view section, std::string_view bytes, std::size_t offset,
                 Damaged damaged = Damaged::Refuse)
        : section_(section),
          bytes_(bytes),
          reader_(bytes),
          offset_(offset),
          salvage_(damaged == Damaged::Salvage) {}

    template <class T>
    void value(T& number) {
        if constexpr (std::is_same_v<T, bool>) {
            auto byte = number_of<std::uint8_t>();
            if (byte > 1) fault("flag " + std::to_string(byte) + " is neither 0 nor 1");
            number = byte == 1;
        } else if constexpr (std::is_enum_v<T>) {
            number = static_cast<T>(number_of<std::uint8_t>());
        } else {
            number = static_cast<T>(number_of<std::make_unsigned_t<T>>());
        }
    }
    void string(std::string& text) {
        std::size_t size = number_of<std::uint32_t>();
        if (size > reader_.remaining()) {
            if (salvage_ && !failed()) text = bytes_.substr(reader_.position());
            fault("length " + std::to_string(size) + " past the end");
            return;
        }
        text = reader_.raw(size);
    }
    template <class T>
    void list(std::vector<T>& records) {
        std::size_t count = number_of<std::uint32_t>();
        const std::size_t possible = reader_.remaining() / smallest<T>();
        if (count > possible) {
            if (!salvage_ || failed()) {
                fault("count " + std::to_string(count) + " past the end");
                return;
            }
            count = possible + 1;  // the last one will fail
        }
        if constexpr (kAsInMemory<T>) {
            if (count <= possible) {
                records.resize(count);
                const auto bytes = reader_.raw(count * sizeof(T));
                if (!bytes.empty())
                    std::memcpy(static_cast<void*>(records.data()), bytes.data(), bytes.size());
                return;
            }
        }
        records.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            fields(*this, records[i]);
            if (!failed()) continue;
            records.resize(is_single<T>() ? i : i + 1);
            return;
        }
    }

    bool failed() const { return !error_.empty(); }
    const std::string& error() const { return error_; }
    /// In the file; of the field that could not be read.
    std::size_t fault_offset() const { return fault_offset_; }
    /// The error without its offset.
    std::string fault_text() const { return "section " + std::string(section_) + ": " + fault_; }
    /// To be called after the last field: bytes that are left over are a fault.
    void finish() {
        if (!failed() && !reader_.at_end()) fault("bytes after the last record");
    }

  private:
    /// The least number of bytes that one record takes: bounds memory by a small multiple of the file's size.
    template <class T>
    static constexpr std::size_t smallest() {
        if constexpr (std::is_same_v<T, Chunk>) return 19;
        if constexpr (std::is_same_v<T, Function>) return 17;
        if constexpr (std::is_same_v<T, Scope>) return 48;
        if constexpr (kFixedSize<T>) return sizeof(T);
        return 4;
    }
    /// A value rather than a record: one that is broken holds nothing.
    template <class T>
    static constexpr bool is_single() {
        return std::is_arithmetic_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, Instruction> ||
               std::is_same_v<T, Span>;
    }
    template <class T>
    T number_of() {
        if (sizeof(T) > reader_.remaining()) {
            fault("a number past the end");
            return 0;
        }
        if constexpr (sizeof(T) == 1) return reader_.u8();
        if constexpr (sizeof(T) == 2) return reader_.u16();
        if constexpr (sizeof(T) == 4) return reader_.u32();
        if constexpr (sizeof(T) == 8) return reader_.u64();
    }
    void fault(const std::string& what) {
        if (failed()) return;
        fault_ = what;
        fault_offset_ = offset_ + reader_.position();
        error_ =
            "section " + std::string(section_) + ", offset " + std::to_string(fault_offset_) + ": " + what;
        reader_ = ByteReader({});
    }

    std::string_view section_;
    std::string_view bytes_;
    ByteReader reader_;
    std::size_t offset_;
    bool salvage_;
    std::size_t fault_offset_ = 0;
    std::string error_;
    std::string fault_;
};

}  // namespace relux::bytecode
