#include "vm/base/files.h"

#include <filesystem>
#include <stdlib.h>
#include <vector>

#include <doctest/doctest.h>

namespace relux {

TEST_CASE("a file is replaced by pieces, however many, also empty ones") {
    std::string pattern = (std::filesystem::temp_directory_path() / "relux-files-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    const auto file = std::filesystem::path(pattern) / "file";
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 1000; ++i)
        texts.emplace_back(i % 3 == 0 ? 0 : i * 7, static_cast<char>('a' + i % 26));
    const std::vector<std::string_view> pieces(texts.begin(), texts.end());
    std::string whole;
    for (const auto piece : pieces)
        whole += piece;
    REQUIRE(replace_file(file, pieces));
    CHECK(*read_file(file) == whole);
    REQUIRE(replace_file(file, "short"));
    CHECK(*read_file(file) == "short");
    REQUIRE(replace_file(file, std::vector<std::string_view>{}));
    CHECK(read_file(file)->empty());
    // Nothing is left beside it.
    CHECK(std::distance(std::filesystem::directory_iterator(pattern), {}) == 1);
    CHECK(!replace_file(std::filesystem::path(pattern) / "no" / "file", pieces));
    std::filesystem::remove_all(pattern);
}

}  // namespace relux
