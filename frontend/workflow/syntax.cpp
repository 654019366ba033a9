#include "frontend/workflow/syntax.h"

#include "vm/base/assert.h"

namespace relux::workflow {

namespace {

const Step* find_in(const std::vector<Step>& steps, std::string_view name) {
    for (const auto& step : steps) {
        if (step.name == name) return &step;
        const Step* nested = nullptr;
        if (const auto* branch = std::get_if<IfAction>(&step.action)) {
            nested = find_in(branch->then_steps, name);
            if (nested == nullptr) nested = find_in(branch->else_steps, name);
        } else if (const auto* loop = std::get_if<LoopAction>(&step.action)) {
            nested = find_in(loop->steps, name);
        }
        if (nested != nullptr) return nested;
    }
    return nullptr;
}

}  // namespace

std::string_view type_name(const Step& step) {
    struct Namer {
        std::string_view operator()(const HttpAction&) const { return "http"; }
        std::string_view operator()(const ShellAction&) const { return "shell"; }
        std::string_view operator()(const DbAction&) const { return "db"; }
        std::string_view operator()(const PrintAction&) const { return "print"; }
        std::string_view operator()(const IfAction&) const { return "if"; }
        std::string_view operator()(const LoopAction&) const { return "loop"; }
        std::string_view operator()(const CallAction&) const { return "call"; }
    };
    return std::visit(Namer{}, step.action);
}

const Step* find_step(const WorkflowSet& set, const Workflow& workflow, std::string_view name) {
    for (const auto& include : workflow.includes) {
        if (const auto* step = find_step(set, set.callees[include.workflow], name)) return step;
    }
    return find_in(workflow.steps, name);
}

}  // namespace relux::workflow
