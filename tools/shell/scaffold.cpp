// The templates are valid in both editions of the language.
#include "tools/shell/scaffold.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>

#include "tools/project/setting_rows.h"
#include "vm/base/fd.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = ".relux";

constexpr std::string_view kManifestHead =
    "# Every key with its default. An empty file is valid too; flags beat what stands here.\n\n";

constexpr std::string_view kTest = R"(test "@TITLE@" {
    """
    What is shown when this test passes.
    """
    shell client {
        > echo hello, world
        <? ^hello, (\w+)$
        match_ok()
    }
}
)";

constexpr std::string_view kEffect =
    R"(// Something that tests need running. It is started once for each test, and ended with it.
//
//     import @MODULE@ { @EFFECT@ }
//
//     test "needs it" {
//         start @EFFECT@ as Started
//         shell Started.service {
//             > echo "the service is $service_state"
//             <? ^the service is ready$
//         }
//     }
effect @EFFECT@ {
    expose shell service

    shell service {
        !? ^error:
        > service_state=ready; echo "listening"
        <~10s? ^listening$
    }

    cleanup {
        > echo "nothing to clean up yet"
        match_ok()
    }
}
)";

constexpr std::string_view kLibrary = R"(// Functions for tests.
//
//     import @MODULE@ { @STEM@_greeting, @STEM@_say }

// What to say. Pure: it can be used outside of shells too.
pure fn @STEM@_greeting(name) {
    "hello, ${name}"
}

// Says it in the shell of whoever calls, and fails unless it comes back.
fn @STEM@_say(text) {
    > echo '${text}'
    <? ^${text}$
    match_ok()
}
)";

std::string replaced(std::string_view text, std::string_view mark, std::string_view value) {
    std::string result;
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
        result.append(text.substr(0, at)).append(value);
        text.remove_prefix(at + mark.size());
    }
    return result.append(text);
}

std::string joined(const std::vector<std::string>& segments) {
    std::string text;
    for (const auto& segment : segments)
        text += (text.empty() ? "" : "/") + segment;
    return text;
}

/// `tcp_server` as `TcpServer`, as effects are named.
std::string effect_name(const std::string& segment) {
    std::string name;
    bool start = true;
    for (const char c : segment) {
        if (c == '_') {
            start = true;
            continue;
        }
        name += start && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        start = false;
    }
    const bool letter = !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
    return letter ? name : "Effect" + name;
}

bool is_segment(std::string_view text) {
    const auto first = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    return !text.empty() && first(text.front()) &&
           std::all_of(text.begin(), text.end(), [&](char c) { return first(c) || (c >= '0' && c <= '9'); });
}

/// O_EXCL, so that two at once, or a link, can't make us overwrite.
Status write_new_file(const fs::path& file, std::string_view text) {
    Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!fd && errno == EEXIST)
        return Error{file.string() + " exists already; it is not overwritten", EEXIST};
    if (!fd) return system_error("cannot write " + file.string(), errno);
    while (!text.empty()) {
        const auto written = ::write(fd.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error("cannot write " + file.string(), errno);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return Done{};
}

Status make_directories(const fs::path& directory) {
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) return Error{"cannot create " + directory.string() + ": " + error.message(), error.value()};
    return Done{};
}

}  // namespace

Result<std::vector<std::string>> parse_module_path(std::string_view text) {
    const auto whole = text;
    if (text.ends_with(kSuffix)) text.remove_suffix(kSuffix.size());
    std::vector<std::string> segments;
    while (true) {
        const auto slash = text.find('/');
        const auto segment = text.substr(0, slash);
        if (!is_segment(segment)) {
            return Error{"`" + visible(whole, false) + "`: `" + visible(segment, false) +
                         "` is no module name; use a-z, 0-9 and _, not beginning with a digit"};
        }
        segments.emplace_back(segment);
        if (slash == std::string_view::npos) return segments;
        text.remove_prefix(slash + 1);
    }
}

std::string manifest_template(std::string_view project_name) {
    std::string name;
    for (const char c : project_name) {
        const bool plain = static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
        name += plain ? c : '-';
    }
    return std::string(kManifestHead) + format_settings("# ", name, &SettingRow::note);
}

std::string module_template(ModuleKind kind, const std::vector<std::string>& segments) {
    auto title = segments.back();
    std::replace(title.begin(), title.end(), '_', ' ');
    switch (kind) {
        case ModuleKind::Test:
            return replaced(kTest, "@TITLE@", title);
        case ModuleKind::Effect:
            return replaced(replaced(kEffect, "@MODULE@", joined(segments)), "@EFFECT@",
                            effect_name(segments.back()));
        case ModuleKind::Library:
            return replaced(replaced(kLibrary, "@MODULE@", joined(segments)), "@STEM@", segments.back());
    }
    RELUX_UNREACHABLE("kind out of range");
}

Result<std::vector<fs::path>> create_project(const fs::path& root) {
    const fs::path manifest = "Relux.toml";
    const fs::path ignore = fs::path("relux") / ".gitignore";
    for (const auto& file : {manifest, ignore}) {
        std::error_code error;
        if (fs::symlink_status(root / file, error).type() != fs::file_type::not_found)
            return Error{(root / file).string() + " exists already; nothing was changed"};
    }
    std::vector<fs::path> made;
    for (const auto* directory : {"relux/tests", "relux/lib"}) {
        if (auto status = make_directories(root / directory); !status) return status.error();
        made.emplace_back(std::string(directory) + "/");
    }
    if (auto status = write_new_file(root / ignore, "out/\n"); !status) return status.error();
    // Last: what has a manifest is a project.
    const auto text = manifest_template(root.filename().string());
    if (auto status = write_new_file(root / manifest, text); !status) return status.error();
    made.insert(made.begin(), manifest);
    made.push_back(ignore);
    return made;
}

Result<fs::path> create_module(const fs::path& root, ModuleKind kind,
                               const std::vector<std::string>& segments) {
    const fs::path file =
        (fs::path("relux") / (kind == ModuleKind::Test ? "tests" : "lib") / joined(segments)).concat(kSuffix);
    if (auto status = make_directories((root / file).parent_path()); !status) return status.error();
    if (auto status = write_new_file(root / file, module_template(kind, segments)); !status)
        return status.error();
    return file;
}

}  // namespace relux::cli
