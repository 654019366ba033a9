// Little-endian writing and bounds-checked reading of bytes: the base of every binary format here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace relux {

class ByteWriter {
  public:
    ByteWriter() = default;
    /// Writes into the memory of `used`, whose bytes are gone.
    explicit ByteWriter(std::string used) : bytes_(std::move(used)) { bytes_.clear(); }

    void u8(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
    void u16(std::uint16_t value) { little_endian(value, 2); }
    void u32(std::uint32_t value) { little_endian(value, 4); }
    void u64(std::uint64_t value) { little_endian(value, 8); }
    /// Length as u32, then the bytes.
    void string(std::string_view text) {
        u32(static_cast<std::uint32_t>(text.size()));
        bytes_.append(text);
    }
    void raw(std::string_view text) { bytes_.append(text); }

    /// Over what was written at `offset`.
    void u32_at(std::size_t offset, std::uint32_t value) { overwrite(offset, value, 4); }
    void u64_at(std::size_t offset, std::uint64_t value) { overwrite(offset, value, 8); }

    std::string& bytes() { return bytes_; }
    const std::string& bytes() const { return bytes_; }

  private:
    // One append, and a loop that compilers make one store of: event logs are nothing but this.
    void little_endian(std::uint64_t value, std::size_t count) {
        char encoded[sizeof value];
        for (std::size_t i = 0; i < sizeof value; ++i)
            encoded[i] = static_cast<char>(value >> (8 * i));
        bytes_.append(encoded, count);
    }
    void overwrite(std::size_t offset, std::uint64_t value, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            bytes_[offset + i] = static_cast<char>(value >> (8 * i));
    }
    std::string bytes_;
};

/// Reads what ByteWriter wrote. Past the end it returns zeros and empty views and `failed()` becomes true for
/// good, so a decoder checks once per record, not once per field.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(little_endian(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(little_endian(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(little_endian(4)); }
    std::uint64_t u64() { return little_endian(8); }
    /// A view into the bytes given to the constructor.
    std::string_view string() { return raw(u32()); }
    std::string_view raw(std::size_t size) {
        if (failed_ || size > bytes_.size() - position_) {
            failed_ = true;
            return {};
        }
        auto view = bytes_.substr(position_, size);
        position_ += size;
        return view;
    }

    bool failed() const { return failed_; }
    bool at_end() const { return position_ == bytes_.size(); }
    std::size_t position() const { return position_; }
    std::size_t remaining() const { return bytes_.size() - position_; }

  private:
    std::uint64_t little_endian(std::size_t count) {
        if (failed_ || count > bytes_.size() - position_) {
            failed_ = true;
            return 0;
        }
        const char* encoded = bytes_.data() + position_;
        position_ += count;
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(encoded[i])) << (8 * i);
        }
        return value;
    }
    std::string_view bytes_;
    std::size_t position_ = 0;
    bool failed_ = false;
};

}  // namespace relux
