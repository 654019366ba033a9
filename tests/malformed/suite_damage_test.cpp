// Modules as the compiler makes them from the suites of tests/suites, damaged in every way that the clock
// allows: all bytes and lengths of the small ones, a sample of the large ones. Hashes and tables are made
// right again, so that it is the reader, the verifier and the machine that have to stand it.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "compiler/compile.h"
#include "tests/support/module_trial.h"
#include "vm/base/bytes.h"
#include "vm/bytecode/file_envelope.h"
#include "vm/bytecode/module_fields.h"
#include "vm/bytecode/module_file.h"

using namespace relux;

namespace {

/// Modules up to this size are damaged at every byte.
constexpr std::size_t kSmall = 1500;
constexpr std::size_t kSamples = 120;

std::vector<bytecode::Module> compile(const std::string& project, frontend::Edition edition) {
    compiler::CompileOptions options;
    options.suite_root = std::filesystem::path(RELUX_SUITES) / project;
    options.edition = edition;
    options.environment_has = [](std::string_view, std::string_view) { return true; };
    std::vector<std::filesystem::path> files;
    const auto tests = options.suite_root / "relux" / "tests";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(tests)) {
        if (entry.path().extension() == ".relux") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    auto compiled = compiler::compile_suite(options, files);
    for (const auto& invalid : compiled.invalid)
        FAIL(invalid.module << ": " << invalid.reason);
    return std::move(compiled.modules);
}

/// The suites' modules without their sources, of which any byte may change, and two with them.
std::vector<std::string> compile_corpus() {
    std::vector<std::string> files;
    auto add = [&](std::vector<bytecode::Module> modules) {
        for (std::size_t i = 0; i < modules.size(); ++i) {
            if (i > 0) modules[i].source.clear();
            files.push_back(bytecode::write_module(modules[i]));
        }
    };
    add(compile("language", frontend::Edition::V0_4));
    add(compile("language_0_8", frontend::Edition::V0_8));
    std::sort(files.begin(), files.end(),
              [](const auto& left, const auto& right) { return left.size() < right.size(); });
    return files;
}

const std::vector<std::string>& corpus() {
    static const std::vector<std::string> files = compile_corpus();
    return files;
}

std::vector<std::string> sections_of(const std::string& file) {
    const auto sections = bytecode::read_envelope(file, bytecode::kModuleMagic, bytecode::kFormatVersion,
                                                  bytecode::kSectionCount, "module");
    REQUIRE(sections);
    std::vector<std::string> parts;
    for (const auto& section : *sections)
        parts.emplace_back(section.bytes);
    return parts;
}

std::string file_of(const std::vector<std::string>& sections) {
    return bytecode::write_envelope(bytecode::kModuleMagic, bytecode::kFormatVersion, sections);
}

/// Whether it was accepted and run.
bool stand(std::string bytes) {
    test_support::mend_hash(bytes);
    test_support::Choices choices({});
    return test_support::try_module_file(bytes, choices);
}

/// A fixed sequence, so that a failure comes again.
class Sequence {
  public:
    std::size_t below(std::size_t count) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_ % count;
    }

  private:
    std::uint64_t state_ = 88172645463325252ULL;
};

std::string with_byte(const std::string& file, std::size_t at, int change) {
    auto bytes = file;
    bytes[at] = static_cast<char>(bytes[at] ^ change);
    return bytes;
}

}  // namespace

TEST_CASE("the suites' modules, undamaged") {
    CHECK(corpus().size() > 30);
    CHECK(corpus().front().size() < kSmall);
    test_support::Choices choices({});
    for (const auto& project : {"language", "language_0_8"}) {
        const bool later = std::string_view(project) == "language_0_8";
        auto modules = compile(project, later ? frontend::Edition::V0_8 : frontend::Edition::V0_4);
        CHECK(test_support::try_modules(std::move(modules), choices));
    }
}

TEST_CASE("each byte of the small modules changed, hash made right") {
    int files = 0, accepted = 0;
    for (const auto& file : corpus()) {
        if (file.size() > kSmall) break;
        ++files;
        for (std::size_t at = 0; at < file.size(); ++at) {
            CAPTURE(at);
            for (int change : {0x01, 0xff})
                accepted += stand(with_byte(file, at, change));
        }
    }
    CHECK(files >= 3);
    CHECK(accepted > 0);
}

TEST_CASE("bits of all modules changed here and there, hash made right") {
    Sequence sequence;
    for (const auto& file : corpus()) {
        for (std::size_t i = 0; i < kSamples; ++i)
            stand(with_byte(file, sequence.below(file.size()), 1 << sequence.below(8)));
    }
}

TEST_CASE("each byte changed and the hash left alone") {
    for (const auto& file : corpus()) {
        const std::size_t step = file.size() / kSmall + 1;
        for (std::size_t at = 0; at < file.size(); at += step)
            REQUIRE_FALSE(bytecode::read_module(with_byte(file, at, 0x40)));
    }
}

TEST_CASE("every length of a file, hash made right") {
    for (const auto& file : corpus()) {
        const std::size_t step = file.size() / kSmall + 1;
        for (std::size_t size = 0; size < file.size(); size += step) {
            CAPTURE(size);
            REQUIRE_FALSE(stand(file.substr(0, size)));
        }
    }
}

TEST_CASE("every length of each section, table and hash made right") {
    for (const auto& file : corpus()) {
        const auto sections = sections_of(file);
        const std::size_t step = file.size() / kSmall + 1;
        for (std::size_t i = 0; i < sections.size(); ++i) {
            for (std::size_t size = 0; size < sections[i].size(); size += step) {
                CAPTURE(i);
                CAPTURE(size);
                auto cut = sections;
                cut[i].resize(size);
                REQUIRE_FALSE(stand(file_of(cut)));
            }
            auto longer = sections;
            longer[i] += '\0';
            REQUIRE_FALSE(stand(file_of(longer)));
        }
    }
}

TEST_CASE("two modules spliced") {
    Sequence sequence;
    int accepted = 0;
    for (std::size_t i = 1; i < corpus().size(); ++i) {
        const auto &left = corpus()[i - 1], &right = corpus()[i];
        const auto head = sections_of(left), tail = sections_of(right);
        for (std::size_t at = 0; at < head.size(); ++at) {
            auto one = head;
            one[at] = tail[at];
            accepted += stand(file_of(one));
            auto rest = tail;
            std::copy_n(head.begin(), at, rest.begin());
            accepted += stand(file_of(rest));
        }
        for (std::size_t n = 0; n < kSamples / 4; ++n) {
            const auto at = sequence.below(left.size());
            stand(left.substr(0, at) + right.substr(at));
        }
    }
    // A header on another module's code is as good as its own.
    CHECK(accepted > 0);
}
