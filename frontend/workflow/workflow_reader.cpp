#include "frontend/workflow/workflow_reader.h"

#include <array>
#include <unordered_map>
#include <utility>

#include "frontend/workflow/step_reader.h"

namespace relux::workflow {

namespace {

constexpr std::array<std::string_view, 6> workflow_keys{"name",   "version", "description",
                                                        "config", "include", "steps"};
constexpr std::array<std::string_view, 3> include_keys{"file", "as", "with"};
constexpr std::string_view known_version = "v0.1";

class WorkflowReader {
  public:
    WorkflowReader(DocumentContext& context, const Node& node, Role role)
        : context_(context), node_(node), role_(role) {}

    WorkflowDocument read() {
        auto& workflow = result_.workflow;
        workflow.place = node_.place;
        workflow.file = context_.file.name;
        workflow.document = context_.document;
        workflow.name = context_.file.name;
        if (!node_.is_map()) {
            context_.report(root_, node_.place,
                            "a workflow is a map with `name` and `steps`, not " + describe(node_));
            return std::move(result_);
        }
        MapReader reader(context_, node_, root_, "a workflow", workflow_keys);
        const auto* name = role_ == Role::Run ? reader.require("name") : reader.find("name");
        if (name != nullptr) workflow.name = read_name(context_, *name, root_.key("name")).value_or("");
        read_version(reader.find("version"));
        read_description(reader.find("description"));
        if (const auto* config = reader.find("config")) {
            result_.layer = read_config(context_, *config, root_.key("config"));
        }
        if (const auto* include = reader.find("include")) read_includes(*include);
        if (const auto* steps = reader.require("steps")) read_own_steps(*steps);
        check_step_names();
        return std::move(result_);
    }

  private:
    void read_version(const Node* node) {
        if (node == nullptr) return;
        const auto* text = node->string();
        if (text != nullptr && *text == known_version) return;
        auto found = text != nullptr ? shown(*text) : describe(*node);
        context_.report(root_.key("version"), node->place,
                        "must be `" + std::string(known_version) + "`, not " + found);
    }

    void read_description(const Node* node) {
        if (node == nullptr || node->is_null()) return;
        if (node->string() == nullptr) context_.report_type(root_.key("description"), *node, "a string");
    }

    void read_includes(const Node& node) {
        auto here = root_.key("include");
        if (!node.is_list()) {
            context_.report_type(here, node, "a list of {file, as, with}");
            return;
        }
        for (std::size_t i = 0; i < node.items.size(); ++i)
            read_include(node.items[i], here.item(i));
    }

    void read_include(const Node& node, const KeyPath& path) {
        MapReader reader(context_, node, path, "an include", include_keys);
        Include include;
        auto with_path = path.key("with");
        if (const auto* with = reader.find("with")) include.with = read_variables(context_, *with, with_path);
        const auto* as = reader.find("as");
        const auto prefix = as == nullptr ? std::nullopt : read_name(context_, *as, path.key("as"));
        if (prefix && prefix->find("{{") != std::string::npos)
            context_.report(path.key("as"), as->place,
                            "a prefix cannot be a template: names are read before anything runs");
        const auto* file = reader.require("file");
        auto file_path = path.key("file");
        auto name = file == nullptr ? std::nullopt : read_file_name(context_, *file, file_path);
        if (!name) return;
        include.place = file->place;
        include.file = *name;
        include.workflow =
            context_.use_file({FileUse::Kind::Include,
                               *name,
                               file->place,
                               file_path.text(),
                               {},
                               {},
                               {},
                               context_.step_prefix + (prefix ? *prefix + "." : std::string())});
        result_.workflow.includes.push_back(std::move(include));
    }

    void read_own_steps(const Node& node) {
        auto here = root_.key("steps");
        result_.workflow.steps = read_steps(context_, node, here);
        bool nothing = node.is_list() && node.items.empty();
        if (nothing && node_.find("include") == nullptr) {
            context_.report(here, node.place, "must have at least one step");
        }
    }

    void check_step_names() {
        result_.step_names = std::move(context_.step_names);
        std::unordered_map<std::string_view, Place> first;
        for (const auto& step : result_.step_names) {
            auto [it, is_new] = first.emplace(step.name, step.place);
            if (is_new) continue;
            context_.problems.add({context_.file.name, context_.document, step.path, step.place,
                                   "the name " + shown(step.name) + " is taken by the step in line " +
                                       std::to_string(it->second.line)});
        }
    }

    DocumentContext& context_;
    const Node& node_;
    Role role_;
    KeyPath root_;
    WorkflowDocument result_;
};

}  // namespace

WorkflowDocument read_workflow(DocumentContext& context, const Node& node, Role role) {
    return WorkflowReader(context, node, role).read();
}

}  // namespace relux::workflow
