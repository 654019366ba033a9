#include "tools/cli/command_line.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>
#include <utility>

#include "vm/base/text.h"

namespace relux::cli {

namespace {

template <typename Number>
bool read_number(const std::string& text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

std::string in_quotes(const std::string& text) {
    return "`" + visible(text, false) + "`";
}

/// Stores the values of one parameter; the result of each is the error, empty if there is none.
class Assignment {
  public:
    Assignment(std::string name, const std::vector<std::string>& values, const std::string& word)
        : name_(std::move(name)), values_(values), word_(word) {}

    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(bool* target) const {
        *target = values_.back() != "false";
        return {};
    }
    std::string operator()(std::optional<int>* target) const {
        int number = 0;
        if (!read_number(values_.back(), number)) return expected("a whole number");
        *target = number;
        return {};
    }
    std::string operator()(std::optional<std::size_t>* target) const {
        std::size_t number = 0;
        if (!read_number(values_.back(), number) || number == 0) return expected("a whole number above 0");
        *target = number;
        return {};
    }
    std::string operator()(std::optional<double>* target) const {
        double number = 0;
        if (!read_number(values_.back(), number) || !std::isfinite(number)) return expected("a number");
        *target = number;
        return {};
    }
    template <typename Text>
    std::string operator()(std::vector<Text>* target) const {
        target->assign(values_.begin(), values_.end());
        return {};
    }
    template <typename Text>
    std::string operator()(Text* target) const {
        *target = values_.back();
        return {};
    }

  private:
    std::string expected(const std::string& what) const {
        const auto alternative = word_.empty() ? std::string() : " or " + in_quotes(word_);
        return name_ + " needs " + what + alternative + ", not " + in_quotes(values_.back());
    }

    std::string name_;
    const std::vector<std::string>& values_;
    const std::string& word_;  ///< that may stand in place of a number; empty: none
};

}  // namespace

Parameter::Parameter(std::string_view names, Target target, std::string_view description)
    : names_(names), target_(target), description_(description) {
    for (std::size_t at = 0; at < names.size();) {
        const auto comma = std::min(names.find(',', at), names.size());
        const auto name = names.substr(at, comma - at);
        if (name.starts_with("--")) {
            long_names_.emplace_back(name.substr(2));
        } else if (name.starts_with('-')) {
            short_names_.emplace_back(name.substr(1));
        }
        at = comma + 1;
    }
}

Parameter& Parameter::value(std::string_view name) {
    value_ = name;
    return *this;
}

Parameter& Parameter::choices(std::vector<std::string> choices) {
    choices_ = std::move(choices);
    return *this;
}

Parameter& Parameter::required() {
    required_ = true;
    return *this;
}

Parameter& Parameter::with_default() {
    if (const auto* const* text = std::get_if<std::string*>(&target_)) default_text_ = **text;
    return *this;
}

Parameter& Parameter::inverted() {
    inverted_ = true;
    return *this;
}

Parameter& Parameter::or_word(std::string_view word, bool& chosen) {
    word_ = word;
    word_chosen_ = &chosen;
    return *this;
}

Parameter& Parameter::value_optional() {
    value_optional_ = true;
    return *this;
}

Parameter& Parameter::several() {
    several_ = true;
    return *this;
}

Parameter& Parameter::at_most(int count) {
    most_ = count;
    return *this;
}

bool Parameter::is_switch() const {
    return std::holds_alternative<bool*>(target_) || std::holds_alternative<std::monostate>(target_) ||
           value_optional_;
}

bool Parameter::repeatable() const {
    return std::holds_alternative<std::vector<std::string>*>(target_) ||
           std::holds_alternative<std::vector<std::filesystem::path>*>(target_);
}

bool Parameter::has_long_name(std::string_view name) const {
    return std::find(long_names_.begin(), long_names_.end(), name) != long_names_.end();
}

std::string Parameter::shown_name() const {
    if (positional()) return names_;
    return long_names_.empty() ? "-" + short_names_.front() : "--" + long_names_.front();
}

std::string Parameter::value_name() const {
    if (is_switch()) return {};
    if (!value_.empty()) return value_;
    std::string text;
    for (const auto& choice : choices_)
        text += (text.empty() ? "" : "|") + choice;
    return text.empty() ? "TEXT" : text;
}

std::string Parameter::assign(const std::vector<std::string>& values) const {
    if (values.empty()) return {};
    if (inverted_) {
        *std::get<bool*>(target_) = false;
        return {};
    }
    const auto name = shown_name();
    if (!choices_.empty() && std::find(choices_.begin(), choices_.end(), values.back()) == choices_.end()) {
        const std::vector<std::string_view> known(choices_.begin(), choices_.end());
        const auto nearest = nearest_name(values.back(), known);
        std::string message = name + " is one of ";
        for (std::size_t i = 0; i < choices_.size(); ++i) {
            if (i > 0) message += i + 1 == choices_.size() ? " and " : ", ";
            message += choices_[i];
        }
        message += ", not " + in_quotes(values.back());
        if (!nearest.empty()) message += "; did you mean `" + std::string(nearest) + "`?";
        return message;
    }
    if (word_chosen_ != nullptr) {
        *word_chosen_ = values.back() == word_;
        if (*word_chosen_) return {};
    }
    return std::visit(Assignment(name, values, word_), target_);
}

CommandLine::CommandLine() {
    parameters_.emplace_back("-h,--help", std::monostate(), "Print this help and exit");
    parameters_.emplace_back("-V,--version", std::monostate(), "Print the version and exit");
}

Parameter& CommandLine::flag(std::string_view names, bool& target, std::string_view description) {
    return parameters_.emplace_back(names, &target, description);
}

Parameter& CommandLine::option(std::string_view names, Target target, std::string_view description) {
    return parameters_.emplace_back(names, target, description);
}

void CommandLine::exactly_one(std::string name, std::vector<const Parameter*> members) {
    groups_.push_back({std::move(name), "exactly one", true, std::move(members)});
}

void CommandLine::at_most_one(std::string name, std::vector<const Parameter*> members) {
    groups_.push_back({std::move(name), "at most one", false, std::move(members)});
}

}  // namespace relux::cli
