#include "vm/exec/reach.h"

#include <algorithm>
#include <set>

namespace relux::exec {

void Reach::follow(const LinkedModule& module, const bytecode::CodeDigest& digest, Item& item) {
    item.code.digest = digest.value;
    for (auto reference : digest.function_refs) {
        const auto& target = module.functions[reference];
        functions_.emplace(target.function, target);
        item.next.push_back(target.function);
    }
    for (auto reference : digest.effect_refs) {
        const auto& target = module.effects[reference];
        effects_.emplace(target.effect, target);
        item.next.push_back(target.effect);
    }
    for (auto reference : digest.workflow_refs) {
        const auto& target = module.workflows[reference];
        workflows_.emplace(target.workflow, target);
        item.next.push_back(target.workflow);
    }
}

const Reach::Item& Reach::function(const FunctionTarget& target) {
    auto [found, is_new] = items_.try_emplace(target.function);
    if (!is_new) return found->second;
    const auto& module = *target.module;
    found->second.code.label = "fn " + std::string(module.string(target.function->name)) + "/" +
                               std::to_string(target.function->parameters.size()) + " of " + module.code.name;
    follow(module, bytecode::digest_of(module.code, *target.function), found->second);
    return found->second;
}

const Reach::Item& Reach::effect(const EffectTarget& target) {
    auto [found, is_new] = items_.try_emplace(target.effect);
    if (!is_new) return found->second;
    found->second.code.label = "effect " + std::string(target.name()) + " of " + target.module->code.name;
    follow(*target.module, bytecode::digest_of(target.module->code, *target.effect), found->second);
    return found->second;
}

const Reach::Item& Reach::workflow(const WorkflowTarget& target) {
    auto [found, is_new] = items_.try_emplace(target.workflow);
    if (!is_new) return found->second;
    const auto& module = *target.module;
    found->second.code.label =
        "workflow " + std::string(module.string(target.workflow->name)) + " of " + module.code.name;
    follow(module, bytecode::digest_of(module.code, *target.workflow), found->second);
    return found->second;
}

const Reach::Item& Reach::find(const void* key) {
    if (const auto called = functions_.find(key); called != functions_.end()) return function(called->second);
    if (const auto started = effects_.find(key); started != effects_.end()) return effect(started->second);
    return workflow(workflows_.at(key));
}

std::vector<ReachedCode> Reach::of(const LinkedModule& module, const bytecode::Test& test) {
    Item own;
    own.code.label = "the test itself";
    follow(module, bytecode::digest_of(module.code, test), own);
    std::vector<ReachedCode> reached = {own.code};
    std::set<const void*> seen;
    std::vector<const void*> open = own.next;
    while (!open.empty()) {
        const auto* next = open.back();
        open.pop_back();
        if (!seen.insert(next).second) continue;
        const auto& item = find(next);
        reached.push_back(item.code);
        open.insert(open.end(), item.next.begin(), item.next.end());
    }
    std::sort(reached.begin(), reached.end());
    return reached;
}

}  // namespace relux::exec
