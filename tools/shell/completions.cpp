#include "tools/shell/completions.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "tools/cli/command_tree.h"
#include "tools/shell/completions_values.h"

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

class Completion {
  public:
    Completion(const std::vector<DeclaredCommand>& commands, const std::vector<std::string>& words)
        : commands_(commands), words_(words), current_(words.empty() ? std::string() : words.back()) {}

    std::vector<Candidate> find() {
        std::size_t at = 0;
        while (at + 1 < words_.size() && words_[at].starts_with('-'))
            ++at;
        if (at + 1 >= words_.size()) {
            add_program_level();
            return take();
        }
        command_ = named_command(words_[at]);
        command_name_ = words_[at];
        if (command_ != nullptr) complete_in_command(at + 1);
        return take();
    }

  private:
    std::vector<Candidate> take() {
        std::erase_if(found_, [&](const Candidate& candidate) {
            return !candidate.value.starts_with(current_) || has_control(candidate.value);
        });
        return std::move(found_);
    }

    const CommandLine* named_command(const std::string& name) const {
        for (const auto& declared : commands_) {
            if (declared.command->name() == name) return &declared.line;
        }
        return nullptr;
    }

    void add_program_level() {
        if (current_.starts_with('-')) return add_flags(CommandLine());
        for (const auto& [command, line] : commands_) {
            if (!command->hidden())
                found_.push_back({std::string(command->name()), std::string(command->description())});
        }
    }

    void add_flags(const CommandLine& line) {
        for (const auto& option : line.parameters()) {
            for (const auto& name : option.long_names())
                found_.push_back({"--" + name, first_line(option.description())});
            // A short name is worth showing only to those who ask with one dash.
            if (current_ != "-") continue;
            for (const auto& name : option.short_names())
                found_.push_back({"-" + name, first_line(option.description())});
        }
    }

    const Parameter* named_option(std::string_view word) const {
        for (const auto& option : command_->parameters()) {
            for (const auto& name : option.long_names()) {
                if (word == "--" + name) return &option;
            }
            for (const auto& name : option.short_names()) {
                if (word == "-" + name) return &option;
            }
        }
        return nullptr;
    }

    /// Follows the words as the parser would, to know what the last one is.
    void complete_in_command(std::size_t at) {
        const Parameter* waiting = nullptr;
        bool only_positionals = false;
        for (; at + 1 < words_.size(); ++at) {
            const auto& word = words_[at];
            if (waiting != nullptr) {
                note_value(*waiting, word);
                waiting = nullptr;
            } else if (only_positionals || !word.starts_with('-') || word == "-") {
                positionals_.push_back(word);
            } else if (word == "--") {
                only_positionals = true;
            } else if (const auto equals = word.find('='); equals != std::string::npos) {
                const auto* option = named_option(word.substr(0, equals));
                if (option != nullptr) note_value(*option, word.substr(equals + 1));
            } else {
                const auto* option = named_option(word);
                if (option != nullptr && !option->is_switch()) waiting = option;
            }
        }
        if (waiting != nullptr) return add_values(*waiting, "", current_);
        const auto equals = current_.find('=');
        if (!only_positionals && current_.starts_with("--") && equals != std::string::npos) {
            const auto* option = named_option(current_.substr(0, equals));
            if (option == nullptr) return;
            return add_values(*option, current_.substr(0, equals + 1), current_.substr(equals + 1));
        }
        if (!only_positionals && current_.starts_with('-')) return add_flags(*command_);
        if (const auto* option = positional_at(positionals_.size())) add_values(*option, "", current_);
    }

    /// The one that takes that word; the last one takes all that follow.
    const Parameter* positional_at(std::size_t number) const {
        const Parameter* found = nullptr;
        for (const auto& parameter : command_->parameters()) {
            if (!parameter.positional()) continue;
            if (number-- == 0) return &parameter;
            found = parameter.repeatable() ? &parameter : nullptr;
        }
        return found;
    }

    CompletionPlace place() const {
        CompletionPlace place{manifest_, files_};
        // In `run` and its like; an action or a code is no file.
        for (const auto& word : positionals_) {
            std::error_code ignored;
            if (fs::exists(word, ignored)) place.files.emplace_back(word);
        }
        return place;
    }

    void note_value(const Parameter& option, const std::string& value) {
        if (option.has_long_name("file")) files_.push_back(value);
        if (option.has_long_name("manifest")) manifest_ = value;
    }

    void add_values(const Parameter& option, const std::string& before, const std::string& typed) {
        const auto& choices = option.allowed();
        for (const auto& choice : choices)
            found_.push_back({before + choice, ""});
        if (!option.word().empty()) found_.push_back({before + option.word(), ""});
        if (!choices.empty()) return;
        if (auto known = known_values(option, typed)) {
            for (auto& candidate : *known)
                found_.push_back({before + candidate.value, std::move(candidate.description)});
            return;
        }
        const auto kind = option.value_name();
        if (kind == "PATH" || kind == "FILE" || kind == "DIR" || option.positional())
            add_paths(option, before, typed);
    }

    /// Values that mean something to the option; nothing when it takes paths or anything.
    std::optional<std::vector<Candidate>> known_values(const Parameter& option,
                                                       const std::string& typed) const {
        if (command_name_ == "new") {
            if (option.has_long_name("test"))
                return module_directory_candidates(place(), "relux/tests", typed);
            if (option.has_long_name("effect") || option.has_long_name("lib"))
                return module_directory_candidates(place(), "relux/lib", typed);
        }
        if (command_name_ == "explain" && option.positional())
            return positionals_.empty() ? diagnostic_candidates() : std::vector<Candidate>();
        if (option.has_long_name("file")) return test_file_candidates(place(), typed);
        if (option.has_long_name("manifest")) return manifest_candidates(typed);
        if (option.has_long_name("test") || option.has_long_name("why")) return test_name_candidates(place());
        if (option.has_long_name("filter")) return filter_candidates(place());
        if (auto found = setting_candidates(place(), option.names())) return found;
        if (command_name_ == "history" && (option.has_long_name("last") || option.has_long_name("top")))
            return std::vector<Candidate>{{"1", ""},  {"5", ""},  {"10", ""},
                                          {"20", ""}, {"50", ""}, {"100", ""}};
        return std::nullopt;
    }

    bool fits(const Parameter& option, const fs::path& file) const {
        const auto suffix = file.extension();
        if (option.has_long_name("output") || option.has_long_name("path") ||
            option.has_long_name("trace-file")) {
            return true;
        }
        const bool is_workflow = suffix == ".yaml" || suffix == ".yml";
        if (command_name_ == "flow") return is_workflow;
        return suffix == ".relux" || suffix == ".rxb" || is_workflow;
    }

    void add_paths(const Parameter& option, const std::string& before, const std::string& typed) {
        const auto slash = typed.rfind('/');
        const auto directory = slash == std::string::npos ? std::string() : typed.substr(0, slash + 1);
        const bool hidden = typed.substr(directory.size()).starts_with('.');
        std::vector<std::string> names;
        std::error_code error;
        const fs::path place = directory.empty() ? "." : directory;
        for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error)) {
            auto name = it->path().filename().string();
            if (name.starts_with('.') != hidden) continue;
            std::error_code ignored;
            if (it->is_directory(ignored)) {
                name += '/';
            } else if (!fits(option, it->path())) {
                continue;
            }
            names.push_back(before + directory + name);
        }
        std::sort(names.begin(), names.end());
        for (auto& name : names)
            found_.push_back({std::move(name), ""});
    }

    const std::vector<DeclaredCommand>& commands_;
    const std::vector<std::string>& words_;
    std::string current_;
    const CommandLine* command_ = nullptr;
    std::string command_name_;
    std::vector<std::string> positionals_;  ///< on the line before the cursor
    std::vector<fs::path> files_;           ///< the values of --file
    std::optional<fs::path> manifest_;
    std::vector<Candidate> found_;
};

}  // namespace

std::vector<Candidate> complete_words(const std::vector<DeclaredCommand>& commands,
                                      const std::vector<std::string>& words) {
    return Completion(commands, words).find();
}

}  // namespace relux::cli
