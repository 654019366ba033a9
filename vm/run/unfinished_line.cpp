#include "vm/run/unfinished_line.h"

#include <algorithm>

namespace relux::run {

namespace {

constexpr std::size_t kLongest = 4096;
constexpr char kEscape = '\x1b';
/// Stands for a movement of the cursor.
constexpr char kMovement = '\x1a';

bool is_final(char byte) {
    return byte >= '@' && byte <= '~';
}

/// The size of the escape sequence that `text` begins with; notes whether it moves the cursor.
std::size_t sequence_size(std::string_view text, bool& moves) {
    if (text.size() < 2) return text.size();
    if (text[1] == '[') {
        const auto* const end = std::find_if(text.begin() + 2, text.end(), is_final);
        if (end == text.end()) return text.size();
        constexpr std::string_view kMovements = "ABCDEFGHdf";
        moves = kMovements.find(*end) != std::string_view::npos;
        return static_cast<std::size_t>(end - text.begin()) + 1;
    }
    if (text[1] == ']') {
        const auto end = text.find_first_of("\x07\x1b", 2);
        if (end == std::string_view::npos) return text.size();
        return std::min(end + (text[end] == kEscape ? 2 : 1), text.size());
    }
    // `ESC ( B` and the like have one byte more.
    const bool is_longer = text[1] >= ' ' && text[1] <= '/';
    return std::min<std::size_t>(is_longer ? 3 : 2, text.size());
}

}  // namespace

std::string unfinished_line(std::string_view output) {
    output.remove_prefix(output.rfind('\n') + 1);
    if (output.size() > kLongest) output.remove_prefix(output.size() - kLongest);
    std::string seen;
    while (!output.empty()) {
        const char byte = output.front();
        std::size_t size = 1;
        if (byte == kEscape) {
            bool moves = false;
            size = sequence_size(output, moves);
            if (moves) seen += kMovement;
        } else if (byte == '\r') {
            seen.clear();
        } else if (byte == '\b') {
            if (!seen.empty()) seen.pop_back();
        } else if (static_cast<unsigned char>(byte) >= ' ' && byte != '\x7f') {
            seen += byte;
        }
        output.remove_prefix(size);
    }
    return seen;
}

bool asks_for_input(std::string_view line, std::string_view sent, bool ended) {
    if (line.empty()) return false;
    if (sent.empty()) return true;
    // The echo comes in pieces, and a shell that finds a line typed ahead shows it again behind its prompt.
    return !sent.starts_with(line) && !(ended && line.ends_with(sent));
}

}  // namespace relux::run
