// Decisions made from bytes, for tests that build their input from what a fuzzer or a fixed sequence gives
// them. When the bytes are used up every decision is the first one, so building always ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace relux::test_support {

class Choices {
  public:
    explicit Choices(std::string_view bytes) : bytes_(bytes) {}

    bool used_up() const { return bytes_.empty(); }
    std::uint8_t byte() {
        if (bytes_.empty()) return 0;
        const auto first = static_cast<std::uint8_t>(bytes_.front());
        bytes_.remove_prefix(1);
        return first;
    }
    /// 0 to `count - 1`; 0 when `count` is 0. Takes one byte, or two for more than 256.
    std::uint32_t below(std::size_t count) {
        if (count <= 1) return 0;
        std::uint32_t number = byte();
        if (count > 256) number |= static_cast<std::uint32_t>(byte()) << 8;
        return static_cast<std::uint32_t>(number % count);
    }
    bool one_in(std::uint32_t count) { return below(count) == count - 1; }
    std::string_view text(std::size_t size) {
        const auto taken = bytes_.substr(0, size);
        bytes_.remove_prefix(taken.size());
        return taken;
    }
    std::string_view rest() const { return bytes_; }

  private:
    std::string_view bytes_;
};

}  // namespace relux::test_support
