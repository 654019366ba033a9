// Declares what a command takes: its flags, options and positionals, as data. The parser, the help,
// completion and the manual pages all read these declarations; none of them is known here.
#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace relux::cli {

/// Where values go. What is pointed to outlives the parsing.
using Target = std::variant<std::monostate, bool*, std::string*, std::optional<std::string>*,
                            std::vector<std::string>*, std::filesystem::path*,
                            std::optional<std::filesystem::path>*, std::vector<std::filesystem::path>*,
                            std::optional<int>*, std::optional<std::size_t>*, std::optional<double>*>;

class Parameter {
  public:
    /// `names`: `-j,--jobs`, `--strict`, or for a positional its name in capitals.
    Parameter(std::string_view names, Target target, std::string_view description);

    // Declarations, to be chained.
    /// Says what stands for the value in help.
    Parameter& value(std::string_view name);
    /// A closed set of values.
    Parameter& choices(std::vector<std::string> choices);
    Parameter& required();
    /// The help shows what the target holds before parsing; for strings.
    Parameter& with_default();
    /// For a flag that sets its bool to false.
    Parameter& inverted();
    /// For an option that takes a number: the word may stand in its place, and sets `chosen`, which outlives
    /// the parsing.
    Parameter& or_word(std::string_view word, bool& chosen);
    /// For an option into a string whose value may be left out (`--shuffle`, `--shuffle=SEED`); it is `true`
    /// then.
    Parameter& value_optional();
    /// One flag may be followed by several values, for options into a vector.
    Parameter& several();
    /// At most so many values, for positionals into a vector.
    Parameter& at_most(int count);

    bool positional() const { return long_names_.empty() && short_names_.empty(); }
    /// A flag without a value, or with one that may be left out.
    bool is_switch() const;
    /// Takes several values.
    bool repeatable() const;
    bool has_long_name(std::string_view name) const;
    const std::string& names() const { return names_; }
    /// Gives the name that messages call it by: `--jobs`, `PATH`.
    std::string shown_name() const;
    const std::vector<std::string>& long_names() const { return long_names_; }
    const std::vector<std::string>& short_names() const { return short_names_; }
    const std::string& description() const { return description_; }
    const std::vector<std::string>& allowed() const { return choices_; }
    /// `N`, `PATH`, `all|fail-fast`; empty for a switch.
    std::string value_name() const;
    /// Empty unless with_default() was called.
    const std::string& default_text() const { return default_text_; }
    /// The word that may stand in place of a number; empty: none.
    const std::string& word() const { return word_; }
    bool is_required() const { return required_; }
    bool is_inverted() const { return inverted_; }
    bool takes_optional_value() const { return value_optional_; }
    bool takes_several() const { return several_; }
    std::optional<int> most() const { return most_; }
    const Target& target() const { return target_; }

    /// Stores what was given. An empty string, or why the value can't be taken, in words for a user.
    std::string assign(const std::vector<std::string>& values) const;

  private:
    std::string names_;
    std::vector<std::string> long_names_;
    std::vector<std::string> short_names_;
    Target target_;
    std::string description_;
    std::string value_;
    std::vector<std::string> choices_;
    std::string default_text_;
    std::string word_;
    bool* word_chosen_ = nullptr;
    bool required_ = false;
    bool inverted_ = false;
    bool value_optional_ = false;
    bool several_ = false;
    std::optional<int> most_;
};

/// Parameters of which a number can be given together.
struct ParameterGroup {
    std::string name;
    std::string description;    ///< how many: `exactly one`
    bool one_required = false;  ///< exactly one; else at most one
    std::vector<const Parameter*> members;
};

class CommandLine {
  public:
    /// With `--help` and `--version`, which every command has.
    CommandLine();
    CommandLine(CommandLine&&) = default;

    Parameter& flag(std::string_view names, bool& target, std::string_view description);
    Parameter& option(std::string_view names, Target target, std::string_view description);
    /// `members` were declared before.
    void exactly_one(std::string name, std::vector<const Parameter*> members);
    void at_most_one(std::string name, std::vector<const Parameter*> members);
    /// All words are taken as they are, flags too.
    void take_words(std::vector<std::string>& words) { words_ = &words; }

    const std::deque<Parameter>& parameters() const { return parameters_; }
    const std::vector<ParameterGroup>& groups() const { return groups_; }
    std::vector<std::string>* words() const { return words_; }

  private:
    std::deque<Parameter> parameters_;  // stable addresses
    std::vector<ParameterGroup> groups_;
    std::vector<std::string>* words_ = nullptr;
};

}  // namespace relux::cli
