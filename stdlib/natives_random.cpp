// uuid, rand and mnemonic. Random bytes come from the Host, so a test's run can be made repeatable.
#include <algorithm>
#include <array>
#include <string>

#include <xxhash.h>

#include "stdlib/natives_pure.h"
#include "stdlib/word_lists.h"

namespace relux::exec {

namespace {

/// More than any test needs, little enough for one value.
constexpr std::size_t kMaximumLength = std::size_t{1} << 20;

struct Mode {
    std::string_view name;
    std::string_view alphabet;
};

#define RELUX_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
constexpr Mode kModes[] = {
    {"alphanum", RELUX_LETTERS "0123456789"},
    {"alpha", RELUX_LETTERS},
    {"num", "0123456789"},
    {"hex", "0123456789abcdef"},
    {"oct", "01234567"},
    {"bin", "01"},
};
#undef RELUX_LETTERS

const Mode* find_mode(std::string_view name) {
    for (const auto& mode : kModes) {
        if (mode.name == name) return &mode;
    }
    return nullptr;
}

/// Bytes at or above the largest multiple of the alphabet's size are thrown away: every character is as
/// likely.
std::string random_text(Host& host, std::size_t length, std::string_view alphabet) {
    const std::size_t fair = 256 - 256 % alphabet.size();
    std::array<unsigned char, 256> bytes;
    std::string text;
    while (text.size() < length) {
        auto wanted = std::min(bytes.size(), length - text.size());
        host.random_bytes(std::span(bytes).first(wanted));
        for (std::size_t i = 0; i < wanted; ++i) {
            if (bytes[i] < fair) text += alphabet[bytes[i] % alphabet.size()];
        }
    }
    return text;
}

}  // namespace

NativeResult native_uuid(NativeCall& call) {
    std::array<unsigned char, 16> bytes;
    call.host.random_bytes(bytes);
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 15];
    }
    return Value(text);
}

NativeResult native_rand(NativeCall& call) {
    auto length_text = call.arguments[0].view();
    std::size_t length = 0;
    if (!parse_number(length_text, kMaximumLength + 1, length)) {
        return Error{"rand: length `" + std::string(length_text) +
                     "` is not a number; write how many characters"};
    }
    if (length > kMaximumLength) {
        return Error{"rand: length `" + std::string(length_text) + "` is too large; at most 1048576"};
    }
    auto name = call.arguments.size() > 1 ? call.arguments[1].view() : std::string_view("alphanum");
    const auto* mode = find_mode(name);
    if (mode == nullptr) {
        return Error{"rand: unknown mode `" + std::string(name) +
                     "`; use alpha, num, alphanum, hex, oct or bin"};
    }
    return Value(random_text(call.host, length, mode->alphabet));
}

NativeResult native_mnemonic(NativeCall& call) {
    auto text = call.arguments[0].view();
    auto hash = XXH3_64bits(text.data(), text.size());
    auto adjective = kAdjectives[hash % kAdjectives.size()];
    auto noun = kNouns[(hash >> 8) % kNouns.size()];
    auto number = std::to_string((hash >> 16) % 10000);
    return Value(std::string(adjective) + "-" + std::string(noun) + "-" +
                 std::string(4 - number.size(), '0') + number);
}

}  // namespace relux::exec
