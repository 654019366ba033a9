// What each type of step has of its own.
#include <algorithm>
#include <array>
#include <utility>

#include "frontend/workflow/step_reader.h"
#include "frontend/workflow/text_cursor.h"

namespace relux::workflow {

namespace {

constexpr std::array<std::string_view, 4> request_keys{"method", "url", "headers", "body"};
constexpr std::array<std::string_view, 8> methods{"GET",    "POST", "PUT",     "PATCH",
                                                  "DELETE", "HEAD", "OPTIONS", "TRACE"};
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

    ShellAction shell() {
        ShellAction action;
        const auto* command = reader_.find("command");
        const auto* commands = reader_.find("commands");
        if (command != nullptr && commands != nullptr) {
            context_.report(path_.key("command"), command->place,
                            "a step has `command` or `commands`, not both");
        }
        if (commands != nullptr) {
            action.commands = read_texts(context_, *commands, path_.key("commands"));
        } else if (command != nullptr) {
            action.commands.push_back(text(*command, path_.key("command")));
        } else {
            context_.report(path_.key("command"), place(), "a shell step needs `command` or `commands`");
        }
        if (const auto* parallel = reader_.find("parallel")) {
            action.parallel = read_boolean(context_, *parallel, path_.key("parallel")).value_or(false);
        }
        if (const auto* directory = reader_.find("dir"))
            action.directory = text(*directory, path_.key("dir"));
        return action;
    }

    DbAction db() {
        DbAction action;
        if (const auto* engine = reader_.find("engine")) read_engine(*engine, action);
        const auto* query = reader_.find("query");
        const auto* command = reader_.find("command");
        bool redis = action.engine == DbAction::Engine::Redis;
        if (redis && query != nullptr) {
            context_.report(path_.key("query"), query->place,
                            "redis takes `command`, a list of words, not `query`");
        } else if (!redis && command != nullptr) {
            context_.report(path_.key("command"), command->place,
                            "only redis takes `command`; write `engine: redis` or `query`");
        }
        if (redis && command != nullptr) {
            action.command = read_texts(context_, *command, path_.key("command"));
        } else if (redis && query == nullptr) {
            reader_.require("command");
        } else if (!redis && query != nullptr) {
            action.query = text(*query, path_.key("query"));
        } else if (!redis && command == nullptr) {
            reader_.require("query");
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
            auto read = read_assertion(context_, *condition, path_.key("condition"));
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

    void read_engine(const Node& node, DbAction& action) {
        auto here = path_.key("engine");
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
            context_.report(here, node.place,
                            "must be \"list_variable, item_variable\", not " + shown(*text));
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
            PathStep step;
            step.name = *name;
            returns.push_back({item.place, *name, {item.place, *name, Path{{step}, true}}});
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
        step.action = action.shell();
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
