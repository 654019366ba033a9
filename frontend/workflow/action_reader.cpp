// Reads what each type of step has of its own.
#include <algorithm>
#include <array>
#include <utility>

#include "frontend/workflow/step_reader.h"
#include "vm/value/text_cursor.h"

namespace relux::workflow {

namespace {

constexpr std::array<std::string_view, 4> request_keys{"method", "url", "headers", "body"};
constexpr std::array<std::string_view, 8> methods{"GET",    "POST", "PUT",     "PATCH",
                                                  "DELETE", "HEAD", "OPTIONS", "TRACE"};
constexpr std::array<std::string_view, 5> shell_keys{"command", "commands", "parallel", "dir", "timeout"};
constexpr std::array<std::string_view, 3> db_keys{"engine", "query", "command"};
constexpr std::uint64_t longest_range = 10'000;
constexpr std::array<std::string_view, 3> engines{"postgres", "sqlite", "redis"};

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return result;
}

std::string_view trimmed(std::string_view text) {
    auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// `1..30`, as far as it is one.
std::optional<LoopAction::Range> parse_range(std::string_view text) {
    const auto dots = text.find("..");
    if (dots == std::string_view::npos) return std::nullopt;
    const auto first = value::to_integer(trimmed(text.substr(0, dots)));
    const auto last = value::to_integer(trimmed(text.substr(dots + 2)));
    if (!first || !last) return std::nullopt;
    return LoopAction::Range{*first, *last};
}

/// How many numbers are in it, the greatest number there is when they can't be counted.
std::uint64_t size_of(const LoopAction::Range& range) {
    const auto low = static_cast<std::uint64_t>(std::min(range.first, range.last));
    const auto distance = static_cast<std::uint64_t>(std::max(range.first, range.last)) - low;
    return distance == UINT64_MAX ? distance : distance + 1;
}

/// The keys of a step that may also stand in a map of their own: `shell: {command: ...}`.
class NestedKeys {
  public:
    struct Found {
        const Node* node = nullptr;  ///< null when the key is in neither place
        KeyPath path;
    };

    /// All of them outlive it. Reports keys that the map must not have, and those that are in both places.
    NestedKeys(const DocumentContext& context, const MapReader& step, const KeyPath& path,
               std::string_view name, std::span<const std::string_view> keys)
        : step_(step), path_(path), nested_path_(path.key(name)), nested_(step.find(name)) {
        if (nested_ == nullptr) return;
        const MapReader reader(context, *nested_, nested_path_, "`" + std::string(name) + "`", keys);
        for (const auto key : keys) {
            const auto* own = step.find(key);
            if (own == nullptr || nested_->find(key) == nullptr) continue;
            context.report(path.key(key), own->place,
                           shown(key) + " is in `" + std::string(name) + "` too; write it once");
        }
    }

    Found find(std::string_view key) const {
        const auto* inner = nested_ == nullptr ? nullptr : nested_->find(key);
        if (inner != nullptr) return {inner, nested_path_.key(key)};
        return {step_.find(key), path_.key(key)};
    }
    /// Where a key that is missing would be.
    KeyPath path(std::string_view key) const { return (nested_ == nullptr ? path_ : nested_path_).key(key); }
    Place place() const { return nested_ == nullptr ? step_.place() : nested_->place; }

  private:
    const MapReader& step_;
    const KeyPath& path_;
    KeyPath nested_path_;
    const Node* nested_;
};

class ActionReader {
  public:
    ActionReader(DocumentContext& context, const MapReader& reader, const KeyPath& path)
        : context_(context), reader_(reader), path_(path) {}

    HttpAction http() {
        HttpAction action;
        const auto* request = reader_.require("request");
        if (request == nullptr) return action;
        auto here = path_.key("request");
        MapReader keys(context_, *request, here, "a request", request_keys);
        if (const auto* url = keys.require("url")) action.url = text(*url, here.key("url"));
        read_method(keys.find("method"), here.key("method"), action.method);
        if (const auto* headers = keys.find("headers")) {
            action.headers = read_headers(context_, *headers, here.key("headers"));
        }
        if (const auto* body = keys.find("body")) read_body(*body, here.key("body"), action);
        return action;
    }

    ShellAction shell(Step& step) {
        ShellAction action;
        const NestedKeys keys(context_, reader_, path_, "shell", shell_keys);
        const auto command = keys.find("command");
        const auto commands = keys.find("commands");
        if (command.node != nullptr && commands.node != nullptr) {
            context_.report(command.path, command.node->place,
                            "a step has `command` or `commands`, not both");
        }
        if (commands.node != nullptr) {
            action.commands = read_texts(context_, *commands.node, commands.path);
        } else if (command.node != nullptr && command.node->is_list()) {
            action.commands = read_texts(context_, *command.node, command.path);
        } else if (command.node != nullptr) {
            action.commands.push_back(text(*command.node, command.path));
        } else {
            context_.report(keys.path("command"), keys.place(), "a shell step needs `command` or `commands`");
        }
        if (const auto parallel = keys.find("parallel"); parallel.node != nullptr)
            action.parallel = read_boolean(context_, *parallel.node, parallel.path).value_or(false);
        if (const auto directory = keys.find("dir"); directory.node != nullptr)
            action.directory = text(*directory.node, directory.path);
        const auto timeout = keys.find("timeout");
        if (timeout.node != nullptr && timeout.node != reader_.find("timeout"))
            step.timeout = read_timeout(context_, *timeout.node, timeout.path);
        return action;
    }

    DbAction db() {
        DbAction action;
        const NestedKeys keys(context_, reader_, path_, "db", db_keys);
        if (const auto engine = keys.find("engine"); engine.node != nullptr)
            read_engine(*engine.node, engine.path, action);
        const auto query = keys.find("query");
        const auto command = keys.find("command");
        const bool redis = action.engine == DbAction::Engine::Redis;
        if (redis && query.node != nullptr) {
            context_.report(query.path, query.node->place,
                            "redis takes `command`, a list of words, not `query`");
        } else if (!redis && command.node != nullptr) {
            context_.report(command.path, command.node->place,
                            "only redis takes `command`; write `engine: redis` or `query`");
        }
        if (redis && command.node != nullptr) {
            action.command = read_texts(context_, *command.node, command.path);
        } else if (!redis && query.node != nullptr) {
            action.query = text(*query.node, query.path);
        } else if (query.node == nullptr && command.node == nullptr) {
            const std::string_view wanted = redis ? "command" : "query";
            context_.report(keys.path(wanted), keys.place(), shown(wanted) + " is required, but missing");
        }
        return action;
    }

    PrintAction print() {
        const auto* message = reader_.require("message");
        auto text =
            message == nullptr ? std::nullopt : read_template(context_, *message, path_.key("message"));
        return {text ? std::move(*text) : Template{}};
    }

    IfAction branch() {
        IfAction action;
        if (const auto* condition = reader_.require("condition")) {
            auto read = read_assertion(context_, *condition, path_.key("condition"), LeftSide::Variables);
            if (read) action.condition = std::move(*read);
        }
        if (const auto* then = reader_.require("then")) action.then_steps = steps(*then, "then");
        if (const auto* otherwise = reader_.find("else")) action.else_steps = steps(*otherwise, "else");
        return action;
    }

    LoopAction loop() {
        LoopAction action;
        if (const auto* foreach_node = reader_.require("foreach")) read_foreach(*foreach_node, action);
        if (const auto* body = reader_.require("steps")) action.steps = steps(*body, "steps");
        return action;
    }

    CallAction call() {
        CallAction action;
        FileUse use{FileUse::Kind::Call,       {}, {}, path_.key("file").text(), {}, {},
                    path_.key("target").text()};
        if (const auto* target = reader_.find("target")) {
            action.target = read_name(context_, *target, path_.key("target")).value_or("");
            use.target = action.target;
            use.target_place = target->place;
        }
        if (const auto* with = reader_.find("with"))
            action.with = read_variables(context_, *with, path_.key("with"));
        if (const auto* returns = reader_.find("returns")) action.returns = read_returns(*returns);
        if (const auto* file = reader_.require("file")) {
            action.place = file->place;
            if (auto name = read_file_name(context_, *file, path_.key("file"))) {
                use.file = action.file = *name;
                use.place = file->place;
                action.workflow = context_.use_file(use);
            }
        }
        return action;
    }

  private:
    Place place() const { return reader_.place(); }

    /// A string with templates that is not empty.
    Template text(const Node& node, const KeyPath& path) {
        auto read = read_template(context_, node, path);
        if (!read) return {};
        if (trimmed(read->source).empty()) context_.report(path, node.place, "must not be empty");
        return std::move(*read);
    }

    void read_method(const Node* node, const KeyPath& path, Template& method) {
        method.parts = {std::string("GET")};
        method.source = "GET";
        if (node == nullptr) return;
        auto read = read_template(context_, *node, path);
        if (!read) return;
        method = std::move(*read);
        const auto* literal = method.text();
        if (literal == nullptr) return;
        auto name = upper(*literal);
        bool token = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
        });
        bool known = std::find(methods.begin(), methods.end(), name) != methods.end();
        // Others exist (PROPFIND); a near miss is a typing mistake.
        auto near = known ? std::string() : suggestion(name, methods);
        if (!token || near.starts_with("; did")) {
            context_.report(path, node->place, "unknown method " + shown(*literal) + near);
        }
        method.parts = {name};
    }

    void read_body(const Node& node, const KeyPath& path, HttpAction& action) {
        bool scalar = node.kind == Node::Kind::Leaf && node.string() == nullptr;
        if (scalar) {
            context_.report_type(path, node, "a map, a list or a string");
        } else {
            action.body = read_value(context_, node, path);
        }
    }

    void read_engine(const Node& node, const KeyPath& here, DbAction& action) {
        auto name = read_name(context_, node, here);
        if (!name) return;
        auto found = std::find(engines.begin(), engines.end(), *name);
        if (found == engines.end()) {
            context_.report(here, node.place, "unknown engine " + shown(*name) + suggestion(*name, engines));
        } else {
            action.engine = static_cast<DbAction::Engine>(found - engines.begin());
        }
    }

    std::vector<Step> steps(const Node& node, std::string_view key) {
        auto here = path_.key(key);
        auto read = read_steps(context_, node, here);
        if (node.is_list() && node.items.empty())
            context_.report(here, node.place, "must have at least one step");
        return read;
    }

    void read_foreach(const Node& node, LoopAction& action) {
        auto here = path_.key("foreach");
        action.place = node.place;
        const auto* text = node.string();
        if (text == nullptr) {
            context_.report_type(here, node, "a string, as in \"users, user\"");
            return;
        }
        auto comma = text->rfind(',');
        if (comma == std::string::npos) {
            context_.report(
                here, node.place,
                "must be \"list_variable, item_variable\" or \"1..30, item_variable\", not " + shown(*text));
            return;
        }
        auto list = trimmed(std::string_view(*text).substr(0, comma));
        auto item = trimmed(std::string_view(*text).substr(comma + 1));
        action.item = std::string(item);
        if (check_variable_name(context_, item, node.place, here) && item == "index") {
            context_.report(here, node.place,
                            "the item cannot be named `index`: that is the number of the round");
        }
        if (list.starts_with("{{")) {
            context_.report(here, node.place,
                            "the list is a variable's name, not a template: \"users, user\"");
            return;
        }
        if ((action.range = parse_range(list))) {
            const auto size = size_of(*action.range);
            if (size > longest_range) {
                context_.report(here, node.place,
                                "a range has at most " + std::to_string(longest_range) + " numbers; " +
                                    shown(list) + " has " + std::to_string(size));
            }
            return;
        }
        auto parsed = parse_variable(list);
        if (const auto* error = std::get_if<SyntaxError>(&parsed)) {
            context_.report(here, node.place, "the list " + shown(list) + ": " + error->message);
        } else {
            action.list = std::get<Variable>(std::move(parsed));
        }
    }

    /// A map of variables to paths, or the names of variables that keep them.
    std::vector<Return> read_returns(const Node& node) {
        auto here = path_.key("returns");
        if (!node.is_list()) {
            if (node.is_map()) return read_extractions(context_, node, here);
            context_.report_type(here, node, "a list of variables, or a map of variables to paths");
            return {};
        }
        std::vector<Return> returns;
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            const auto& item = node.items[i];
            auto at = here.item(i);
            auto name = read_name(context_, item, at);
            if (!name || !check_variable_name(context_, *name, item.place, at)) continue;
            auto wanted = value::parse_path(*name, value::PathNames::Written);
            returns.push_back(
                {item.place, *name, {item.place, *name, std::get<value::Path>(std::move(wanted))}});
        }
        return returns;
    }

    DocumentContext& context_;
    const MapReader& reader_;
    const KeyPath& path_;
};

}  // namespace

bool read_action(DocumentContext& context, std::string_view type, const MapReader& reader,
                 const KeyPath& path, Step& step) {
    ActionReader action(context, reader, path);
    if (type == "http") {
        step.action = action.http();
    } else if (type == "shell") {
        step.action = action.shell(step);
    } else if (type == "db") {
        step.action = action.db();
    } else if (type == "print") {
        step.action = action.print();
    } else if (type == "if") {
        step.action = action.branch();
    } else if (type == "loop") {
        step.action = action.loop();
    } else if (type == "call") {
        step.action = action.call();
    } else {
        return false;
    }
    return true;
}

}  // namespace relux::workflow
