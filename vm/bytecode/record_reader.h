// Reads what the rows of module_fields.h declare, out of bytes that nobody vouches for: a count is never
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
    /// Says what becomes of a list that the bytes can't hold: refuse it, or give the records that there are;
    /// the last one of those may be filled in part, see missing().
    enum class Damaged : std::uint8_t { Refuse, Salvage };

    /// `section` is for messages and outlives the reader; `offset` is where `bytes` stand in the file.
    RecordReader(std::string_view section, std::string_view bytes, std::size_t offset,
                 Damaged damaged = Damaged::Refuse)
        : section_(section),
          bytes_(bytes),
          reader_(bytes),
          offset_(offset),
          salvage_(damaged == Damaged::Salvage) {}

    /// A field of a record, or of a section.
    template <class Row, class T>
    void row(const Row&, T& value, bool /*used*/ = true) {
        field(value);
        if (salvage_ && failed()) note_missing(value);
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
        const std::size_t possible = reader_.remaining() / kLeastSize<T>;
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
            const auto begin = offset_ + reader_.position();
            field(records[i]);
            if (!failed()) continue;
            records.resize(is_single<T>() || fault_offset_ == begin ? i : i + 1);
            return;
        }
    }

    bool failed() const { return !error_.empty(); }
    const std::string& error() const { return error_; }
    /// In the file; of the field that could not be read.
    std::size_t fault_offset() const { return fault_offset_; }
    /// The error without its offset.
    std::string fault_text() const { return "section " + std::string(section_) + ": " + fault_; }
    /// The fields of sections and records that were not read because of the fault, when salvaging: for as
    /// long as what was read stays where it is.
    std::vector<const void*>& missing() { return missing_; }
    /// To be called after the last field: bytes that are left over are a fault.
    void finish() {
        if (!failed() && !reader_.at_end()) fault("bytes after the last record");
    }

  private:
    void field(bool& flag) {
        auto byte = number_of<std::uint8_t>();
        if (byte > 1) fault("flag " + std::to_string(byte) + " is neither 0 nor 1");
        flag = byte == 1;
    }
    template <class T>
    requires std::is_enum_v<T>
    void field(T& number) { number = static_cast<T>(number_of<std::uint8_t>()); }
    template <class T>
    requires std::is_integral_v<T>
    void field(T& number) { number = static_cast<T>(number_of<std::make_unsigned_t<T>>()); }
    template <AnyIndex T>
    void field(T& index) {
        index = number_of<std::uint32_t>();
    }
    void field(Instruction& instruction) { instruction.word = number_of<std::uint64_t>(); }
    void field(std::string& text) { string(text); }
    template <class T>
    void field(std::vector<T>& records) {
        list(records);
    }
    template <AnyRecord T>
    void field(T& record) {
        for_each_field(record, *this);
    }

    /// Notes that a value is missing; what is left of a list or a text is shown instead.
    template <class T>
    void note_missing(const T& value) {
        if constexpr (requires { value.empty(); }) {
            if (!value.empty()) return;
        }
        missing_.push_back(&value);
    }
    /// A value rather than a record: one that is broken holds nothing.
    template <class T>
    static constexpr bool is_single() {
        return !AnyRecord<T> || std::is_same_v<T, Span>;
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
    std::vector<const void*> missing_;
};

}  // namespace relux::bytecode
