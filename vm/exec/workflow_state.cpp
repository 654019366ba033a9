#include "vm/exec/workflow_state.h"

#include "vm/base/assert.h"

namespace relux::exec {

using data::Json;
using data::StateBag;

WorkflowState::WorkflowState(WorkflowInput input)
    : input_(std::move(input)), context_(input_.wall_clock_nanoseconds) {
    context_.leaves_long_searches = input_.leaves_long_searches;
    push_scope();
}

void WorkflowState::push_scope() {
    auto made = std::make_unique<Variables>();
    if (!scopes_.empty()) made->connections = scopes_.back()->connections;
    auto& variables = *scopes_.emplace_back(std::move(made));
    for (const auto& [name, value] : input_.environment)
        variables.bag.set(StateBag::Layer::Environment, name, value);
}

Result<const data::Path*> WorkflowState::path(std::string_view text) {
    auto known = paths_.find(std::string(text));
    if (known == paths_.end()) {
        auto parsed = data::parse_path(text);
        if (!parsed) return parsed.error();
        known = paths_.emplace(text, std::move(*parsed)).first;
    }
    return &known->second;
}

void WorkflowState::set_outputs(Json outputs) {
    for (const auto& [name, value] : outputs.items())
        bag().set(StateBag::Layer::Extracted, name, value);
    RELUX_ASSERT(frames_.back().role == WorkflowFrame::Role::Step, "commands run in a step");
    frames_.back().outputs = std::move(outputs);
}

// Fiber

Fiber::Fiber() = default;
Fiber::~Fiber() = default;

void Fiber::enter_workflow(const LinkedModule& module, const bytecode::Workflow& workflow,
                           WorkflowInput input) {
    frames_.clear();
    overlay.clear();
    multi_patterns_.clear();
    pending_ = Pending::Nothing;
    scope_ = nullptr;
    workflow_ = std::make_unique<WorkflowState>(std::move(input));
    WorkflowAccess access(*this);
    access.push(module, workflow.steps, WorkflowFrame::Role::Workflow);
    access.push(module, workflow.setup, WorkflowFrame::Role::Setup);
}

// Frames

WorkflowFrame& WorkflowAccess::push(const LinkedModule& module, bytecode::ChunkIndex chunk,
                                    WorkflowFrame::Role role) {
    auto& frame = fiber_.frames_.emplace_back();
    frame.module = &module;
    frame.chunk = &module.code.chunks[chunk];
    auto& own = state_.frames_.emplace_back();
    own.role = role;
    own.document_base = state_.documents_.size();
    state_.documents_.resize(own.document_base + frame.chunk->document_count);
    return own;
}

void WorkflowAccess::pop() {
    const auto popped = std::move(state_.frames_.back());
    state_.frames_.pop_back();
    state_.documents_.resize(popped.document_base);
    fiber_.frames_.pop_back();
    if (popped.role == WorkflowFrame::Role::Called) state_.scopes_.pop_back();
    for (const auto& name : popped.cleanup) {
        for (const auto layer :
             {StateBag::Layer::Environment, StateBag::Layer::Configuration, StateBag::Layer::Extracted})
            state_.bag().remove(layer, name);
    }
    // A set-up is entered with its workflow, a target with its call: no instruction waits for their end.
    const bool is_target = popped.role == WorkflowFrame::Role::Step && !state_.frames_.empty() &&
                           state_.frames_.back().target != nullptr;
    fiber_.pending_ = popped.role == WorkflowFrame::Role::Setup || is_target ? Fiber::Pending::Nothing
                                                                             : Fiber::Pending::Advance;
}

void WorkflowAccess::restore_loop_variables() {
    auto& frame = state_.frames_.back();
    const auto restore = [&](std::string_view name, std::optional<Json>& outer) {
        constexpr auto kLayer = StateBag::Layer::Extracted;
        if (outer) return state_.bag().set(kLayer, std::string(name), std::move(*outer));
        state_.bag().remove(kLayer, name);
    };
    restore("index", frame.outer_index);
    restore(fiber_.frames_.back().module->string(frame.loop->item), frame.outer_item);
}

const Json& WorkflowAccess::request() const {
    const auto& frame = fiber_.frames_.back();
    const auto word = frame.chunk->code[frame.pc];
    return state_.documents_[state_.frames_.back().document_base + word.a()];
}

void WorkflowAccess::resume_with(Json document) {
    RELUX_ASSERT(fiber_.pending_ == Fiber::Pending::Answer, "an exit waits for its answer");
    const auto& frame = fiber_.frames_.back();
    const auto word = frame.chunk->code[frame.pc];
    state_.documents_[state_.frames_.back().document_base + word.a()] = std::move(document);
    fiber_.pending_ = Fiber::Pending::Advance;
}

std::optional<FailedStep> WorkflowAccess::leave_failed_step() {
    while (!fiber_.frames_.empty()) {
        const auto& frame = state_.frames_.back();
        if (frame.role == WorkflowFrame::Role::Loop) restore_loop_variables();
        std::optional<FailedStep> left;
        if (frame.role == WorkflowFrame::Role::Step) {
            const auto* module = fiber_.frames_.back().module;
            left = FailedStep{module, frame.step, frame.title, state_.failed_within_};
            if (left->title.empty()) left->title = module->string(frame.step->name);
            state_.failed_within_ = true;
        }
        pop();
        if (left) return left;
    }
    return std::nullopt;
}

}  // namespace relux::exec
