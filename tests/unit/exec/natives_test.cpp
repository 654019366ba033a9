// The built-ins, row by row: arguments, value or message.
#include "vm/exec/natives.h"

#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/support/fake_host.h"
#include "tests/support/temporary_directory.h"

using namespace relux;
using namespace relux::exec;
using relux::test_support::FakeHost;

namespace {

/// The value, or "error: " and the message.
std::string call(FakeHost& host, std::string_view name, const std::vector<std::string>& arguments) {
    const auto* native = find_native(name, static_cast<int>(arguments.size()));
    REQUIRE(native);
    bool pure = native->function != nullptr;
    REQUIRE(pure);
    std::vector<Value> values;
    for (const auto& argument : arguments)
        values.emplace_back(argument);
    NativeCall native_call{values, host};
    auto result = native->function(native_call);
    return result ? std::string(result->view()) : "error: " + result.error().message;
}

struct Case {
    const char* name;
    std::vector<std::string> arguments;
    std::string expected;
};

void check_all(const std::vector<Case>& cases) {
    FakeHost host;
    for (const auto& test : cases) {
        CAPTURE(test.name);
        CAPTURE(test.expected);
        CHECK(call(host, test.name, test.arguments) == test.expected);
    }
}

}  // namespace

TEST_CASE("the table: unique names, documented, look-up by arity") {
    std::set<std::string_view> names;
    for (const auto& native : natives()) {
        CHECK(names.insert(native.name).second);
        CHECK(native.doc.starts_with(native.name));
        CHECK((native.function != nullptr) == (native.kind == NativeKind::Pure));
        for (int arity = native.minimum_arity; arity <= native.maximum_arity; ++arity) {
            CHECK(find_native(native.name, arity) == &native);
        }
        CHECK(find_native(native.name, native.maximum_arity + 1) == nullptr);
    }
    CHECK(find_native("nothing", 0) == nullptr);
    CHECK(find_native("rand", 0) == nullptr);
}

TEST_CASE("text") {
    check_all({
        {"trim", {" \t a b\r\n"}, "a b"},
        {"trim", {"ab"}, "ab"},
        {"trim", {" \n "}, ""},
        {"trim", {""}, ""},
        {"trim", {"\xc2\xa0\xe3\x80\x80x\xe2\x80\x89\xc2\x85"}, "x"},
        {"trim", {"\xff \xa0"}, "\xff \xa0"},
        {"replace", {"aXbXX", "X", "--"}, "a--b----"},
        {"replace", {"aaa", "aa", "b"}, "ba"},
        {"replace", {"abc", "", "x"}, "abc"},
        {"replace", {"abc", "d", "x"}, "abc"},
        {"replace", {"abc", "abc", ""}, ""},
        {"split", {"a,b,,c", ",", "0"}, "a"},
        {"split", {"a,b,,c", ",", "2"}, ""},
        {"split", {"a,b,,c", ",", "3"}, "c"},
        {"split", {"a,b,,c", ",", "4"}, ""},
        {"split", {"a,b", ",", "99999999999999999999999999"}, ""},
        {"split", {"a::b::c", "::", "01"}, "b"},
        {"split", {"abc", "", "0"}, "abc"},
        {"split", {"abc", "", "1"}, ""},
        {"split", {"", ",", "0"}, ""},
        {"split", {"a,b", ",", "x"}, "error: split: index `x` is not a number; parts count from 0"},
        {"split", {"a,b", ",", ""}, "error: split: index `` is not a number; parts count from 0"},
        {"split", {"a,b", ",", "-1"}, "error: split: index `-1` is not a number; parts count from 0"},
        {"split", {"a,b", ",", " 1"}, "error: split: index ` 1` is not a number; parts count from 0"},
        {"len", {""}, "0"},
        {"len", {"\xc3\xa4"}, "2"},
        {"default", {"", "b"}, "b"},
        {"default", {"a", "b"}, "a"},
        {"default", {" ", "b"}, " "},
    });
}

TEST_CASE("upper and lower by Unicode; invalid bytes pass through") {
    check_all({
        {"upper", {"abcXYZ-1"}, "ABCXYZ-1"},
        {"upper", {"\xc3\xa4\xd0\xb6"}, "\xc3\x84\xd0\x96"},
        {"upper",
         {"stra\xc3\x9f"
          "e"},
         "STRASSE"},
        {"upper", {"a\xff\xc3"}, "A\xff\xc3"},
        {"lower", {"ABC\xc3\x84\xd0\x96"}, "abc\xc3\xa4\xd0\xb6"},
        {"lower", {"\xf0\x90\x90\x80"}, "\xf0\x90\x90\xa8"},
        {"lower", {std::string("A\0B", 3)}, std::string("a\0b", 3)},
    });
}

TEST_CASE("sha1") {
    check_all({
        {"sha1", {""}, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"sha1", {"abc"}, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    });
}

TEST_CASE("mnemonic is stable and looks like adjective-noun-NNNN") {
    FakeHost host;
    auto name = call(host, "mnemonic", {"relux"});
    CHECK(name == call(host, "mnemonic", {"relux"}));
    CHECK(name != call(host, "mnemonic", {"relux2"}));
    // A change here changes names that suites rely on.
    CHECK(name == "sunny-raven-5764");
}

TEST_CASE("uuid is version 4") {
    FakeHost host;
    CHECK(call(host, "uuid", {}) == "00010203-0405-4607-8809-0a0b0c0d0e0f");
    host.next_byte = 0xf0;
    CHECK(call(host, "uuid", {}) == "f0f1f2f3-f4f5-46f7-b8f9-fafbfcfdfeff");
}

TEST_CASE("rand: modes, lengths and errors") {
    FakeHost host;
    CHECK(call(host, "rand", {"0"}) == "");
    CHECK(call(host, "rand", {"4", "num"}) == "0123");
    host.next_byte = 10;
    CHECK(call(host, "rand", {"8", "hex"}) == "abcdef01");
    host.next_byte = 6;
    CHECK(call(host, "rand", {"4", "oct"}) == "6701");
    host.next_byte = 0;
    CHECK(call(host, "rand", {"4", "bin"}) == "0101");
    host.next_byte = 24;
    CHECK(call(host, "rand", {"4", "alpha"}) == "yzAB");
    host.next_byte = 60;
    CHECK(call(host, "rand", {"4", "alphanum"}) == "89ab");
    CHECK(call(host, "rand", {"1000"}).size() == 1000);
    check_all({
        {"rand", {"-1"}, "error: rand: length `-1` is not a number; write how many characters"},
        {"rand", {""}, "error: rand: length `` is not a number; write how many characters"},
        {"rand", {"9999999"}, "error: rand: length `9999999` is too large; at most 1048576"},
        {"rand",
         {"3", "base64"},
         "error: rand: unknown mode `base64`; use alpha, num, alphanum, hex, oct or bin"},
    });
}

TEST_CASE("rand is fair: bytes that would favour some characters are thrown away") {
    FakeHost host;
    // 250 to 255 have no fair digit; the next byte after 255 is 0.
    host.next_byte = 249;
    CHECK(call(host, "rand", {"3", "num"}) == "901");
}

TEST_CASE("available_port") {
    FakeHost host;
    CHECK(call(host, "available_port", {}) == "4711");
    host.port = 0;
    CHECK(call(host, "available_port", {}) == "error: available_port: no port is free");
}

TEST_CASE("which looks in the base environment's PATH") {
    const test_support::TemporaryDirectory directory;
    const std::string root = directory.path();
    REQUIRE(::mkdir((root + "/a").c_str(), 0755) == 0);
    REQUIRE(::mkdir((root + "/b").c_str(), 0755) == 0);
    REQUIRE(::mkdir((root + "/a/folder").c_str(), 0755) == 0);
    auto create = [&](const std::string& path, unsigned mode) {
        int fd = ::open((root + path).c_str(), O_CREAT | O_WRONLY, mode);
        REQUIRE(fd >= 0);
        ::close(fd);
    };
    create("/a/plain", 0644);
    create("/b/plain", 0755);
    create("/b/tool", 0755);

    FakeHost host;
    CHECK(call(host, "which", {"tool"}) == "");
    host.environment["PATH"] = root + "/none:" + root + "/a/:" + root + "/b";
    CHECK(call(host, "which", {"tool"}) == root + "/b/tool");
    CHECK(call(host, "which", {"plain"}) == root + "/b/plain");
    CHECK(call(host, "which", {"folder"}) == "");
    CHECK(call(host, "which", {""}) == "");
    CHECK(call(host, "which", {root + "/b/tool"}) == root + "/b/tool");
    CHECK(call(host, "which", {root + "/a/plain"}) == "");
    CHECK(call(host, "which", {std::string("tool\0x", 6)}) == "");

    for (auto path : {"/a/plain", "/b/plain", "/b/tool"})
        ::unlink((root + path).c_str());
    for (auto path : {"/a/folder", "/a", "/b", ""})
        ::rmdir((root + path).c_str());
}

TEST_CASE("timestamp") {
    FakeHost host;
    host.now = 1'767'323'045'012'345'678;  // 2026-01-02 03:04:05 UTC
    auto at = [&](const char* format) { return call(host, "timestamp", {format}); };
    CHECK(at("%Y-%m-%dT%H:%M:%SZ") == "2026-01-02T03:04:05Z");
    CHECK(at("%H:%M:%S.%3f") == "03:04:05.012");
    CHECK(at("%f") == "012345");
    CHECK(at("%<9>f %9f %1f") == "012345678 012345678 0");
    CHECK(at("%s") == "1767323045");
    CHECK(at("%Z %z %%f 100%%") == "UTC +0000 %f 100%");
    CHECK(at("%-d %_d %Ey") == "2  2 26");
    CHECK(at("") == "");
    CHECK(at("plain") == "plain");
    CHECK(at("%P%p").size() == 4);
    constexpr const char* kWayOut =
        "` is not a conversion; use strftime's, %1f to %9f for fractions, %% for a percent sign";
    CHECK(at("%10f") == std::string("error: timestamp: `%10f") + kWayOut);
    CHECK(at("%0f") == std::string("error: timestamp: `%0f") + kWayOut);
    CHECK(at("%<3>d") == std::string("error: timestamp: `%<3>d") + kWayOut);
    CHECK(at("50%") == std::string("error: timestamp: `%") + kWayOut);
    std::string wide;
    for (int i = 0; i < 270'000; ++i)
        wide += "%999Y";
    CHECK(at(wide.c_str()) == "error: timestamp: the result is longer than 256 MiB");
    CHECK(at("%99999d") == std::string("error: timestamp: `%99999d") + kWayOut);
    host.now = -1;
    CHECK(at("%Y %S.%9f") == "1969 59.999999999");
}
