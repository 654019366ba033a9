// Reading of the host's environment and of `.env` files. A file can only refer to what stands before it:
// earlier lines, directories above, the host.
#include "tools/project/environment.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <unistd.h>
#include <utility>

#include "tools/project/project.h"
#include "vm/base/files.h"
#include "vm/base/input_limits.h"

namespace relux::cli {

namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kSuiteRoot = "__RELUX_SUITE_ROOT";

std::string_view trimmed(std::string_view text) {
    auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool is_name(std::string_view name) {
    auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    auto any = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), any);
}

Error too_long() {
    return Error{"the variable is longer than " + std::to_string(kLongestVariable) +
                 " bytes with its name, and the system starts no program with it"};
}

std::size_t size_of(std::string_view name, std::string_view value) {
    return name.size() + value.size() + std::string_view("=\0", 2).size();
}

/// The value of one line; `variables` is what references see.
class ValueReader {
  public:
    explicit ValueReader(const Environment& variables) : variables_(variables) {}

    Result<std::string> read(std::string_view text) {
        if (text.starts_with('\'')) return single_quoted(text);
        if (text.starts_with('"')) return double_quoted(text);
        // A `#` begins a comment only after a blank: `COLOR=#fff` is a value.
        auto comment = std::min(text.find(" #"), text.find("\t#"));
        text = trimmed(text.substr(0, comment));
        std::string value;
        for (std::size_t at = 0; at < text.size();) {
            if (!text.substr(at).starts_with("${")) {
                value += text[at++];
                continue;
            }
            auto added = reference(text, at, value);
            if (!added) return added.error();
        }
        return value;
    }

  private:
    static Error never_closed(char quote) {
        return Error{std::string("the quote ") + quote + " is never closed: a value ends on its line"};
    }

    static Status check_rest(std::string_view rest) {
        rest = trimmed(rest);
        if (rest.empty() || rest.front() == '#') return Done{};
        return Error{"expected the end of the line or a `#` comment after the closing quote"};
    }

    static Result<std::string> single_quoted(std::string_view text) {
        auto end = text.find('\'', 1);
        if (end == std::string_view::npos) return never_closed('\'');
        auto rest = check_rest(text.substr(end + 1));
        if (!rest) return rest.error();
        return std::string(text.substr(1, end - 1));
    }

    Result<std::string> double_quoted(std::string_view text) {
        std::string value;
        for (std::size_t at = 1; at < text.size();) {
            if (text[at] == '"') {
                auto rest = check_rest(text.substr(at + 1));
                if (!rest) return rest.error();
                return value;
            }
            if (text[at] == '\\' && at + 1 < text.size()) {
                value += escaped(text[at + 1]);
                at += 2;
            } else if (text.substr(at).starts_with("${")) {
                auto added = reference(text, at, value);
                if (!added) return added.error();
            } else {
                value += text[at++];
            }
        }
        return never_closed('"');
    }

    static std::string escaped(char c) {
        if (c == 'n') return "\n";
        if (c == 't') return "\t";
        bool itself = c == '"' || c == '\\' || c == '$';
        return itself ? std::string(1, c) : std::string("\\") + c;
    }

    // `at` stands on `${` and is moved past the `}`.
    Status reference(std::string_view text, std::size_t& at, std::string& value) {
        auto end = text.find('}', at);
        auto name = end == std::string_view::npos ? std::string_view() : text.substr(at + 2, end - at - 2);
        if (!is_name(name)) return Error{"expected ${NAME}; single quotes keep `${` as it is"};
        if (is_runtime_variable(name) && name != kSuiteRoot) {
            return Error{"${" + std::string(name) + "} is not known yet: the runtime sets it for each test"};
        }
        auto found = variables_.find(std::string(name));
        if (found != variables_.end()) value += found->second;
        // Variables that refer to each other would else grow by doubling.
        if (value.size() > kLongestVariable) return too_long();
        at = end + 1;
        return Done{};
    }

    const Environment& variables_;
};

/// `room` is left of what programs can be given in all.
Status add_line(run::EnvironmentLayer& layer, std::string_view line, const std::string& place,
                std::size_t& room) {
    if (line.find('\0') != std::string_view::npos) return Error{"a NUL byte can't be part of a variable"};
    if (line.starts_with("export ") || line.starts_with("export\t")) line = trimmed(line.substr(7));
    auto equals = line.find('=');
    auto name = trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos || !is_name(name)) return Error{"expected NAME=value"};
    auto value = ValueReader(layer.variables).read(trimmed(line.substr(equals + 1)));
    if (!value) return value.error();
    if (is_runtime_variable(name)) return Done{};
    const auto size = size_of(name, *value);
    if (size > kLongestVariable) return too_long();
    if (size > room)
        return Error{"all variables together are longer than " + std::to_string(kLargestEnvironment) +
                     " bytes, and the system starts no program with them"};
    room -= size;
    layer.variables.insert_or_assign(std::string(name), std::move(*value));
    layer.places.insert_or_assign(std::string(name), place);
    return Done{};
}

run::EnvironmentLayer host_layer(const std::filesystem::path& root, std::string_view term) {
    run::EnvironmentLayer layer;
    layer.variables = host_environment_for_shells(term);
    layer.variables.insert_or_assign(std::string(kSuiteRoot), root.string());
    return layer;
}

/// `a` and `a/b` of `a/b/c.relux`; nothing of a file outside the root.
std::vector<std::string> directories_of(std::string_view module) {
    std::vector<std::string> directories;
    if (module.starts_with("../") || module.starts_with('/')) return directories;
    for (auto slash = module.find('/'); slash != std::string_view::npos; slash = module.find('/', slash + 1))
        directories.emplace_back(module.substr(0, slash));
    return directories;
}

}  // namespace

Environment host_environment() {
    Environment variables;
    for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view text = *entry;
        auto equals = text.find('=');
        if (equals == std::string_view::npos || equals == 0) continue;
        variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

Environment host_environment_for_shells(std::string_view term) {
    auto variables = host_environment();
    for (const char* name : {"COLUMNS", "LINES"})
        variables.erase(name);
    for (const char* name : {"PAGER", "GIT_PAGER", "SYSTEMD_PAGER", "MANPAGER", "PSQL_PAGER"})
        variables.insert_or_assign(name, "cat");
    if (term == "dumb") variables.insert_or_assign("NO_COLOR", "1");
    return variables;
}

Status add_dotenv(run::EnvironmentLayer& layer, std::string_view text, std::string_view file) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    std::size_t room = kLargestEnvironment;
    for (int number = 1; !text.empty(); ++number) {
        auto newline = text.find('\n');
        auto line = trimmed(text.substr(0, newline));
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        if (line.empty() || line.front() == '#') continue;
        auto place = std::string(file) + ":" + std::to_string(number);
        auto added = add_line(layer, line, place, room);
        if (!added) return Error{place + ": " + added.error().message};
    }
    return Done{};
}

Result<EnvironmentLayers> EnvironmentLayers::read(const std::filesystem::path& root,
                                                  const std::vector<std::string>& files,
                                                  std::string_view term) {
    EnvironmentLayers layers;
    layers.layers_.push_back(std::make_unique<run::EnvironmentLayer>(host_layer(root, term)));
    layers.by_directory_.emplace("", layers.layers_.back().get());
    auto added = layers.read_directory(root, "");
    std::string_view before;
    for (const auto& file : files) {
        const auto parent = std::string_view(file).substr(0, file.rfind('/') + 1);
        if (std::exchange(before, parent) == parent) continue;
        for (const auto& directory : directories_of(module_name(root, file))) {
            if (!added) break;
            if (!layers.by_directory_.contains(directory)) added = layers.read_directory(root, directory);
        }
    }
    if (!added) return added.error();
    return layers;
}

Status EnvironmentLayers::read_directory(const std::filesystem::path& root, const std::string& directory) {
    const auto& above = of_module(directory);
    auto file = root / directory / ".env";
    auto text = read_settings(file);
    // A directory of that name, as Python's virtual environments have it, is not meant for us.
    // An archive may come from where paths could be longer.
    const auto code = text ? 0 : text.error().code;
    if (code == ENOENT || code == EISDIR || code == ENOTDIR || code == ENAMETOOLONG) {
        by_directory_[directory] = &above;
        return Done{};
    }
    if (!text) return text.error();
    layers_.push_back(std::make_unique<run::EnvironmentLayer>(above));
    by_directory_[directory] = layers_.back().get();
    return add_dotenv(*layers_.back(), *text, module_name(root, file));
}

const run::EnvironmentLayer& EnvironmentLayers::of_module(std::string_view module) const {
    while (true) {
        auto slash = module.rfind('/');
        module = slash == std::string_view::npos ? std::string_view() : module.substr(0, slash);
        auto found = by_directory_.find(std::string(module));
        if (found != by_directory_.end()) return *found->second;
        RELUX_ASSERT(!module.empty(), "the root has a layer");
    }
}

bool is_runtime_variable(std::string_view name) {
    static constexpr std::array<std::string_view, 8> kNames = {
        "__RELUX",
        "__RELUX_RUN_ID",
        "__RELUX_RUN_ARTIFACTS",
        "__RELUX_SHELL_PROMPT",
        "__RELUX_SUITE_ROOT",
        "__RELUX_TEST_ID",
        "__RELUX_TEST_ARTIFACTS",
        "__RELUX_TEST_ROOT",
    };
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool is_set_by_run(std::string_view name) {
    static constexpr std::array<std::string_view, 5> kOfShells = {"PS1", "PS2", "PROMPT_COMMAND", "HISTFILE",
                                                                  "TERM"};
    if (std::find(kOfShells.begin(), kOfShells.end(), name) != kOfShells.end()) return true;
    return is_runtime_variable(name) && name != kSuiteRoot;
}

}  // namespace relux::cli
