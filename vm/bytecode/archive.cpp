// A whole suite in one file: settings, the list of test modules, and every module with a digest over all.
#include <algorithm>
#include <optional>
#include <utility>

#include "vm/base/parallel.h"
#include "vm/bytecode/file_envelope.h"
#include "vm/bytecode/limits.h"
#include "vm/bytecode/module_file.h"
#include "vm/bytecode/record_reader.h"
#include "vm/bytecode/record_writer.h"

namespace relux::bytecode {

namespace {

constexpr std::uint32_t kArchiveSections = 2;

/// The manifest section; the modules section is one list of module files.
template <class Stream, class ArchiveType>
void manifest_fields(Stream& stream, ArchiveType& archive) {
    stream.string(archive.manifest);
    stream.string(archive.suite_root);
    stream.list(archive.tests);
}

Status check_tests(const Archive& archive) {
    for (const auto& test : archive.tests) {
        auto found = std::lower_bound(
            archive.modules.begin(), archive.modules.end(), test,
            [](const Module& module, const std::string& name) { return module.name < name; });
        if (found == archive.modules.end() || found->name != test) {
            return Error{"archive: the test module `" + test + "` is not in it"};
        }
    }
    return Done{};
}

}  // namespace

std::string write_archive(const Archive& archive) {
    RecordWriter manifest;
    manifest_fields(manifest, archive);
    std::vector<std::string> files(archive.modules.size());
    parallel_for(files.size(), [&](std::size_t i) { files[i] = write_module(archive.modules[i]); });
    RecordWriter modules;
    modules.list(files);
    return write_envelope(kArchiveMagic, kFormatVersion, {manifest.take(), modules.take()});
}

Result<Archive> read_archive(std::string_view bytes) {
    auto sections = read_envelope(bytes, kArchiveMagic, kFormatVersion, kArchiveSections, "archive");
    if (!sections) return sections.error();
    Archive archive;
    RecordReader manifest("manifest", (*sections)[0].bytes, (*sections)[0].offset);
    manifest_fields(manifest, archive);
    manifest.finish();
    if (manifest.failed()) return Error{manifest.error()};

    std::vector<std::string> files;
    RecordReader modules("modules", (*sections)[1].bytes, (*sections)[1].offset);
    modules.list(files);
    modules.finish();
    if (modules.failed()) return Error{modules.error()};
    if (files.size() > kMaximumModules) return Error{"archive: more than 65536 modules"};
    std::vector<std::optional<Result<Module>>> read(files.size());
    parallel_for(files.size(), [&](std::size_t i) { read[i] = read_module(std::exchange(files[i], {})); });
    archive.modules.reserve(files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto& module = *read[i];
        if (!module) return Error{"archive, module " + std::to_string(i) + ": " + module.error().message};
        if (i > 0 && module->name <= archive.modules.back().name) {
            return Error{"archive: module `" + module->name + "` is not in order"};
        }
        archive.modules.push_back(std::move(*module));
    }
    if (auto listed = check_tests(archive); !listed) return listed.error();
    return archive;
}

}  // namespace relux::bytecode
