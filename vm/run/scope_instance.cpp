#include "vm/run/scope_instance.h"

#include <algorithm>

#include "vm/base/shortened_text.h"
#include "vm/bytecode/quoted.h"

namespace relux::run {

namespace {

constexpr std::size_t kLongestShown = 40;  // bytes of a value in a name

}  // namespace

std::string describe_place(const exec::LinkedModule& module, const bytecode::Span& span) {
    return module.code.name + ":" + std::to_string(span.line);
}

void set_statement(report::EventPlace& place, const exec::LinkedModule& module, const bytecode::Span& span) {
    place.module = module.number + 1;
    place.line = span.line;
    place.column = span.column;
    place.end_column = span.end_column;
}

report::SourcePlace source_place(const exec::LinkedModule& module, const bytecode::Span& span) {
    report::SourcePlace place{module.code.name, span.line, span.column, span.end_column, {}};
    std::string_view text = module.code.source;
    for (std::uint32_t line = 1; line < span.line && !text.empty(); ++line) {
        const auto end = text.find('\n');
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    place.text = text.substr(0, text.find('\n'));
    return place;
}

ScopeInstance::ScopeInstance(AttemptContext& test, const exec::LinkedModule& module,
                             const bytecode::Scope& scope, const bytecode::Effect* effect,
                             ScopeInstance* started_by, const bytecode::Start* start)
    : started(scope.starts.size(), nullptr),
      test_(test),
      module_(module),
      scope_(scope),
      effect_(effect),
      started_by_(started_by),
      start_(start) {
    slots.resize(scope.slots.size());
    for (std::size_t i = 0; i < scope.frames.size(); ++i)
        fibers.push_back(std::make_unique<exec::Fiber>());
}

std::string_view ScopeInstance::alias() const {
    if (start_ == nullptr || started_by_ == nullptr || start_->alias == bytecode::kNone) return {};
    return started_by_->module_.string(*start_->alias);
}

std::string ScopeInstance::shown_name_of(const Shell& shell) const {
    std::string shown(name());
    if (!alias().empty()) shown = std::string(alias()) + "(" + shown + ")";
    shown += "." + shell.own_name();
    if (!one_of_several) return shown;
    for (const auto& [key, value] : overlay)
        shown += ", " + key + " = " + bytecode::quoted_text(shortened_text(value.view(), kLongestShown));
    return shown;
}

std::string ScopeInstance::started_at() const {
    if (start_ == nullptr || started_by_ == nullptr) return {};
    return describe_place(started_by_->module_, start_->span);
}

exec::Value ScopeInstance::environment(std::string_view name) {
    for (const ScopeInstance* instance = this; instance != nullptr; instance = instance->started_by_) {
        for (auto entry = instance->overlay.rbegin(); entry != instance->overlay.rend(); ++entry) {
            if (entry->first != name) continue;
            return entry->second;
        }
    }
    const auto base = test_.host().base_environment(name);
    return base ? exec::Value(*base) : exec::Value();
}

exec::Value ScopeInstance::alias_variable(const bytecode::AliasVariable& variable) {
    return started_variable(variable.start, module_.string(variable.name));
}

std::vector<std::pair<std::string, std::string>> ScopeInstance::overlay_environment() const {
    std::vector<std::pair<std::string, std::string>> entries;
    if (started_by_ != nullptr) entries = started_by_->overlay_environment();
    for (const auto& [name, value] : overlay)
        entries.emplace_back(name, std::string(value.view()));
    return entries;
}

Shell* ScopeInstance::find_shell(const bytecode::Frame& frame) {
    const auto name = module_.string(frame.name);
    if (frame.start != bytecode::kNone) {
        ScopeInstance* instance = started[frame.start];
        return instance == nullptr ? nullptr : instance->exposed_shell(name);
    }
    for (const auto& shell : shells) {
        if (shell->own_name() == name) return shell.get();
    }
    return nullptr;
}

Shell* ScopeInstance::exposed_shell(std::string_view name) {
    for (const auto& expose : effect_->exposes) {
        if (expose.variable || module_.string(expose.name) != name) continue;
        bytecode::Frame frame;
        frame.start = expose.start;
        frame.name = expose.inner_name;
        return find_shell(frame);
    }
    return nullptr;
}

exec::Value ScopeInstance::exposed_variable(std::string_view name) {
    for (const auto& expose : effect_->exposes) {
        if (!expose.variable || module_.string(expose.name) != name) continue;
        if (expose.start == bytecode::kNone) {
            return expose.slot == bytecode::kNone ? environment(module_.string(expose.inner_name))
                                                  : slots[expose.slot];
        }
        return started_variable(expose.start, module_.string(expose.inner_name));
    }
    return exec::Value();
}

exec::Value ScopeInstance::started_variable(std::uint32_t start, std::string_view name) {
    ScopeInstance* instance = started[start];
    return instance == nullptr ? exec::Value() : instance->exposed_variable(name);
}

bool ScopeInstance::exposes(const Shell& shell) {
    return effect_ != nullptr &&
           std::any_of(effect_->exposes.begin(), effect_->exposes.end(), [&](const auto& expose) {
               return !expose.variable && expose.start == bytecode::kNone &&
                      module_.string(expose.inner_name) == shell.own_name();
           });
}

void ScopeInstance::describe_chain(std::vector<report::FailureFrame>& chain) const {
    if (effect_ == nullptr) {
        chain.push_back({"test \"" + std::string(name()) + "\"", source_place(module_, scope_.span),
                         "in test '" + std::string(name()) + "'"});
        return;
    }
    if (started_by_ != nullptr) started_by_->describe_chain(chain);
    std::string what = "start " + std::string(name());
    auto call = "in effect '" + std::string(name()) + "'";
    if (start_ != nullptr && started_by_ != nullptr) {
        if (start_->alias != bytecode::kNone) {
            const std::string alias(started_by_->module_.string(*start_->alias));
            what += " as " + alias;
            call += " (as '" + alias + "')";
        }
        chain.push_back({what, source_place(started_by_->module_, start_->span), std::move(call)});
    }
}

}  // namespace relux::run
