// Set-up, steps, steps in steps. What a step evaluates it evaluates first, once (workflows 4); then it acts,
// then it looks at what came back.
#include "compiler/workflow_compile.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include <xxhash.h>

#include "compiler/workflow_chunk.h"
#include "vm/base/assert.h"
#include "vm/bytecode/module_file.h"

namespace relux::compiler {

namespace {

using bytecode::ChunkKind;
using bytecode::Instruction;
using bytecode::kNone;
using bytecode::Opcode;
using workflow::Place;
using workflow::WorkflowSet;
using Register = WorkflowChunk::Register;

/// Where a workflow has its code.
struct Home {
    std::string module;
    std::uint32_t number = 0;
};

/// Which of the library's workflows has the step itself, or includes it.
std::size_t owner_of(const WorkflowSet& set, std::size_t number, std::string_view step) {
    for (const auto& include : set.callees[number].includes) {
        if (find_step(set, set.callees[include.workflow], step) != nullptr)
            return owner_of(set, include.workflow, step);
    }
    return number;
}

data::Json numbers(const workflow::LoopAction::Range& range) {
    auto list = data::Json::array();
    const std::int64_t step = range.first <= range.last ? 1 : -1;
    for (auto number = range.first;; number += step) {
        list.push_back(number);
        if (number == range.last) return list;
    }
}

class ModuleCompiler {
  public:
    ModuleCompiler(const WorkflowSet& set, const std::vector<Home>& library, std::string name,
                   std::string source)
        : set_(set), callees_(library), pools_(module_) {
        module_.name = std::move(name);
        module_.source = std::move(source);
    }

    /// Returns its number.
    std::uint32_t add(const workflow::Workflow& from) {
        file_ = from.place.file;
        bytecode::Workflow made;
        made.name = pools_.string(from.name);
        made.setup = setup(from);
        made.steps = steps(from.steps, from.place, &from.includes);
        made.span = span(from.place);
        module_.workflows.push_back(made);
        return static_cast<std::uint32_t>(module_.workflows.size() - 1);
    }

    std::uint32_t add_test(std::uint32_t workflow) {
        const auto& made = module_.workflows[workflow];
        bytecode::Scope scope;
        scope.name = made.name;
        scope.span = made.span;
        module_.scopes.push_back(std::move(scope));
        bytecode::Test test;
        test.scope = static_cast<std::uint32_t>(module_.scopes.size() - 1);
        test.workflow = workflow;
        module_.tests.push_back(test);
        return static_cast<std::uint32_t>(module_.tests.size() - 1);
    }

    bool too_large() const { return too_large_; }
    bytecode::Module take() { return std::move(module_); }

  private:
    WorkflowChunk chunk(ChunkKind kind) { return WorkflowChunk(pools_, kind, file_); }
    bytecode::Span span(Place place) { return chunk(ChunkKind::Steps).span(place); }

    std::uint32_t keep(WorkflowChunk& made, Place place) {
        auto code = made.finish(place);
        too_large_ |= made.too_large();
        module_.chunks.push_back(std::move(code));
        return static_cast<std::uint32_t>(module_.chunks.size() - 1);
    }

    // Set-up

    bytecode::ChunkOf<ChunkKind::Setup> setup(const workflow::Workflow& from) {
        auto code = chunk(ChunkKind::Setup);
        const auto& config = from.config;
        const auto name = code.text(from.name, from.place);
        code.emit(Instruction::abx(Opcode::Configure, name, pools_.string("name")), from.place);
        code.free_from(name);
        for (const auto& variable : config.vars) {
            const auto at = code.value(variable.value);
            code.emit(Instruction::abx(Opcode::Configure, at, pools_.string(variable.name)), variable.place,
                      variable.name.size());
            code.free_from(at);
        }
        rules(code, config.rules, from.place);
        connections(code, config, from.place);
        return keep(code, from.place);
    }

    static void rules(WorkflowChunk& code, const std::vector<workflow::VariableRule>& rules, Place place) {
        if (rules.empty()) return;
        const auto list = code.document(data::Json::array(), place);
        for (const auto& rule : rules) {
            auto fixed = data::Json::object();
            fixed["name"] = rule.name;
            if (!rule.type.empty()) fixed["type"] = rule.type;
            if (rule.required) fixed["required"] = true;
            if (rule.pattern) fixed["pattern"] = *rule.pattern;
            const auto map = code.document(fixed, rule.place);
            if (rule.fallback) {
                const auto value = code.value(*rule.fallback);
                code.member(map, "default", value, rule.fallback->place);
                code.free_from(value);
            }
            code.emit(Instruction::abc(Opcode::Append, list, map), rule.place);
            code.free_from(map);
        }
        code.emit(Instruction::abc(Opcode::Validate, list), place);
        code.free_from(list);
    }

    void connections(WorkflowChunk& code, const workflow::Config& config, Place place) {
        const auto map = code.document(data::Json::object(), place);
        const auto add = [&](std::string_view name, const std::optional<workflow::Template>& source) {
            if (source) code.member_text(map, name, *source);
        };
        add("base_url", config.base_url);
        add("postgres_dsn", config.postgres_dsn);
        add("sqlite_path", config.sqlite_path);
        add("redis_addr", config.redis_addr);
        add("redis_password", config.redis_password);
        add("redis_db", config.redis_database);
        if (config.http_debug) {
            const auto debug = code.document(data::Json(*config.http_debug), place);
            code.member(map, "http_debug", debug, place);
            code.free_from(debug);
        }
        headers(code, map, config.headers, place);
        code.emit(Instruction::abc(Opcode::Connect, map), place);
        code.free_from(map);
    }

    static void headers(WorkflowChunk& code, Register map, const std::vector<workflow::NamedText>& headers,
                        Place place) {
        if (headers.empty()) return;
        const auto all = code.document(data::Json::object(), place);
        for (const auto& header : headers)
            code.member_text(all, header.name, header.text);
        code.member(map, "headers", all, place);
        code.free_from(all);
    }

    // Lists of steps

    bytecode::ChunkOf<ChunkKind::Steps> steps(const std::vector<workflow::Step>& steps, Place place,
                                              const std::vector<workflow::Include>* includes = nullptr) {
        auto code = chunk(ChunkKind::Steps);
        if (includes != nullptr) {
            for (const auto& include : *includes) {
                included_rules(code, include);
                const auto with = code.map(include.with, include.place);
                code.emit(Instruction::abx(Opcode::Include, with, reference(include.workflow)), include.place,
                          include.file.size());
                code.free_from(with);
            }
        }
        for (const auto& from : steps)
            code.emit(Instruction::abx(Opcode::Step, 0, step(from)), from.place, from.name.size());
        return keep(code, place);
    }

    /// The rules of a file's own hold for what it is included with.
    void included_rules(WorkflowChunk& code, const workflow::Include& include) {
        const auto& own = set_.callees[include.workflow].own_rules;
        if (own.empty()) return;
        for (const auto& variable : include.with) {
            const auto at = code.value(variable.value);
            code.emit(Instruction::abx(Opcode::Configure, at, pools_.string(variable.name)), variable.place,
                      variable.name.size());
            code.free_from(at);
        }
        rules(code, own, include.place);
    }

    std::uint32_t reference(std::size_t workflow, std::string_view target = {}) {
        const auto name_of = [&](const Home& home) {
            return home.module == module_.name ? kNone : pools_.string(home.module);
        };
        bytecode::WorkflowRef made;
        made.module = name_of(callees_[workflow]);
        made.workflow = callees_[workflow].number;
        if (!target.empty()) {
            made.target_module = name_of(callees_[owner_of(set_, workflow, target)]);
            made.target = pools_.string(target);
        }
        auto& all = module_.workflow_refs;
        const auto known = std::find(all.begin(), all.end(), made);
        if (known != all.end()) return static_cast<std::uint32_t>(known - all.begin());
        all.push_back(made);
        return static_cast<std::uint32_t>(all.size() - 1);
    }

    // One step

    struct LookCode {
        PathOperand path;  ///< of an assertion about a value: the register that holds it
        Register second;
    };

    std::uint32_t step(const workflow::Step& from) {
        auto code = chunk(ChunkKind::Step);
        if (!from.cleanup.empty()) {
            const auto names = code.document(data::Json(from.cleanup), from.place);
            code.emit(Instruction::abc(Opcode::Cleanup, names), from.place);
            code.free_from(names);
        }
        if (const auto* text = from.title.text(); text == nullptr || *text != from.name) {
            const auto title = code.text(from.title);
            code.emit(Instruction::abc(Opcode::Title, title), from.place);
            code.free_from(title);
        }
        const auto request = code.free();
        std::visit([&](const auto& action) { prepare(code, action, from); }, from.action);
        const auto looks = prepare_looks(code, from);
        std::visit([&](const auto& action) { act(code, request, action, from); }, from.action);
        look(code, request, from, looks);

        bytecode::Step made;
        made.name = pools_.string(from.name);
        made.type = pools_.string(type_name(from));
        made.key_path = pools_.string(from.key_path);
        made.ignore_error = from.ignore_error;
        made.chunk = keep(code, from.place);
        made.span = code.span(from.place, from.name.size());
        module_.steps.push_back(made);
        return static_cast<std::uint32_t>(module_.steps.size() - 1);
    }

    /// Paths and what is compared with: evaluated before the step acts.
    std::vector<LookCode> prepare_looks(WorkflowChunk& code, const workflow::Step& from) {
        std::vector<LookCode> looks;
        for (const auto& extraction : from.extract) {
            const auto path = code.path(extraction.path);
            looks.push_back({path, code.text(extraction.variable, extraction.place)});
        }
        for (const auto& assertion : from.assertions) {
            const auto left =
                assertion.left ? PathOperand{true, code.value(*assertion.left)} : code.path(assertion.path);
            looks.push_back({left, expected(code, assertion)});
        }
        return looks;
    }

    static Register expected(WorkflowChunk& code, const workflow::Assertion& assertion) {
        return assertion.expected ? code.value(*assertion.expected)
                                  : code.document(data::Json(), assertion.place);
    }

    void look(WorkflowChunk& code, Register document, const workflow::Step& from,
              const std::vector<LookCode>& looks) {
        if (looks.empty()) return;
        if (has_variables_as_document(from)) {
            document = code.take();
            code.emit(Instruction::abc(Opcode::Variables, document), from.place);
        }
        auto next = looks.begin();
        for (const auto& extraction : from.extract) {
            extract(code, document, *next, extraction);
            ++next;
        }
        for (const auto& assertion : from.assertions) {
            const auto label = assertion.left ? code.text(assertion.left->source, assertion.place) : document;
            const auto opcode = assertion.left           ? Opcode::CheckValue
                                : next->path.is_computed ? Opcode::CheckText
                                                         : Opcode::Check;
            code.emit(Instruction::abc(opcode, label, next->path.number, next->second,
                                       static_cast<unsigned>(assertion.op)),
                      assertion.place);
            if (assertion.left) code.free_from(label);
            ++next;
        }
    }

    static void extract(WorkflowChunk& code, Register document, const LookCode& look,
                        const workflow::Extraction& from) {
        const auto opcode = look.path.is_computed ? Opcode::ExtractText : Opcode::Extract;
        code.emit(Instruction::abc(opcode, document, look.path.number, look.second), from.place,
                  from.variable.size());
    }

    static bool has_variables_as_document(const workflow::Step& step) {
        return std::holds_alternative<workflow::IfAction>(step.action) ||
               std::holds_alternative<workflow::LoopAction>(step.action) ||
               std::holds_alternative<workflow::PrintAction>(step.action) ||
               std::holds_alternative<workflow::CallAction>(step.action);
    }

    // Each puts the request of a step into the first free register.

    void prepare(WorkflowChunk& code, const workflow::HttpAction& action, const workflow::Step& from) {
        const auto map = code.document(data::Json::object(), from.place);
        code.member_text(map, "method", action.method);
        code.member_text(map, "url", action.url);
        headers(code, map, action.headers, from.place);
        if (!action.body) return;
        const auto body = code.value(*action.body);
        code.member(map, "body", body, action.body->place);
        code.free_from(body);
    }

    void prepare(WorkflowChunk& code, const workflow::ShellAction& action, const workflow::Step& from) {
        auto fixed = data::Json::object();
        fixed["parallel"] = action.parallel;
        const auto map = code.document(fixed, from.place);
        texts(code, map, "commands", action.commands, from.place);
        if (action.directory) code.member_text(map, "dir", *action.directory);
    }

    void prepare(WorkflowChunk& code, const workflow::DbAction& action, const workflow::Step& from) {
        using Engine = workflow::DbAction::Engine;
        auto fixed = data::Json::object();
        fixed["engine"] = action.engine == Engine::Redis    ? "redis"
                          : action.engine == Engine::Sqlite ? "sqlite"
                                                            : "postgres";
        const auto map = code.document(fixed, from.place);
        if (action.engine == Engine::Redis) {
            texts(code, map, "command", action.command, from.place);
        } else {
            code.member_text(map, "query", action.query);
        }
    }

    void prepare(WorkflowChunk& code, const workflow::PrintAction& action, const workflow::Step&) {
        code.text(action.message);
    }

    void prepare(WorkflowChunk& code, const workflow::IfAction& action, const workflow::Step&) {
        const auto& condition = action.condition;
        if (condition.left) {
            const auto left = code.value(*condition.left);
            return compare(code, left, expected(code, condition), condition);
        }
        const auto path = code.path(condition.path);
        const auto left = path.is_computed ? path.number : code.take();
        const auto wanted = expected(code, condition);
        code.emit(path.is_computed ? Instruction::abc(Opcode::FindVariableText, left, path.number)
                                   : Instruction::abx(Opcode::FindVariable, left, path.number),
                  condition.place);
        compare(code, left, wanted, condition);
    }

    /// Leaves in the register of the left side whether the condition holds.
    static void compare(WorkflowChunk& code, Register left, Register wanted,
                        const workflow::Assertion& condition) {
        code.emit(Instruction::abc(Opcode::Compare, left, left, wanted, static_cast<unsigned>(condition.op)),
                  condition.place);
        code.free_from(left + 1);
    }

    void prepare(WorkflowChunk& code, const workflow::LoopAction& action, const workflow::Step&) {
        if (action.range) {
            code.document(numbers(*action.range), action.place);
            return;
        }
        const auto at = code.take();
        code.emit(Instruction::abx(Opcode::Variable, at, pools_.path(variable_text(action.list))),
                  action.place);
    }

    void prepare(WorkflowChunk& code, const workflow::CallAction& action, const workflow::Step&) {
        code.map(action.with, action.place);
    }

    static void texts(WorkflowChunk& code, Register map, std::string_view name,
                      const std::vector<workflow::Template>& sources, Place place) {
        const auto list = code.document(data::Json::array(), place);
        for (const auto& source : sources) {
            const auto at = code.text(source);
            code.emit(Instruction::abc(Opcode::Append, list, at), source.place);
            code.free_from(at);
        }
        code.member(map, name, list, place);
        code.free_from(list);
    }

    // Each does with the request what its step is for.

    void call(WorkflowChunk& code, Opcode opcode, Register request, const workflow::Step& from) {
        unsigned duration = 0;
        auto kind = TimeoutKind::None;
        if (from.timeout) {
            kind = TimeoutKind::Tolerance;
            duration = pools_.duration(from.timeout->count());
            too_large_ |= duration > 0xffff;
        }
        code.emit(Instruction::abc(opcode, request, 0, duration, static_cast<unsigned>(kind)), from.place,
                  from.name.size());
    }

    void act(WorkflowChunk& code, Register request, const workflow::HttpAction&, const workflow::Step& from) {
        call(code, Opcode::HttpRequest, request, from);
    }
    void act(WorkflowChunk& code, Register request, const workflow::ShellAction&,
             const workflow::Step& from) {
        call(code, Opcode::RunCommands, request, from);
    }
    void act(WorkflowChunk& code, Register request, const workflow::DbAction&, const workflow::Step& from) {
        call(code, Opcode::Query, request, from);
    }
    void act(WorkflowChunk& code, Register request, const workflow::PrintAction&,
             const workflow::Step& from) {
        code.emit(Instruction::abc(Opcode::Print, request), from.place, from.name.size());
    }

    void act(WorkflowChunk& code, Register condition, const workflow::IfAction& action,
             const workflow::Step& from) {
        if (!action.then_steps.empty()) {
            const auto branch = steps(action.then_steps, from.place);
            code.emit(Instruction::abx(Opcode::BranchTrue, condition, branch), from.place, from.name.size());
        }
        if (!action.else_steps.empty()) {
            const auto branch = steps(action.else_steps, from.place);
            code.emit(Instruction::abx(Opcode::BranchFalse, condition, branch), from.place, from.name.size());
        }
    }

    void act(WorkflowChunk& code, Register list, const workflow::LoopAction& action,
             const workflow::Step& from) {
        bytecode::Loop loop;
        loop.item = pools_.string(action.item);
        loop.chunk = steps(action.steps, from.place);
        module_.loops.push_back(loop);
        const auto number = static_cast<std::uint32_t>(module_.loops.size() - 1);
        code.emit(Instruction::abx(Opcode::ForEach, list, number), action.place);
    }

    void act(WorkflowChunk& code, Register with, const workflow::CallAction& action, const workflow::Step&) {
        std::vector<LookCode> returns;
        for (const auto& result : action.returns) {
            const auto path = code.path(result.path);
            returns.push_back({path, code.text(result.variable, result.place)});
        }
        code.emit(Instruction::abx(Opcode::CallWorkflow, with, reference(action.workflow, action.target)),
                  action.place, action.file.size());
        auto next = returns.begin();
        for (const auto& result : action.returns) {
            extract(code, with, *next, result);
            ++next;
        }
    }

    const WorkflowSet& set_;
    const std::vector<Home>& callees_;
    bytecode::Module module_;
    WorkflowPools pools_;
    std::uint32_t file_ = 0;
    bool too_large_ = false;
};

}  // namespace

CompiledWorkflows compile_workflows(const WorkflowSet& set, const WorkflowCompileOptions& options) {
    RELUX_ASSERT(set.problems.empty(), "a set with problems is not compiled");
    CompiledWorkflows compiled;
    std::map<std::string, std::uint32_t> counts;
    for (const auto& document : set.documents)
        ++counts[options.module_name(document.file)];
    // Workflows that are called or included come behind the documents of their file.
    std::vector<Home> library;
    for (const auto& called : set.callees) {
        const auto module = options.module_name(called.file);
        library.push_back({module, counts[module]++});
    }
    std::map<std::string, std::unique_ptr<ModuleCompiler>> modules;
    const auto module_of = [&](const workflow::Workflow& from) -> ModuleCompiler& {
        const auto name = options.module_name(from.file);
        auto& module = modules[name];
        if (!module) module = std::make_unique<ModuleCompiler>(set, library, name, options.source(from.file));
        return *module;
    };
    for (const auto& document : set.documents) {
        auto& module = module_of(document);
        const auto test = module.add_test(module.add(document));
        compiled.workflows.push_back(
            {document.file, document.document, document.name, options.module_name(document.file), test});
    }
    for (const auto& called : set.callees)
        module_of(called).add(called);
    for (auto& [name, module] : modules) {
        if (module->too_large()) {
            compiled = {};
            compiled.error = name + ": a step has more values than fit into a module";
            return compiled;
        }
        compiled.modules.push_back(module->take());
        auto& made = compiled.modules.back();
        made.source_hash = XXH3_64bits(made.source.data(), made.source.size());
        const auto verified = bytecode::verify(made);
        RELUX_ASSERT(verified, verified.error().message.c_str());
    }
    return compiled;
}

}  // namespace relux::compiler
