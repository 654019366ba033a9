#include "vm/run/sent_lines.h"

#include <algorithm>
#include <utility>

namespace relux::run {

namespace {

/// A line that is longer is data.
constexpr std::size_t kLongestLine = 64 * 1024;
/// No path is longer.
constexpr std::size_t kLongestWord = 4096;

}  // namespace

SentLines::SentLines(std::vector<std::string> environment, const report::Secrets& secrets,
                     report::SentNames& names)
    : environment_(std::move(environment)), secrets_(secrets), names_(names) {}

void SentLines::add(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto piece = bytes.substr(0, end);
        line_ += piece.substr(0, kLongestLine - std::min(kLongestLine, line_.size()));
        if (end == std::string_view::npos) return;
        bytes.remove_prefix(end + 1);
        finish();
    }
}

void SentLines::finish() {
    const auto line = std::exchange(line_, {});
    if (!line.empty()) read(line);
}

std::optional<std::string> SentLines::variable(std::string_view name) {
    if (const auto own = set_.find(name); own != set_.end()) return own->second;
    // Shells set these themselves, whatever they are given.
    if (name == "PWD") return from_environment("__RELUX_SUITE_ROOT");
    if (name == "OLDPWD" || name == "SHLVL" || name == "_") return std::nullopt;
    if (!name.starts_with("__RELUX")) names_.variables.emplace(name);
    return from_environment(name);
}

std::optional<std::string> SentLines::from_environment(std::string_view name) const {
    for (const auto& entry : environment_) {
        if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
            return entry.substr(name.size() + 1);
    }
    return std::nullopt;
}

void SentLines::read(std::string_view line) {
    to_directory_ = false;
    for (const auto& word : shell_words(line, [this](std::string_view name) { return variable(name); })) {
        if (word.text.empty() || word.text.size() > kLongestWord) continue;
        if (word.text.find('\0') != std::string::npos || secrets_.search().finds(word.text)) continue;
        note(word);
    }
}

void SentLines::note(const ShellWord& word) {
    const auto& text = word.text;
    if (word.role == ShellWord::Role::Output) {
        if (!names_.words.contains(text)) names_.outputs.insert(text);
        return;
    }
    if (std::exchange(to_directory_, text == "cd" || text == "pushd" || text == "-C"))
        names_.directories.insert(text);
    // `export NAME=value` sets one too.
    const auto equals = text.find('=');
    if (equals != std::string::npos && equals > 0)
        set_.insert_or_assign(text.substr(0, equals), text.substr(equals + 1));
    if (word.role == ShellWord::Role::Command) note_command(text);
    if (!names_.outputs.contains(text)) names_.words.insert(text);
}

// `PATH=... command` and `env PATH=...` set it for one command, `PATH=...` for all that follow: either is
// possible.
void SentLines::note_command(const std::string& command) {
    names_.commands[from_environment("PATH").value_or("")].insert(command);
    if (const auto own = set_.find("PATH"); own != set_.end()) names_.commands[own->second].insert(command);
}

}  // namespace relux::run
