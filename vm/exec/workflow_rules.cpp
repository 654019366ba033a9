// Checks what must hold before the first step of a workflow: the rules of `config.validate`.
#include "vm/data/function.h"
#include "vm/data/json.h"
#include "vm/data/number.h"
#include "vm/data/render.h"
#include "vm/exec/execution.h"
#include "vm/exec/workflow_state.h"

namespace relux::exec {

using bytecode::Opcode;

using data::Json;
using data::StateBag;

namespace {

std::string member_text(const Json& rule, std::string_view name) {
    const auto* member = data::find_member(rule, name);
    const auto* text = member == nullptr ? nullptr : data::text_of(*member);
    return text == nullptr ? std::string() : *text;
}

/// Variables of the environment are texts, so a text that reads wholly as a number or a boolean is one.
bool is_of_type(const Json& value, std::string_view type) {
    if (type == "string") return value.is_string();
    if (type == "number") return value.is_number() || (value.is_string() && data::number_of(value));
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    const auto* text = data::text_of(value);
    return value.is_boolean() || (text != nullptr && (*text == "true" || *text == "false"));
}

/// Gives the value that the variable has, or will have; null: none.
const Json* value_for(const Json& rule, const StateBag& bag) {
    const auto* value = bag.find(member_text(rule, "name"));
    return value == nullptr || value->is_null() ? data::find_member(rule, "default") : value;
}

/// Says what is wrong with the variable, as the end of a sentence; empty: nothing.
std::string fault(const Json& rule, const Json& value, data::Context& context) {
    const auto type = member_text(rule, "type");
    if (!type.empty() && !is_of_type(value, type)) {
        const bool vowel = type == "array" || type == "object";
        return std::string("must be ") + (vowel ? "an " : "a ") + type + ", not " +
               data::type_with_article(value) + ": " + data::shown(value);
    }
    const auto pattern = member_text(rule, "pattern");
    if (pattern.empty()) return {};
    const Json arguments[] = {Json(data::render_text(value)), Json(pattern)};
    const auto found = data::call_function(data::FunctionId::regex_match, arguments, context);
    if (!found) return "has a pattern that cannot be used: " + found.error().message;
    return found->get<bool>() ? std::string()
                              : "must match the pattern " + pattern + ", got " + data::shown(value);
}

}  // namespace

template <>
bool Execution::execute<Opcode::Validate>(Word word) {
    auto& state = *fiber_.workflow_;
    const Json rules = d(word.a());
    if (!rules.is_array()) return fail_step("config.validate: " + data::type_with_article(rules));
    // The faults of those that have a value. First of all, since it begins again when a search has been made
    // elsewhere.
    std::vector<std::string> faults(rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const auto* value = value_for(rules[i], state.bag());
        if (value != nullptr) faults[i] = fault(rules[i], *value, state.context_);
        if (state.context_.left_search) break;
    }
    if (leaves_search()) return false;
    std::string problems;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const auto& rule = rules[i];
        const auto name = member_text(rule, "name");
        note_environment(name);
        const auto* value = state.bag().find(name);
        const auto* fallback = data::find_member(rule, "default");
        const bool is_missing = value == nullptr || value->is_null();
        if (is_missing && fallback != nullptr) {
            note(Note::Kind::Let, name, data::render_text(*fallback));
            state.bag().set(StateBag::Layer::Configuration, name, *fallback);
        } else if (is_missing) {
            if (const auto* required = data::find_member(rule, "required");
                required != nullptr && *required == true)
                problems += "config.validate: `" + name +
                            "` is required, but missing; set it in config.vars or in the environment\n";
            continue;
        }
        if (!faults[i].empty()) problems += "config.validate: `" + name + "` " + faults[i] + "\n";
    }
    if (!problems.empty()) {
        problems.pop_back();
        return fail_step(std::move(problems));
    }
    return advance();
}

template <>
bool Execution::execute<Opcode::Cleanup>(Word word) {
    auto& frame = fiber_.workflow_->frames_.back();
    const auto& names = d(word.a());
    for (const auto& name : names.is_array() ? names : Json::array())
        frame.cleanup.push_back(data::render_text(name));
    return advance();
}

}  // namespace relux::exec
