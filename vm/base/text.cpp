#include "vm/base/text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "vm/base/utf8.h"

namespace relux {

namespace {

unsigned char byte_at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

void append_hex(std::string& text, unsigned char byte) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += "\\x";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
}

bool is_printable_ascii(char byte) {
    return byte >= 0x20 && byte < 0x7F;
}

constexpr std::uint32_t kLastC1Control = 0x9F;

void append_ascii(std::string& text, unsigned char byte, bool keep_newlines) {
    if (byte == '\n' && !keep_newlines) {
        text += "\\n";
    } else if (byte == '\r') {
        text += "\\r";
    } else if (byte == '\t') {
        text += "\\t";
    } else if ((byte < 0x20 && byte != '\n') || byte == 0x7F) {
        append_hex(text, byte);
    } else {
        text += static_cast<char>(byte);
    }
}

/// Edits (insert, delete, replace, swap of neighbours) between two names: optimal string alignment.
std::size_t edit_distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> before_last(to.size() + 1);
    std::vector<std::size_t> last(to.size() + 1);
    std::vector<std::size_t> row(to.size() + 1);
    for (std::size_t j = 0; j <= to.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= from.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= to.size(); ++j) {
            auto replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[to.size()];
}

}  // namespace

std::string visible(std::string_view bytes, bool keep_newlines) {
    std::string text;
    text.reserve(bytes.size() + bytes.size() / 8);
    while (!bytes.empty()) {
        // Most text is nothing else.
        const auto plain = std::find_if_not(bytes.begin(), bytes.end(), is_printable_ascii) - bytes.begin();
        text.append(bytes.substr(0, static_cast<std::size_t>(plain)));
        bytes.remove_prefix(static_cast<std::size_t>(plain));
        if (bytes.empty()) break;
        auto sequence = first_utf8_sequence(bytes);
        auto taken = bytes.substr(0, sequence.size);
        const auto control = display_control(taken);
        if (sequence.kind != Utf8Sequence::Kind::Valid || (control != 0 && control <= kLastC1Control)) {
            for (char c : taken)
                append_hex(text, static_cast<unsigned char>(c));
        } else if (control != 0) {
            const auto escape = code_point_escape(control);
            text.append(escape.data(), escape.size());
        } else if (taken.size() == 1) {
            append_ascii(text, byte_at(taken, 0), keep_newlines);
        } else {
            text.append(taken);
        }
        bytes.remove_prefix(sequence.size);
    }
    return text;
}

std::uint32_t display_control(std::string_view character) {
    if (character.size() == 2 && character[0] == '\xc2') {
        const std::uint32_t code_point = byte_at(character, 1);
        return code_point <= kLastC1Control ? code_point : 0;
    }
    if (character.size() != 3 || character[0] != '\xe2') return 0;
    const auto code_point = 0x2000U | (byte_at(character, 1) & 0x3FU) << 6U | (byte_at(character, 2) & 0x3FU);
    const bool bidirectional =
        (code_point >= 0x202A && code_point <= 0x202E) || (code_point >= 0x2066 && code_point <= 0x2069);
    return bidirectional ? code_point : 0;
}

std::array<char, 6> code_point_escape(std::uint32_t code_point) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::array<char, 6> escape = {'\\', 'u'};
    for (std::size_t i = escape.size() - 1; i > 1; --i, code_point >>= 4U)
        escape[i] = kDigits[code_point & 15U];
    return escape;
}

std::string percent_encoded(std::string_view bytes, std::string_view kept) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : bytes) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           kept.find(c) != std::string_view::npos;
        if (plain) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
        }
    }
    return encoded;
}

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates) {
    std::string_view nearest;
    auto best = name.size() / 3 + 1;
    for (auto candidate : candidates) {
        auto difference =
            candidate.size() > name.size() ? candidate.size() - name.size() : name.size() - candidate.size();
        if (difference >= best) continue;
        auto distance = edit_distance(name, candidate);
        if (distance >= best) continue;
        best = distance;
        nearest = candidate;
    }
    return nearest;
}

std::size_t incomplete_utf8_tail(std::string_view bytes) {
    auto longest = std::min<std::size_t>(3, bytes.size());
    for (std::size_t size = 1; size <= longest; ++size) {
        auto tail = bytes.substr(bytes.size() - size);
        if (continues_character(tail.front())) continue;
        auto sequence = first_utf8_sequence(tail);
        return sequence.kind == Utf8Sequence::Kind::Incomplete ? size : 0;
    }
    return 0;
}

std::size_t utf8_character_size(std::string_view bytes) {
    const auto sequence = first_utf8_sequence(bytes);
    return sequence.kind == Utf8Sequence::Kind::Valid ? sequence.size : 0;
}

bool is_ascii(std::string_view text) {
    constexpr std::uint64_t kHighBits = 0x8080808080808080U;
    std::uint64_t seen = 0;
    while (text.size() >= sizeof seen) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof word);
        seen |= word;
        text.remove_prefix(sizeof word);
    }
    for (const char byte : text)
        seen |= static_cast<unsigned char>(byte);
    return (seen & kHighBits) == 0;
}

std::size_t find_invalid_utf8(std::string_view bytes) {
    std::size_t offset = 0;
    while (offset < bytes.size()) {
        std::uint64_t word = 0;
        if (bytes.size() - offset >= sizeof word) {
            std::memcpy(&word, bytes.data() + offset, sizeof word);
            if ((word & 0x8080808080808080U) == 0) {
                offset += sizeof word;
                continue;
            }
        }
        auto sequence = first_utf8_sequence(bytes.substr(offset));
        if (sequence.kind != Utf8Sequence::Kind::Valid) return offset;
        offset += sequence.size;
    }
    return std::string_view::npos;
}

}  // namespace relux
