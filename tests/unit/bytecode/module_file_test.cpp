// Modules that are written are read back; damaged ones are refused with a reason.
#include "vm/bytecode/module_file.h"

#include <doctest/doctest.h>

#include "tests/support/sample_module.h"
#include "vm/bytecode/quoted.h"

using namespace relux;
using namespace relux::bytecode;
using relux::test_support::sample_module;

namespace {

std::string error_of(const Status& status) {
    return status ? "" : status.error().message;
}
std::string error_of(const Result<Module>& module) {
    return module ? "" : module.error().message;
}

}  // namespace

TEST_CASE("the sample passes the verifier") {
    CHECK(error_of(verify(sample_module())) == "");
}

TEST_CASE("read gives back what write was given, and the same bytes again") {
    auto module = sample_module();
    auto bytes = write_module(module);
    auto read = read_module(bytes);
    REQUIRE(read);
    CHECK(*read == module);
    CHECK(write_module(*read) == bytes);
}

TEST_CASE("an empty module round-trips") {
    Module module;
    module.name = "a.relux";
    auto read = read_module(write_module(module));
    REQUIRE(read);
    CHECK(*read == module);
}

TEST_CASE("every single-byte change of a module file is refused") {
    const auto good = write_module(sample_module());
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (int flip : {0x01, 0x80, 0xff}) {
            auto bytes = good;
            bytes[i] = static_cast<char>(bytes[i] ^ flip);
            CAPTURE(i);
            REQUIRE_FALSE(read_module(bytes));
        }
    }
}

TEST_CASE("every truncation of a module file is refused") {
    const auto good = write_module(sample_module());
    for (std::size_t size = 0; size < good.size(); ++size) {
        CAPTURE(size);
        REQUIRE_FALSE(read_module(std::string_view(good).substr(0, size)));
    }
    CHECK_FALSE(read_module(good + "x"));
}

TEST_CASE("faults are named") {
    const auto good = write_module(sample_module());
    CHECK(error_of(read_module("")) == "not a Relux module");
    CHECK(error_of(read_module("#!/bin/sh\necho hello\n")) == "not a Relux module");
    auto text_mode = good;
    text_mode.erase(4, 1);  // CR LF became LF
    CHECK(error_of(read_module(text_mode)) == "not a Relux module");
    CHECK(error_of(read_module(good.substr(0, 20))) == "damaged module: it ends within its header");
    auto version = good;
    version[8] = 7;
    CHECK(error_of(read_module(version)) == "format version 7: this program reads 4");
    auto flipped = good;
    flipped[200] = static_cast<char>(flipped[200] ^ 1);
    CHECK(error_of(read_module(flipped)) == "damaged module: payload hash differs");
}

TEST_CASE("reading never skips the verifier") {
    auto module = sample_module();
    module.durations[0] = 0;
    auto error = error_of(read_module(write_module(module)));
    CHECK(error == "module \"relux/tests/sample.relux\": durations: a duration is not above 0");
}

TEST_CASE("an archive round-trips") {
    Archive archive;
    archive.manifest = "name = \"demo\"\n";
    archive.suite_root = "/home/u/demo";
    archive.modules.push_back(sample_module());
    archive.modules.push_back(sample_module());
    archive.modules[1].name = "relux/tests/second.relux";
    archive.tests = {"relux/tests/second.relux"};
    auto read = read_archive(write_archive(archive));
    REQUIRE(read);
    CHECK(read->manifest == archive.manifest);
    CHECK(read->suite_root == archive.suite_root);
    CHECK(read->tests == archive.tests);
    CHECK(read->modules == archive.modules);
}

TEST_CASE("a damaged archive is refused") {
    Archive archive;
    archive.modules.push_back(sample_module());
    archive.tests = {archive.modules[0].name};
    const auto good = write_archive(archive);
    REQUIRE(read_archive(good));
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bytes = good;
        bytes[i] = static_cast<char>(bytes[i] ^ 0x20);
        CAPTURE(i);
        REQUIRE_FALSE(read_archive(bytes));
        REQUIRE_FALSE(read_archive(std::string_view(good).substr(0, i)));
    }
    CHECK(read_archive(write_module(archive.modules[0])).error().message == "not a Relux archive");
    CHECK(error_of(read_module(good)) == "not a Relux module");
}

TEST_CASE("an archive's lists agree with its modules") {
    Archive archive;
    archive.modules.push_back(sample_module());
    archive.tests = {"nowhere.relux"};
    CHECK(read_archive(write_archive(archive)).error().message ==
          "archive: the test module `nowhere.relux` is not in it");
    archive.tests.clear();
    archive.modules.push_back(sample_module());
    CHECK(read_archive(write_archive(archive)).error().message ==
          "archive: module `relux/tests/sample.relux` is not in order");
}

TEST_CASE("quoted text is one line and unambiguous") {
    CHECK(quoted_text("a\"b\\c\n\r\t\x1b") == "\"a\\\"b\\\\c\\n\\r\\t\\e\"");
    CHECK(quoted_text(std::string_view("\0\x7f\xff\xc3\xa4\xc3", 6)) == "\"\\0\\x7f\\xff\xc3\xa4\\xc3\"");
    CHECK(slashed("^\\d+\"\n$") == "/^\\d+\"\\n$/");
}
