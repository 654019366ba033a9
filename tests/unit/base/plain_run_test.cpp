// The first byte that does not stand for itself is found wherever it is.
#include "vm/base/plain_run.h"

#include <string>

#include <doctest/doctest.h>

using namespace relux;

namespace {

/// Whether the text is copied as plain, and then to its place alone.
bool is_copied(const std::string& text) {
    std::string copy(text.size() + 2, '.');
    if (!copy_if_plain<'&', '<'>(text, copy.data() + 1)) return false;
    CHECK(copy == "." + text + ".");
    return true;
}

}  // namespace

TEST_CASE("printable ASCII is plain, whatever its length") {
    std::string text;
    for (std::size_t size = 0; size < 40; ++size) {
        CHECK(plain_run<'"', '\\'>(text) == size);
        text.push_back(static_cast<char>(' ' + size * 7 % 95));
        if (text.back() == '"' || text.back() == '\\') text.back() = '~';
        CHECK(is_copied(std::string(size, static_cast<char>('a' + size % 26))));
    }
}

TEST_CASE("any other byte ends it at any place, whatever stands behind it") {
    for (int byte = 0; byte < 256; ++byte) {
        const bool plain = byte >= 0x20 && byte < 0x7f && byte != '&' && byte != '<';
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, 'x');
            text[at] = static_cast<char>(byte);
            CHECK(plain_run<'&', '<'>(text) == (plain ? text.size() : at));
            CHECK(is_copied(text) == plain);
            text.resize(at + 1);
            CHECK(plain_run<'&', '<'>(text) == (plain ? text.size() : at));
            CHECK(is_copied(text) == plain);
            CHECK(is_copied(text + "x") == plain);
            text.append(9, '\xff');
            CHECK(plain_run<'&', '<'>(text) == (plain ? at + 1 : at));
        }
    }
}
