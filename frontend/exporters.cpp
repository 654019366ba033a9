#include "frontend/exporters.h"

#include <algorithm>
#include <utility>

namespace relux::frontend {

namespace {

bool take_word(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word) || text.size() == word.size() || text[word.size()] != ' ') return false;
    text.remove_prefix(std::min(text.find_first_not_of(' ', word.size()), text.size()));
    return true;
}

/// How many parameters the list at the front has, which begins behind its parenthesis.
std::size_t count_parameters(std::string_view list) {
    list = list.substr(0, list.find(')'));
    std::size_t count = 0;
    while (!list.empty()) {
        const auto comma = list.find(',');
        count += list.substr(0, comma).find_first_not_of(" \t\r\n") != std::string_view::npos;
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return count;
}

}  // namespace

Exporters::Exporters(std::filesystem::path library, std::function<std::vector<std::string>()> modules,
                     ReadFile read)
    : library_(std::move(library)), modules_(std::move(modules)), read_(std::move(read)) {}

std::string Exporters::only_one_of(const std::string& name) {
    if (!std::exchange(known_, true)) read_library();
    const auto found = modules_by_name_.find(name);
    return found != modules_by_name_.end() && found->second.size() == 1 ? found->second[0] : std::string();
}

void Exporters::read_library() {
    if (!modules_) return;
    for (const auto& module : modules_()) {
        const auto text = read_(library_ / (module + ".relux"));
        if (text) add_definitions(module, *text);
    }
}

// Definitions begin their line.
void Exporters::add_definitions(const std::string& module, std::string_view text) {
    while (!text.empty()) {
        std::string_view line = text;
        const auto next = text.find('\n');
        text.remove_prefix(next == std::string_view::npos ? text.size() : next + 1);
        if (take_word(line, "effect")) {
            modules_by_name_[std::string(line.substr(0, line.find_first_of(" \t\r\n{")))].push_back(module);
            continue;
        }
        take_word(line, "pure");
        if (!take_word(line, "fn")) continue;
        const auto open = line.find('(');
        if (open == std::string_view::npos) continue;
        const auto name = line.substr(0, line.find_first_of(" \t("));
        const auto arity = std::to_string(count_parameters(line.substr(open + 1)));
        modules_by_name_[std::string(name) + "/" + arity].push_back(module);
    }
}

}  // namespace relux::frontend
