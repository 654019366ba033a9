#include "frontend/workflow/document_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "vm/value/text_cursor.h"

namespace relux::workflow {

namespace {

/// A template, its errors reported at their places.
Template make_template(const DocumentContext& context, const Node& node, const KeyPath& path) {
    TextPlaces places(context.file, node);
    std::vector<SyntaxError> errors;
    auto result = parse_template(
        node.text, [&](std::size_t offset) { return places(offset); }, errors);
    for (auto& error : errors)
        context.report(path, places(error.offset), "template: " + std::move(error.message));
    return result;
}

bool is_header_name(std::string_view name) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || value::is_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lower(x) == lower(y); });
}

/// A header is one line: a line break in its text would be a second header, or the end of them.
bool has_line_break(const Template& text) {
    return std::any_of(text.parts.begin(), text.parts.end(), [](const auto& part) {
        const auto* literal = std::get_if<std::string>(&part);
        return literal != nullptr && literal->find('\n') != std::string::npos;
    });
}

struct ScalarToValue {
    Value& value;
    void operator()(const std::string&) const {}  // a template; made by the caller
    template <class T>
    void operator()(const T& scalar) const {
        value.value = scalar;
    }
};

}  // namespace

void DocumentContext::report(const KeyPath& path, Place place, std::string message) const {
    problems.add({file.name, document, path.text(), place, std::move(message)});
}

void DocumentContext::report_type(const KeyPath& path, const Node& node, std::string_view wanted) const {
    std::string message = "must be " + std::string(wanted);
    message += node.is_null() ? ", but nothing is there" : ", not " + describe(node);
    bool quotable = node.kind == Node::Kind::Leaf && node.string() == nullptr && !node.is_null();
    if (quotable && wanted == "a string") message += "; quote it";
    report(path, node.place, std::move(message));
}

MapReader::MapReader(const DocumentContext& context, const Node& node, const KeyPath& path,
                     std::string_view what, std::span<const std::string_view> known)
    : context_(context), node_(node), path_(path) {
    if (!node.is_map()) {
        context.report_type(path, node, "a map");
        return;
    }
    for (const auto& entry : node.entries) {
        const auto& key = entry.key.text;
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        context.report(path.key(key), entry.key.place,
                       "unknown key " + shown(key) + " in " + std::string(what) + suggestion(key, known));
    }
}

const Node* MapReader::require(std::string_view key) const {
    const auto* value = node_.find(key);
    if (value == nullptr && node_.is_map()) {
        context_.report(path_.key(key), node_.place, shown(key) + " is required, but missing");
    }
    return value;
}

std::optional<std::string> read_name(const DocumentContext& context, const Node& node, const KeyPath& path) {
    const auto* text = node.string();
    if (text == nullptr) {
        context.report_type(path, node, "a string");
        return std::nullopt;
    }
    bool control = std::any_of(text->begin(), text->end(), [](char c) { return c == '\n' || c == '\t'; });
    if (text->find_first_not_of(" \t\n") == std::string::npos) {
        context.report(path, node.place, "must not be empty");
        return std::nullopt;
    }
    if (control) {
        context.report(path, node.place, "must be one line, without tabs");
        return std::nullopt;
    }
    return *text;
}

std::optional<std::string> read_file_name(const DocumentContext& context, const Node& node,
                                          const KeyPath& path) {
    auto name = read_name(context, node, path);
    if (!name || name->find("{{") == std::string::npos) return name;
    context.report(path, node.place,
                   "a file cannot be named by a template: files are read before anything runs");
    return std::nullopt;
}

std::optional<bool> read_boolean(const DocumentContext& context, const Node& node, const KeyPath& path) {
    const auto* value = node.kind == Node::Kind::Leaf ? std::get_if<bool>(&node.scalar) : nullptr;
    if (value != nullptr) return *value;
    context.report_type(path, node, "true or false");
    return std::nullopt;
}

std::optional<Template> read_template(const DocumentContext& context, const Node& node, const KeyPath& path) {
    if (node.string() == nullptr) {
        context.report_type(path, node, "a string");
        return std::nullopt;
    }
    return make_template(context, node, path);
}

std::optional<Template> read_text(const DocumentContext& context, const Node& node, const KeyPath& path) {
    if (node.kind != Node::Kind::Leaf || node.is_null()) {
        context.report_type(path, node, "a string");
        return std::nullopt;
    }
    return make_template(context, node, path);
}

std::optional<Value> read_value(const DocumentContext& context, const Node& node, const KeyPath& path) {
    Value value;
    value.place = node.place;
    if (node.is_list()) {
        std::vector<Value> items;
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            if (auto item = read_value(context, node.items[i], path.item(i)))
                items.push_back(std::move(*item));
        }
        value.value = std::move(items);
    } else if (node.is_map()) {
        ValueMap members;
        for (const auto& entry : node.entries) {
            auto member = read_value(context, entry.value, path.key(entry.key.text));
            if (member) members.push_back({entry.key.text, std::move(*member)});
        }
        value.value = std::move(members);
    } else if (node.string() != nullptr) {
        value.value = make_template(context, node, path);
    } else {
        std::visit(ScalarToValue{value}, node.scalar);
    }
    return value;
}

std::vector<Template> read_texts(const DocumentContext& context, const Node& node, const KeyPath& path) {
    std::vector<Template> texts;
    if (!node.is_list()) {
        context.report_type(path, node, "a list");
        return texts;
    }
    if (node.items.empty()) context.report(path, node.place, "must not be empty");
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (auto text = read_text(context, node.items[i], path.item(i))) texts.push_back(std::move(*text));
    }
    return texts;
}

std::vector<NamedValue> read_variables(const DocumentContext& context, const Node& node,
                                       const KeyPath& path) {
    std::vector<NamedValue> variables;
    if (!node.is_map()) {
        context.report_type(path, node, "a map");
        return variables;
    }
    for (const auto& entry : node.entries) {
        auto here = path.key(entry.key.text);
        check_variable_name(context, entry.key.text, entry.key.place, here);
        auto value = read_value(context, entry.value, here);
        if (value) variables.push_back({entry.key.place, entry.key.text, std::move(*value)});
    }
    return variables;
}

std::vector<NamedText> read_headers(const DocumentContext& context, const Node& node, const KeyPath& path) {
    std::vector<NamedText> headers;
    if (!node.is_map()) {
        context.report_type(path, node, "a map");
        return headers;
    }
    for (const auto& [key, value] : node.entries) {
        auto here = path.key(key.text);
        if (!is_header_name(key.text)) {
            context.report(here, key.place, shown(key.text) + " cannot be the name of a header");
        }
        for (const auto& header : headers) {
            if (!equal_ignoring_case(header.name, key.text)) continue;
            context.report(
                here, key.place,
                "the header " + shown(header.name) + " is there already: case makes no difference");
        }
        auto text = read_text(context, value, here);
        if (!text) continue;
        if (has_line_break(*text)) context.report(here, value.place, "a header must be one line");
        headers.push_back({key.place, key.text, std::move(*text)});
    }
    return headers;
}

std::optional<PathText> read_path(const DocumentContext& context, const Node& node, const KeyPath& path) {
    if (node.string() == nullptr) {
        context.report_type(path, node, "a path");
        return std::nullopt;
    }
    PathText result{node.place, node.text, {}};
    if (node.text.find("{{") != std::string::npos) {
        auto text = make_template(context, node, path);
        // Rendered, it would be taken for a path: what is meant is nearly always the variable itself.
        if (const auto* alone = text.expression()) {
            const auto* variable = std::get_if<Variable>(&alone->value);
            context.report(
                path, node.place,
                "a path is wanted here, not a template" +
                    (variable != nullptr ? "; for the variable write " + shown(written_variable(*variable))
                                         : ""));
            return std::nullopt;
        }
        result.content = std::move(text);
        return result;
    }
    auto parsed = value::parse_path(node.text, value::PathNames::Written);
    if (const auto* error = std::get_if<SyntaxError>(&parsed)) {
        TextPlaces places(context.file, node);
        context.report(path, places(error->offset),
                       "path " + shown(node.text) + ": " + error->message + " (column " +
                           std::to_string(error->offset + 1) + ")");
        return std::nullopt;
    }
    result.content = std::get<value::Path>(std::move(parsed));
    return result;
}

std::vector<Extraction> read_extractions(const DocumentContext& context, const Node& node,
                                         const KeyPath& path) {
    std::vector<Extraction> extractions;
    if (!node.is_map()) {
        context.report_type(path, node, "a map of variables to paths");
        return extractions;
    }
    for (const auto& [key, value] : node.entries) {
        auto here = path.key(key.text);
        check_variable_name(context, key.text, key.place, here);
        auto wanted = read_path(context, value, here);
        if (wanted) extractions.push_back({key.place, key.text, std::move(*wanted)});
    }
    return extractions;
}

bool check_variable_name(const DocumentContext& context, std::string_view name, Place place,
                         const KeyPath& path) {
    constexpr std::array<std::string_view, 3> literals{"true", "false", "null"};
    if (std::find(literals.begin(), literals.end(), name) != literals.end()) {
        context.report(path, place, shown(name) + " cannot be a variable: it is a literal");
        return false;
    }
    if (value::is_variable_name(name)) return true;
    context.report(path, place,
                   shown(name) +
                       " cannot be a variable: a name has letters, digits, `_` and `-`, and "
                       "begins with a letter or `_`");
    return false;
}

}  // namespace relux::workflow
