#include "vm/base/files.h"

#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/temporary_directory.h"

namespace relux {

TEST_CASE("a file is replaced by pieces, however many, also empty ones") {
    const test_support::TemporaryDirectory directory;
    const auto file = directory.path() / "file";
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
    CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
    CHECK(!replace_file(directory.path() / "no" / "file", pieces));
}

TEST_CASE("what is no regular file, or too large, is not read and keeps nobody waiting") {
    const test_support::TemporaryDirectory directory;
    const auto file = directory.path() / "file";
    const auto refused = [&](int code, std::string_view why) {
        const auto read = read_file(file, 100);
        REQUIRE(!read);
        CHECK(read.error().code == code);
        CHECK(read.error().message.find(file.string()) != std::string::npos);
        CHECK_MESSAGE(read.error().message.find(why) != std::string::npos, read.error().message);
        std::filesystem::remove(file);
    };
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    refused(ENOTSUP, "it is a pipe; put a regular file in its place");
    std::filesystem::create_symlink("/dev/zero", file);
    refused(ENOTSUP, "it is a device; put a regular file in its place");
    std::filesystem::create_directory(file);
    refused(EISDIR, "Is a directory");
    REQUIRE(replace_file(file, std::string(101, 'x')));
    refused(EFBIG, "it is larger than 100 bytes");
    // It says that it is empty.
    std::filesystem::create_symlink("/proc/self/maps", file);
    refused(EFBIG, "it is larger than 100 bytes");
    REQUIRE(replace_file(file, std::string(100, 'x')));
    CHECK(read_file(file, 100)->size() == 100);
    const auto opened = open_to_read(file, 100);
    REQUIRE(opened);
    CHECK(opened->size == 100);
    CHECK(*read_part(opened->descriptor, 98, 2) == "xx");
    CHECK(*read_part(opened->descriptor, 98, 10) == "xx");
    REQUIRE(::truncate(file.c_str(), 1) == 0);
    CHECK(read_part(opened->descriptor, 98, 2)->empty());
}

}  // namespace relux
