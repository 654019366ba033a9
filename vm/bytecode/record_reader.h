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

    /// `section` is for messages and outlives the reader; `offset` is where `bytes` stand in the file.
    RecordReader(std::string_view section, std::string_view bytes, std::size_t offset)
        : section_(section), reader_(bytes), offset_(offset) {}

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
            fault("length " + std::to_string(size) + " past the end");
            return;
        }
        text = reader_.raw(size);
    }
    template <class T>
    void list(std::vector<T>& records) {
        std::size_t count = number_of<std::uint32_t>();
        if (count > reader_.remaining() / smallest<T>()) {
            fault("count " + std::to_string(count) + " past the end");
            return;
        }
        records.resize(count);
        if constexpr (kAsInMemory<T>) {
            const auto bytes = reader_.raw(count * sizeof(T));
            if (!bytes.empty()) std::memcpy(static_cast<void*>(records.data()), bytes.data(), bytes.size());
            return;
        }
        for (auto& record : records) {
            fields(*this, record);
            if (failed()) return;
        }
    }

    bool failed() const { return !error_.empty(); }
    const std::string& error() const { return error_; }
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
        error_ = "section " + std::string(section_) + ", offset " +
                 std::to_string(offset_ + reader_.position()) + ": " + what;
        reader_ = ByteReader({});
    }

    std::string_view section_;
    ByteReader reader_;
    std::size_t offset_;
    std::string error_;
};

}  // namespace relux::bytecode
