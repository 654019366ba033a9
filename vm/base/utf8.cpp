#include "vm/base/utf8.h"

namespace relux {

namespace {

unsigned char byte_at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

}  // namespace

Utf8Character first_character(std::string_view text) {
    const auto sequence = first_utf8_sequence(text);
    if (sequence.kind != Utf8Sequence::Kind::Valid) return {Utf8Character::kNone, 1};
    constexpr std::uint32_t kBitsOfFirst[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    auto code_point = byte_at(text, 0) & kBitsOfFirst[sequence.size];
    for (std::size_t i = 1; i < sequence.size; ++i)
        code_point = code_point << 6 | (byte_at(text, i) & 0x3F);
    return {code_point, sequence.size};
}

std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count)
        text.remove_prefix(first_character(text).size);
    return count;
}

void append_utf8(std::string& text, std::uint32_t code_point) {
    const auto byte = [&](std::uint32_t value) { text += static_cast<char>(value); };
    const auto continuation = [&](std::uint32_t shift) { byte(0x80 | ((code_point >> shift) & 0x3F)); };
    if (code_point < 0x80) return byte(code_point);
    if (code_point < 0x800) {
        byte(0xC0 | (code_point >> 6));
    } else if (code_point < 0x10000) {
        byte(0xE0 | (code_point >> 12));
        continuation(6);
    } else {
        byte(0xF0 | (code_point >> 18));
        continuation(12);
        continuation(6);
    }
    continuation(0);
}

}  // namespace relux
