// Slugs: what stays of a name, that none is empty, and that two tests of a file never share one.
#include "vm/run/test_slug.h"

#include <doctest/doctest.h>

namespace relux::run {

TEST_CASE("the slug of an ASCII name") {
    CHECK(slug("Multiple raw sends") == "multiple-raw-sends");
    CHECK(slug("  a/b: c!  ") == "a-b--c");
    CHECK(slug("-a_-_1-") == "a_-_1");
}

TEST_CASE("letters and digits of every script stay") {
    CHECK(slug("漢字") == "漢字");
    CHECK(slug("かな 2") == "かな-2");
    CHECK(slug("Ошибка входа") == "ошибка-входа");
    CHECK(slug("ÄRGER mit Straße") == "ärger-mit-straße");
    CHECK(slug("مرحبا، ١٢") == "مرحبا--١٢");
    CHECK(slug("„Anführung“ – Ende…") == "anführung----ende");
    // The vowel signs of Devanagari are marks.
    CHECK(slug("हिन्दी परीक्षा") == "हिन्दी-परीक्षा");
    CHECK(slug("a\xff\xc3 b") == "a---b");
}

TEST_CASE("a slug is composed, whichever form the name has") {
    CHECK(slug("Cafe\u0301") == "caf\u00e9");
    CHECK(slug("CAFE\u0301") == slug("caf\u00e9"));
    // Only the small letter has a composed form.
    CHECK(slug("J\u030c") == "\u01f0");
    CHECK(slug("\u0130") == slug("I\u0307"));
    // A mark that follows no letter, and what is never seen.
    CHECK(slug("! \u0301a") == "a");
    CHECK(slug("1\ufe0f\u20e3") == "1");
}

TEST_CASE("a slug is never empty and always the name of a file") {
    CHECK(slug("???") == "test");
    CHECK(slug("🎉") == "test");
    CHECK(slug("…") == "test");
    CHECK(slug(std::string(300, 'A')) == std::string(kLongestSlug, 'a'));
    // 240 is no multiple of four: 漢漢…漢 with one letter before it.
    std::string name = "x";
    for (int i = 0; i < 100; ++i)
        name += "漢";
    const auto cut = slug(name);
    CHECK(cut.size() == 1 + 3 * 79);
    CHECK(cut == name.substr(0, cut.size()));
    CHECK(slug(std::string(239, 'a') + "!b") == std::string(239, 'a'));
}

TEST_CASE("two tests of a file have two slugs") {
    SlugNumbers numbers(8);
    CHECK(numbers.number("t.relux", "a b") == 1);
    CHECK(numbers.number("t.relux", "a-b") == 2);
    CHECK(numbers.number("u.relux", "a-b") == 1);
    CHECK(numbers.number("t.relux", "A B") == 3);
    // The slug of its own is taken by the second.
    CHECK(numbers.number("t.relux", "a b 2") == 2);
    CHECK(numbers.number("t.relux", "?") == 1);
    CHECK(numbers.number("t.relux", "!") == 2);
    CHECK(slug("a-b", 1) == "a-b");
    CHECK(slug("a-b", 2) == "a-b-2");
    CHECK(slug("!", 2) == "test-2");
}

}  // namespace relux::run
