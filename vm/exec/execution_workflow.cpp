// The instructions of workflows: values, variables, and steps in steps. What takes time leaves, as a shell's
// matches do.
#include <algorithm>

#include "vm/base/assert.h"
#include "vm/data/assertion.h"
#include "vm/data/json.h"
#include "vm/data/render.h"
#include "vm/exec/execution.h"
#include "vm/exec/workflow_state.h"
#include "vm/value/operator.h"

namespace relux::exec {

using bytecode::Opcode;

using data::Json;
using data::StateBag;
using Role = WorkflowFrame::Role;

namespace {

/// What copying it costs, in the interpreter's measure.
std::uint64_t work_of(const Json& value) {
    std::uint64_t work = 16;
    if (const auto* text = data::text_of(value)) return work + text->size();
    if (!value.is_structured()) return work;
    for (const auto& [name, member] : value.items())
        work += name.size() + work_of(member);
    return work;
}

std::string shown_path(const Json& path) {
    const auto* text = data::text_of(path);
    return text != nullptr ? *text : data::shown(path);
}

}  // namespace

Json& Execution::d(unsigned index) {
    auto& state = *fiber_.workflow_;
    check_index(index, chunk_->document_count);
    return state.documents_[state.frames_.back().document_base + index];
}

bool Execution::fail_step(std::string message) {
    exit_ = WorkflowExit(exits::StepFailed{std::move(message)});
    stop_as_failed();
    return false;
}

bool Execution::set_document(Word word, Json value) {
    if (!afford(work_of(value))) return false;
    d(word.a()) = std::move(value);
    return advance();
}

template <>
bool Execution::execute<Opcode::Document>(Word word) {
    auto value = data::parse_json(constant(word.bx()).view());
    if (!value) return fail_step("a constant is no JSON: " + value.error().message);
    return set_document(word, std::move(*value));
}

template <>
bool Execution::execute<Opcode::Text>(Word word) {
    return set_document(word, Json(std::string(constant(word.bx()).view())));
}

template <>
bool Execution::execute<Opcode::HttpRequest>(Word word) {
    return leave(exits::HttpRequest{timeout(word)});
}
template <>
bool Execution::execute<Opcode::RunCommands>(Word word) {
    return leave(exits::RunCommands{timeout(word)});
}
template <>
bool Execution::execute<Opcode::Query>(Word word) {
    return leave(exits::Query{timeout(word)});
}

template <>
bool Execution::execute<Opcode::Print>(Word word) {
    return leave(exits::Print{Value(data::render_text(d(word.a())))});
}

template <>
bool Execution::execute<Opcode::Connect>(Word word) {
    // What is called goes on with the connections of its caller but for those that it configures itself.
    if (d(word.a()).is_object()) fiber_.workflow_->scopes_.back()->connections.update(d(word.a()));
    return advance();
}

template <>
bool Execution::execute<Opcode::Title>(Word word) {
    fiber_.workflow_->frames_.back().title = data::render_text(d(word.a()));
    return advance();
}

// Values

template <>
bool Execution::execute<Opcode::Variable>(Word word) {
    auto& state = *fiber_.workflow_;
    const auto& path = path_constant(word.bx());
    auto value = state.bag().lookup(path);
    if (!value) return fail_step(value.error().message);
    note_environment(path.steps.front().name);
    return set_document(word, std::move(*value));
}

/// A variable of the environment has been read: what becomes of the workflow depends on it.
void Execution::note_environment(const std::string& name) {
    auto& bag = fiber_.workflow_->bag();
    const auto layer = bag.layer_of(name);
    if (!layer) return host_.environment_read(name, std::nullopt);
    if (*layer != StateBag::Layer::Environment) return;
    const auto* text = data::text_of(*bag.find(name));
    if (text != nullptr) host_.environment_read(name, *text);
}

template <>
bool Execution::execute<Opcode::Variables>(Word word) {
    auto& bag = fiber_.workflow_->bag();
    for (const auto name : bag.names())
        note_environment(std::string(name));
    return set_document(word, bag.as_map());
}

const data::Path* Execution::parsed_path(const Json& path_text) {
    const auto* text = data::text_of(path_text);
    auto path = text != nullptr ? fiber_.workflow_->path(*text)
                                : Result<const data::Path*>(Error{"a path must be a string"});
    if (path) return *path;
    fail_step("path `" + shown_path(path_text) + "`: " + path.error().message);
    return nullptr;
}

template <>
bool Execution::execute<Opcode::Find>(Word word) {
    const auto* path = parsed_path(d(word.c()));
    if (path == nullptr) return false;
    auto found = data::evaluate(*path, d(word.b()));
    return set_document(word, found ? std::move(*found) : Json());
}

template <>
bool Execution::execute<Opcode::FindVariable>(Word word) {
    return find_variable(word, path_constant(word.bx()));
}
template <>
bool Execution::execute<Opcode::FindVariableText>(Word word) {
    const auto* path = parsed_path(d(word.b()));
    return path != nullptr && find_variable(word, *path);
}

bool Execution::find_variable(Word word, const data::Path& path) {
    auto& state = *fiber_.workflow_;
    const auto& steps = path.steps;
    if (steps.empty() || steps.front().kind != data::PathStep::Kind::Member) {
        for (const auto name : state.bag().names())
            note_environment(std::string(name));
        auto found = data::evaluate(path, state.bag().as_map());
        return set_document(word, found ? std::move(*found) : Json());
    }
    note_environment(steps.front().name);
    const auto* value = state.bag().find(steps.front().name);
    if (value == nullptr) return set_document(word, Json());
    data::Path rest;
    rest.steps.assign(steps.begin() + 1, steps.end());
    auto found = data::evaluate(rest, *value);
    return set_document(word, found ? std::move(*found) : Json());
}

bool Execution::leaves_search() {
    auto& context = fiber_.workflow_->context_;
    if (!context.left_search) {
        context.made_searches.clear();
        return false;
    }
    leave_for_search();
    return true;
}

template <>
bool Execution::execute<Opcode::Apply>(Word word) {
    check_index(word.b(), module_->template_functions.size());
    std::uint64_t work = kWorkOfNative;
    for (unsigned i = 1; i <= word.c(); ++i)
        work += work_of(d(word.a() + i));
    if (!afford(work)) return false;
    auto& state = *fiber_.workflow_;
    const std::span<const Json> arguments(
        state.documents_.data() + state.frames_.back().document_base + word.a() + 1, word.c());
    auto value = data::call_function(module_->template_functions[word.b()]->id, arguments, state.context_);
    if (leaves_search()) return false;
    if (!value) return fail_step(value.error().message);
    return set_document(word, std::move(*value));
}

template <>
bool Execution::execute<Opcode::Join>(Word word) {
    auto& state = *fiber_.workflow_;
    const std::span<const Json> parts(state.documents_.data() + state.frames_.back().document_base + word.b(),
                                      word.c());
    auto text = data::join_texts(parts);
    if (!text) return fail_step(text.error().message);
    return set_document(word, Json(std::move(*text)));
}

template <>
bool Execution::execute<Opcode::Append>(Word word) {
    const Json value = d(word.b());
    if (!afford(work_of(value))) return false;
    auto& list = d(word.a());
    if (!list.is_array()) return fail_step("an element for what is no list");
    list.push_back(value);
    if (const auto size = data::check_size(value); !size) return fail_step(size.error().message);
    return advance();
}

template <>
bool Execution::execute<Opcode::Member>(Word word) {
    const Json value = d(word.c());
    if (!afford(work_of(value))) return false;
    auto& map = d(word.a());
    if (!map.is_object()) return fail_step("a member for what is no map");
    map[data::render_text(d(word.b()))] = value;
    if (const auto size = data::check_size(value); !size) return fail_step(size.error().message);
    return advance();
}

template <>
bool Execution::execute<Opcode::Compare>(Word word) {
    const auto holds = data::check(static_cast<value::Operator>(word.d()), &d(word.b()), d(word.c()));
    return set_document(word, Json(static_cast<bool>(holds)));
}

bool Execution::set_variable(StateBag::Layer layer, std::string_view name, const Json& value) {
    if (!afford(work_of(value))) return false;
    const auto text = data::render_text(value);
    note(layer == StateBag::Layer::Configuration ? Note::Kind::Let : Note::Kind::Assign, name, text);
    fiber_.workflow_->bag().set(layer, std::string(name), value);
    return advance();
}

template <>
bool Execution::execute<Opcode::Configure>(Word word) {
    return set_variable(StateBag::Layer::Configuration, constant(word.bx()).view(), d(word.a()));
}

// What a step says about its document

const data::Path* Execution::looked_path(const Json& path_text) {
    if (data::text_of(path_text) != nullptr) return parsed_path(path_text);
    fail_step("a path must be a string, not " + data::type_with_article(path_text));
    return nullptr;
}

namespace {

/// What a path finds in a text: `$` alone is the text, and any other path walks the JSON that it is.
std::optional<Json> look_into_text(const std::string& text, const data::Path& path) {
    const auto parsed = data::parse_json(text);
    return parsed ? data::evaluate(path, *parsed) : std::nullopt;
}

/// What a step has printed comes first: `stdout`, `res.stdout.status`.
std::optional<Json> look_into(const Json& document, const Json& outputs, const data::Path& path) {
    auto rest = path;
    if (path.response && path.steps.size() > 1) {
        rest.steps.erase(rest.steps.begin());
        rest.response = false;
    }
    const bool named = !rest.steps.empty() && rest.steps.front().kind == data::PathStep::Kind::Member;
    const auto* output = named ? data::find_member(outputs, rest.steps.front().name) : nullptr;
    if (output != nullptr) {
        rest.steps.erase(rest.steps.begin());
        if (rest.steps.empty()) return *output;
        return look_into_text(*data::text_of(*output), rest);
    }
    const auto* text = data::text_of(document);
    const bool whole = path.steps.size() <= (path.response ? 1 : 0);
    if (text == nullptr || whole) return data::evaluate(path, document);
    auto found = look_into_text(*text, path);
    return found ? found : data::evaluate(path, document);
}

}  // namespace

std::optional<Json> Execution::look(const Json& document, const data::Path& path) {
    return look_into(document, fiber_.workflow_->frames_.back().outputs, path);
}

template <>
bool Execution::execute<Opcode::Extract>(Word word) {
    return extract(word, path_constant(word.b()), module_->code.paths[word.b()]);
}
template <>
bool Execution::execute<Opcode::ExtractText>(Word word) {
    const auto& text = d(word.b());
    const auto* path = looked_path(text);
    return path != nullptr && extract(word, *path, shown_path(text));
}

/// `written` is the path for messages.
bool Execution::extract(Word word, const data::Path& path, const std::string& written) {
    const auto found = look(d(word.a()), path);
    const auto name = data::render_text(d(word.c()));
    if (found) return set_variable(StateBag::Layer::Extracted, name, *found);
    fiber_.workflow_->frames_.back().problems.push_back("extract " + name + ": nothing at " + written +
                                                        " in " + data::shown(d(word.a())));
    return advance();
}

template <>
bool Execution::execute<Opcode::Check>(Word word) {
    return check(word, path_constant(word.b()), module_->code.paths[word.b()]);
}
template <>
bool Execution::execute<Opcode::CheckText>(Word word) {
    const auto& text = d(word.b());
    const auto* path = looked_path(text);
    return path != nullptr && check(word, *path, shown_path(text));
}

bool Execution::check(Word word, const data::Path& path, const std::string& written) {
    const auto found = look(d(word.a()), path);
    if (!afford(work_of(d(word.a())))) return false;
    return judge(word, written, found ? &*found : nullptr);
}

/// The same for a value that no path has found.
template <>
bool Execution::execute<Opcode::CheckValue>(Word word) {
    const Json value = d(word.b());
    return judge(word, shown_path(d(word.a())), &value);
}

/// Whether the value, null for none, is as the instruction wants it; `left` is how it was written.
bool Execution::judge(Word word, const std::string& left, const Json* value) {
    const auto comparison = static_cast<value::Operator>(word.d());
    const auto& expected = d(word.c());
    if (!afford(work_of(expected))) return false;
    auto what = left + " " + std::string(value::operator_name(comparison));
    if (value::takes_value(comparison)) what += " " + data::shown(expected);
    const auto actual = value != nullptr ? data::shown(*value) : std::string("null");
    note(Note::Kind::AssertStart, what, actual);
    auto& frame = fiber_.workflow_->frames_.back();
    const auto number = frame.checks++;
    const auto holds = data::check(comparison, value, expected);
    if (holds) {
        note(Note::Kind::AssertDone, what, actual);
    } else {
        note(Note::Kind::AssertFailed, what, actual);
        frame.problems.push_back("assert[" + std::to_string(number) + "] " + left + ": " +
                                 holds.error().message);
    }
    return advance();
}

// Steps in steps

bool Execution::enter(const LinkedModule& module, bytecode::ChunkIndex chunk, Role role) {
    if (fiber_.frames_.size() > Fiber::kMaximumDepth) {
        return fail_step("steps nest deeper than " + std::to_string(Fiber::kMaximumDepth));
    }
    const auto& code = module.code.chunks[chunk];
    if (!afford(code.code.size() * kWorkOfInstruction)) return false;
    fiber_.frames_.back().pc = pc_;
    WorkflowAccess(fiber_).push(module, chunk, role);
    load_frame();
    return true;
}

bool Execution::enter_step(const LinkedModule& module, const bytecode::Step& step) {
    if (!enter(module, step.chunk, Role::Step)) return false;
    fiber_.workflow_->frames_.back().step = &step;
    exit_ = WorkflowExit(exits::StepEnter{&step});
    return false;
}

template <>
bool Execution::execute<Opcode::Step>(Word word) {
    return enter_step(*module_, module_->code.steps[word.bx()]);
}

bool Execution::branch(Word word, bool wanted) {
    const auto& condition = d(word.a());
    const bool is_true = condition.is_boolean() && condition.get<bool>();
    return is_true == wanted ? enter(*module_, word.bx(), Role::Branch) : advance();
}
template <>
bool Execution::execute<Opcode::BranchTrue>(Word word) {
    return branch(word, true);
}
template <>
bool Execution::execute<Opcode::BranchFalse>(Word word) {
    return branch(word, false);
}

template <>
bool Execution::execute<Opcode::ForEach>(Word word) {
    const auto& loop = module_->code.loops[word.bx()];
    const Json list = d(word.a());
    if (!list.is_array()) {
        return fail_step("foreach: " + data::type_with_article(list) + " (" + data::shown(list) +
                         ") is no list");
    }
    if (!afford(work_of(list))) return false;
    if (list.empty()) {
        return advance();
    }
    auto& bag = fiber_.workflow_->bag();
    const auto hidden = [&](std::string_view name) {
        const auto* value = bag.find(name);
        const bool own = value != nullptr && bag.layer_of(name) == StateBag::Layer::Extracted;
        return own ? std::optional<Json>(*value) : std::nullopt;
    };
    auto outer_item = hidden(module_->string(loop.item));
    auto outer_index = hidden("index");
    if (!enter(*module_, loop.chunk, Role::Loop)) return false;
    auto& frame = fiber_.workflow_->frames_.back();
    frame.loop = &loop;
    frame.list = list;
    frame.outer_item = std::move(outer_item);
    frame.outer_index = std::move(outer_index);
    return next_element();
}

bool Execution::next_element() {
    auto& state = *fiber_.workflow_;
    auto& frame = state.frames_.back();
    const auto& element = frame.list[frame.next];
    if (!afford(work_of(element) + chunk_->code.size() * kWorkOfInstruction)) return false;
    const auto item = module_->string(frame.loop->item);
    note(Note::Kind::Assign, item, data::render_text(element));
    state.bag().set(StateBag::Layer::Extracted, std::string(item), element);
    state.bag().set(StateBag::Layer::Extracted, "index", Json(frame.next));
    ++frame.next;
    pc_ = 0;
    return true;
}

template <>
bool Execution::execute<Opcode::CallWorkflow>(Word word) {
    auto& state = *fiber_.workflow_;
    const auto deepest = state.input_.deepest_call;
    if (state.scopes_.size() > deepest) {
        return fail_step("workflows call each other more than " + std::to_string(deepest) + " deep");
    }
    check_index(word.bx(), module_->workflows.size());
    const auto& target = module_->workflows[word.bx()];
    const Json with = d(word.a());
    if (!enter(*target.module, target.workflow->steps, Role::Called)) return false;
    state.push_scope();
    if (with.is_object()) {
        for (const auto& [name, value] : with.items()) {
            note(Note::Kind::Let, name, data::render_text(value));
            state.bag().set(StateBag::Layer::Extracted, name, value);
        }
    }
    if (target.step != nullptr) {
        auto& frame = state.frames_.back();
        frame.target_module = target.step_module;
        frame.target = target.step;
        pc_ = static_cast<std::uint32_t>(chunk_->code.size()) - 1;
    }
    return enter(*target.module, target.workflow->setup, Role::Setup);
}

template <>
bool Execution::execute<Opcode::Include>(Word word) {
    check_index(word.bx(), module_->workflows.size());
    const auto& target = module_->workflows[word.bx()];
    const Json with = d(word.a());
    if (with.is_object()) {
        for (const auto& [name, value] : with.items()) {
            note(Note::Kind::Let, name, data::render_text(value));
            fiber_.workflow_->bag().set(StateBag::Layer::Configuration, name, value);
        }
    }
    return enter(*target.module, target.workflow->steps, Role::Included);
}

template <>
bool Execution::execute<Opcode::Done>(Word) {
    auto& state = *fiber_.workflow_;
    auto& frame = state.frames_.back();
    WorkflowAccess access(fiber_);
    switch (frame.role) {
        case Role::Workflow:
            fiber_.frames_.back().pc = pc_;
            access.pop();
            exit_ = exits::Finished();
            return false;
        case Role::Step: {
            if (!frame.problems.empty()) {
                std::string text;
                for (const auto& problem : frame.problems)
                    text += (text.empty() ? "" : "\n") + problem;
                return fail_step(std::move(text));
            }
            const auto title = frame.title.empty() ? module_->string(frame.step->name) : frame.title;
            exit_ = WorkflowExit(exits::StepLeave{frame.step, Value(title)});
            access.pop();
            return false;
        }
        case Role::Loop:
            if (frame.next < frame.list.size()) return next_element();
            access.restore_loop_variables();
            break;
        case Role::Called:
            return end_call();
        case Role::Setup:
        case Role::Included:
        case Role::Branch:
            break;
    }
    const bool was_setup = frame.role == Role::Setup;
    access.pop();
    load_frame();
    fiber_.pending_ = Fiber::Pending::Nothing;
    if (!was_setup) ++pc_;
    const auto& called = state.frames_.back();
    if (was_setup && called.target != nullptr) return enter_step(*called.target_module, *called.target);
    return true;
}

/// The variables of the workflow that was called are what its caller gets.
bool Execution::end_call() {
    auto& bag = fiber_.workflow_->bag();
    auto variables = Json::object();
    for (const auto name : bag.names()) {
        if (bag.layer_of(name) != StateBag::Layer::Environment)
            variables[std::string(name)] = *bag.find(name);
    }
    WorkflowAccess(fiber_).pop();
    load_frame();
    fiber_.pending_ = Fiber::Pending::Nothing;
    return set_document(chunk_->code[pc_], std::move(variables));
}

}  // namespace relux::exec
