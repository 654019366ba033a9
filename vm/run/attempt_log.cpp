// Records what a test's event log says of its effects, and makes the reports of it.
#include <functional>

#include "vm/io/until_done.h"
#include "vm/run/attempt.h"
#include "vm/run/callee_number.h"
#include "vm/run/involved_values.h"

namespace relux::run {

namespace {

/// Keys of an overlay with the aliases of the starts whose variables they read, in turn.
std::vector<std::string_view> overlay_sources(const exec::LinkedModule& module, const bytecode::Scope& scope,
                                              const bytecode::Start& start) {
    std::vector<std::string_view> sources;
    if (start.overlay == bytecode::kNone) return sources;
    std::vector<std::string_view> read;
    for (const auto word : module.code.chunks[start.overlay].code) {
        if (word.opcode() == bytecode::Opcode::AliasGet) {
            const auto& from = scope.starts[scope.alias_variables[word.bx()].start];
            read.push_back(from.alias != bytecode::kNone ? module.string(*from.alias)
                                                         : module.effects[from.effect].name());
        } else if (word.opcode() == bytecode::Opcode::OverlaySet) {
            for (const auto alias : read) {
                sources.push_back(module.string(word.bx()));
                sources.push_back(alias);
            }
            read.clear();
        }
    }
    return sources;
}

}  // namespace

std::uint32_t Attempt::begin_setup(const ScopeInstance& starter, std::size_t index,
                                   const std::vector<std::pair<std::string_view, exec::Value>>& overlay,
                                   const ScopeInstance& effect, bool reuse) {
    const auto& module = starter.module();
    const auto& scope = starter.scope();
    const auto& start = scope.starts[index];
    std::vector<std::string_view> entries;
    for (const auto& [name, value] : overlay) {
        context_.secrets().learn(name, value.view());
        entries.push_back(name);
        entries.push_back(value.view());
    }
    report::EventPlace place;
    place.span = starter.span;
    set_statement(place, module, start.span);

    const auto encoded_overlay = report::encode_texts(entries);
    const auto sources = report::encode_texts(overlay_sources(module, scope, start));
    return context_.recorder().record(
        place, events::EffectSetup{
                   .effect = effect.name(),
                   .overlay = encoded_overlay,
                   .alias = start.alias == bytecode::kNone ? std::string_view() : module.string(*start.alias),
                   .dep_sources = sources,
                   .marker = effect.marker,
                   .is_reuse = reuse});
}

void Attempt::record_exposes(ScopeInstance& instance) {
    const auto& module = instance.module();
    for (const auto& expose : instance.effect()->exposes) {
        report::EventPlace place;
        place.span = instance.span;
        const auto target = module.string(expose.inner_name);
        std::string_view qualifier;
        if (expose.start != bytecode::kNone) {
            const auto& start = instance.scope().starts[expose.start];
            if (start.alias != bytecode::kNone) qualifier = module.string(*start.alias);
        }
        const auto name = module.string(expose.name);
        if (!expose.variable) {
            context_.recorder().record(
                place, events::EffectExposeShell{.name = name, .target = target, .qualifier = qualifier});
            continue;
        }
        const auto value = instance.exposed_variable(name);
        context_.secrets().learn(name, value.view());
        context_.recorder().record(
            place, events::EffectExposeVar{
                       .name = name, .target = target, .qualifier = qualifier, .value = value.view()});
    }
}

std::vector<report::EnvironmentVariable> Attempt::shown_environment() {
    const auto& environment = context_.environment();
    const bool all = context_.settings().shows_environment;
    auto variables = environment.variables();
    for (auto& variable : variables) {
        variable.internal = environment.is_own(variable.name) && variable.name.starts_with("__RELUX");
        variable.file = environment.provenance(variable.name);
        variable.file = variable.file.substr(0, variable.file.rfind(':'));
        variable.shown = all || environment.is_own(variable.name) || !variable.file.empty() ||
                         context_.host().variables_read().contains(variable.name);
    }
    return variables;
}

io::Task<void> Attempt::write_report(report::TestResult& result, int attempt) {
    const auto& module = module_;
    const auto source_of = [](const exec::LinkedModule& of) {
        return report::SourceFile{of.code.name, of.code.source};
    };
    const auto* program = context_.resources().program;
    report::TestRecord record{
        context_.recorder().events(),
        result,
        context_.secrets(),
        context_.settings().run_id,
        attempt,
        context_.multiplier(),
        source_of(module),
        module.code.scopes[test_.scope].span.line,
        context_.recorder().shells(),
        {context_.host().variables_read().begin(), context_.host().variables_read().end()},
        [program, source_of](std::uint32_t number) { return source_of(*program->modules()[number - 1]); },
        context_.log_directory(),
        &context_.resources().quoted_source,
        module.number + 1,
        module.code.scopes[test_.scope].span.column,
        module.code.scopes[test_.scope].span.end_column,
        shown_environment(),
        [program](std::int64_t callee) { return callee_parameters(*program, callee); }};
    for (auto& sentence : involved_values(record))
        result.failure->notes.push_back(std::move(sentence));
    report::mask_result(result, context_.secrets().search());
    // Other tests' timers need not wait for the disk.
    Status written = Done{};
    co_await io::until_done([this, &written, &record](std::function<void()> done) {
        context_.loop().write_beside([&written, &record] { written = report::write_test_report(record); },
                                     std::move(done));
    });
    if (!written) result.report_error = written.error().message;
    context_.statistics().count(result, context_.secrets());
    if (auto* trace = context_.recorder().trace()) trace->finish(result);
}

}  // namespace relux::run
