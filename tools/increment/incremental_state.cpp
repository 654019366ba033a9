#include "tools/increment/incremental_state.h"

#include <chrono>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>
#include <unordered_map>

#include "compiler/hash128.h"
#include "vm/base/bytes.h"
#include "vm/base/files.h"

namespace relux::cli {

namespace {

constexpr std::string_view kMagic{"\x89RXI\r\n\x1a\n", 8};
constexpr std::uint32_t kVersion = 2;

/// Names are the same for many tests; each stands in the file once.
class Names {
  public:
    std::uint32_t number(const std::string& name) {
        const auto [found, is_new] = numbers_.try_emplace(name, static_cast<std::uint32_t>(names_.size()));
        if (is_new) names_.push_back(name);
        return found->second;
    }
    const std::vector<std::string>& all() const { return names_; }

  private:
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::vector<std::string> names_;
};

void write(ByteWriter& writer, const Dependencies& dependencies, Names& names) {
    writer.u32(static_cast<std::uint32_t>(dependencies.size()));
    for (const auto& dependency : dependencies) {
        writer.u32(names.number(dependency.name));
        writer.u64(dependency.digest);
    }
}

Dependencies read(ByteReader& reader, const std::vector<std::string>& names) {
    Dependencies dependencies;
    for (auto count = reader.u32(); count > 0 && !reader.failed(); --count) {
        const auto name = reader.u32();
        const auto digest = reader.u64();
        if (name < names.size()) dependencies.push_back({names[name], digest});
    }
    return dependencies;
}

void write(ByteWriter& writer, const AbsentFiles& absent, Names& names) {
    writer.u32(static_cast<std::uint32_t>(absent.names.size()));
    for (const auto name : absent.names)
        writer.u64(name);
    writer.u32(static_cast<std::uint32_t>(absent.directories.size()));
    for (const auto& directory : absent.directories)
        writer.u32(names.number(directory));
}

AbsentFiles read_absent(ByteReader& reader, const std::vector<std::string>& names) {
    AbsentFiles absent;
    for (auto count = reader.u32(); count > 0 && !reader.failed(); --count)
        absent.names.push_back(reader.u64());
    for (auto count = reader.u32(); count > 0 && !reader.failed(); --count) {
        const auto name = reader.u32();
        if (name < names.size()) absent.directories.push_back(names[name]);
    }
    return absent;
}

void write(ByteWriter& writer, const KnownFiles& files) {
    writer.u32(static_cast<std::uint32_t>(files.size()));
    for (const auto& [name, known] : files) {
        writer.string(name);
        writer.u64(known.stamp.size);
        writer.u64(known.stamp.inode);
        writer.u64(static_cast<std::uint64_t>(known.stamp.modified));
        writer.u64(static_cast<std::uint64_t>(known.stamp.changed));
        writer.u64(known.digest);
    }
}

KnownFiles read_files(ByteReader& reader) {
    KnownFiles files;
    for (auto count = reader.u32(); count > 0 && !reader.failed(); --count) {
        auto name = std::string(reader.string());
        KnownFile known;
        known.stamp.size = reader.u64();
        known.stamp.inode = reader.u64();
        known.stamp.modified = static_cast<std::int64_t>(reader.u64());
        known.stamp.changed = static_cast<std::int64_t>(reader.u64());
        known.digest = reader.u64();
        files.emplace_hint(files.end(), std::move(name), known);
    }
    return files;
}

IncrementalState read_body(std::string_view body) {
    IncrementalState state;
    ByteReader reader(body);
    if (reader.raw(kMagic.size()) != kMagic || reader.u32() != kVersion) return state;
    std::vector<std::string> names;
    for (auto count = reader.u32(); count > 0 && !reader.failed(); --count)
        names.emplace_back(reader.string());
    for (auto count = reader.u32(); count > 0 && !reader.failed(); --count)
        state.shared.push_back(read(reader, names));
    for (auto count = reader.u32(); count > 0 && !reader.failed(); --count) {
        auto key = std::string(reader.string());
        RememberedTest test;
        test.passed = reader.u8() != 0;
        test.run_id = reader.string();
        test.last_invalidated = reader.string();
        test.shared = reader.u32();
        test.own = read(reader, names);
        test.absent = read_absent(reader, names);
        if (test.shared < state.shared.size()) state.tests.emplace(std::move(key), std::move(test));
    }
    state.files = read_files(reader);
    return reader.failed() ? IncrementalState() : std::move(state);
}

std::uint64_t digest_of(std::string_view bytes) {
    return compiler::hash128(bytes).low;
}

}  // namespace

IncrementalState read_incremental_state(const std::filesystem::path& file) {
    const auto bytes = read_file(file);
    if (!bytes || bytes->size() < sizeof(std::uint64_t)) return {};
    const auto body = std::string_view(*bytes).substr(0, bytes->size() - sizeof(std::uint64_t));
    ByteReader digest(std::string_view(*bytes).substr(body.size()));
    return digest.u64() == digest_of(body) ? read_body(body) : IncrementalState();
}

Status write_incremental_state(const IncrementalState& state, const std::filesystem::path& file) {
    Names names;
    ByteWriter rest;
    rest.u32(static_cast<std::uint32_t>(state.shared.size()));
    for (const auto& shared : state.shared)
        write(rest, shared, names);
    rest.u32(static_cast<std::uint32_t>(state.tests.size()));
    for (const auto& [key, test] : state.tests) {
        rest.string(key);
        rest.u8(test.passed ? 1 : 0);
        rest.string(test.run_id);
        rest.string(test.last_invalidated);
        rest.u32(test.shared);
        write(rest, test.own, names);
        write(rest, test.absent, names);
    }
    write(rest, state.files);
    ByteWriter writer;
    writer.raw(kMagic);
    writer.u32(kVersion);
    writer.u32(static_cast<std::uint32_t>(names.all().size()));
    for (const auto& name : names.all())
        writer.string(name);
    writer.raw(rest.bytes());
    writer.u64(digest_of(writer.bytes()));
    return replace_file(file, writer.bytes());
}

// A file of its own, for the other one is replaced.
IncrementalStateLock::IncrementalStateLock(const std::filesystem::path& file)
    : lock_(::open((file.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    constexpr int kMostAttempts = 500;
    constexpr auto kBetween = std::chrono::milliseconds(10);
    for (int attempt = 0; lock_ && attempt < kMostAttempts && ::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0;
         ++attempt)
        std::this_thread::sleep_for(kBetween);
}

}  // namespace relux::cli
