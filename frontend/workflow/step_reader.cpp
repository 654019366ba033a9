// Reads what all steps have in common, and knows which keys each type has.
#include "frontend/workflow/step_reader.h"

#include <algorithm>
#include <array>
#include <utility>

namespace relux::workflow {

namespace {

constexpr Duration http_timeout = std::chrono::seconds(30);

constexpr std::array<std::string_view, 7> common_keys{"name",         "type",    "extract", "assert",
                                                      "ignore_error", "timeout", "cleanup"};
constexpr std::array<std::string_view, 7> step_types{"http", "shell", "db", "print", "if", "loop", "call"};

struct TypeKeys {
    std::string_view type;
    std::array<std::string_view, 5> keys;  ///< the rest is empty
};
constexpr std::array<TypeKeys, 7> keys_of_types{{
    {"http", {"request"}},
    {"shell", {"command", "commands", "parallel", "dir", "shell"}},
    {"db", {"query", "engine", "command", "db"}},
    {"print", {"message"}},
    {"if", {"condition", "then", "else"}},
    {"loop", {"foreach", "steps"}},
    {"call", {"file", "with", "target", "returns"}},
}};

template <class Keys>
bool has(const Keys& keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

const TypeKeys* find_type(std::string_view type) {
    for (const auto& row : keys_of_types) {
        if (row.type == type) return &row;
    }
    return nullptr;
}

/// `http`, `a shell step or a db step`: whose key that would be.
std::string owners(std::string_view key) {
    std::string text;
    for (const auto& row : keys_of_types) {
        if (has(row.keys, key)) text += (text.empty() ? "" : " and ") + std::string(row.type);
    }
    return text;
}

class StepReader {
  public:
    StepReader(DocumentContext& context, const Node& node, const KeyPath& path)
        : context_(context), node_(node), path_(path) {}

    /// Nothing when the type is not known.
    std::optional<Step> read() {
        if (!node_.is_map()) {
            context_.report_type(path_, node_, "a map");
            return std::nullopt;
        }
        step_.place = node_.place;
        step_.key_path = path_.text();
        auto type = read_type();
        check_keys(type);
        // The keys are checked above, by type.
        MapReader reader(context_, node_, path_, "a step", all_keys());
        read_step_name(reader);
        read_common(reader, type);
        if (type.empty() || !read_action(context_, type, reader, path_, step_)) return std::nullopt;
        if (type == "http" && !step_.timeout) step_.timeout = http_timeout;
        return std::move(step_);
    }

  private:
    std::vector<std::string_view> all_keys() const {
        std::vector<std::string_view> keys;
        for (const auto& entry : node_.entries)
            keys.push_back(entry.key.text);
        return keys;
    }

    /// Empty when there is none that is known.
    std::string_view read_type() {
        const auto* node = node_.find("type");
        if (node == nullptr) {
            context_.report(path_.key("type"), node_.place, "`type` is required, but missing");
            return {};
        }
        auto here = path_.key("type");
        auto type = read_name(context_, *node, here);
        if (!type) return {};
        if (const auto* known = find_type(*type)) return known->type;
        context_.report(here, node->place, "unknown type " + shown(*type) + suggestion(*type, step_types));
        return {};
    }

    void check_keys(std::string_view type) {
        const auto* own = find_type(type);
        std::vector<std::string_view> known(common_keys.begin(), common_keys.end());
        for (const auto& row : keys_of_types) {
            if (own == nullptr || own == &row) known.insert(known.end(), row.keys.begin(), row.keys.end());
        }
        std::erase(known, std::string_view());
        for (const auto& entry : node_.entries)
            check_key(entry, type, known);
    }

    void check_key(const NodeEntry& entry, std::string_view type, std::span<const std::string_view> known) {
        const auto& key = entry.key.text;
        auto here = path_.key(key);
        if (type == "print" && key == "extract") {
            context_.report(here, entry.key.place, "a print step has no result that `extract` could look at");
        } else if (!has(known, key)) {
            auto message = type.empty()
                               ? "unknown key " + shown(key)
                               : "unknown key " + shown(key) + " in a step of type " + std::string(type);
            auto others = owners(key);
            message += others.empty() || type.empty() ? suggestion(key, known) : "; it is a key of " + others;
            context_.report(here, entry.key.place, std::move(message));
        }
    }

    void read_step_name(const MapReader& reader) {
        const auto* node = reader.require("name");
        if (node == nullptr) return;
        auto here = path_.key("name");
        auto name = read_name(context_, *node, here);
        if (!name) return;
        step_.name = context_.step_prefix + *name;
        if (auto title = read_template(context_, *node, here)) step_.title = std::move(*title);
        prefix(step_.title);
        context_.step_names.push_back({step_.name, node->place, here.text()});
    }

    void prefix(Template& title) const {
        if (context_.step_prefix.empty()) return;
        title.source.insert(0, context_.step_prefix);
        auto* text = title.parts.empty() ? nullptr : std::get_if<std::string>(&title.parts.front());
        if (text != nullptr) {
            text->insert(0, context_.step_prefix);
        } else {
            title.parts.insert(title.parts.begin(), context_.step_prefix);
        }
    }

    void read_common(const MapReader& reader, std::string_view type) {
        if (const auto* node = reader.find("ignore_error")) {
            step_.ignore_error = read_boolean(context_, *node, path_.key("ignore_error")).value_or(false);
        }
        if (const auto* node = reader.find("timeout"))
            step_.timeout = read_timeout(context_, *node, path_.key("timeout"));
        if (const auto* node = reader.find("cleanup")) read_cleanup(*node);
        const auto* extract = type == "print" ? nullptr : reader.find("extract");
        if (extract != nullptr) step_.extract = read_extractions(context_, *extract, path_.key("extract"));
        const bool has_document = type == "http" || type == "shell" || type == "db";
        if (const auto* node = reader.find("assert"))
            read_assertions(*node, has_document ? LeftSide::Document : LeftSide::Variables);
    }

    void read_cleanup(const Node& node) {
        auto here = path_.key("cleanup");
        if (!node.is_list()) {
            context_.report_type(here, node, "a list of variables");
            return;
        }
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            auto at = here.item(i);
            auto name = read_name(context_, node.items[i], at);
            if (name && check_variable_name(context_, *name, node.items[i].place, at))
                step_.cleanup.push_back(std::move(*name));
        }
    }

    void read_assertions(const Node& node, LeftSide side) {
        auto here = path_.key("assert");
        if (!node.is_list()) {
            context_.report_type(here, node, "a list of assertions");
            return;
        }
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            auto assertion = read_assertion(context_, node.items[i], here.item(i), side);
            if (assertion) step_.assertions.push_back(std::move(*assertion));
        }
    }

    DocumentContext& context_;
    const Node& node_;
    const KeyPath& path_;
    Step step_;
};

}  // namespace

std::optional<Duration> read_timeout(const DocumentContext& context, const Node& node, const KeyPath& path) {
    const auto* text = node.string();
    if (text == nullptr) {
        bool number = std::holds_alternative<std::int64_t>(node.scalar) && node.kind == Node::Kind::Leaf;
        context.report_type(
            path, node,
            number ? "a duration with a unit, as in `" + node.text + "s`" : "a duration, as in `30s`");
        return std::nullopt;
    }
    auto duration = parse_duration(*text, false);
    if (duration) return *duration;
    context.report(path, node.place, duration.error().message);
    return std::nullopt;
}

std::vector<Step> read_steps(DocumentContext& context, const Node& node, const KeyPath& path) {
    std::vector<Step> steps;
    if (!node.is_list()) {
        context.report_type(path, node, "a list of steps");
        return steps;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        auto step = StepReader(context, node.items[i], path.item(i)).read();
        if (step) steps.push_back(std::move(*step));
    }
    return steps;
}

}  // namespace relux::workflow
