// Definitions are followed as checks resolved them; each counts once, however it is come by.
#include "frontend/path_warnings.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "frontend/program_walk.h"

namespace relux::frontend {
namespace {

class Path {
  public:
    explicit Path(std::span<const ReachedLine> reached) : reached_(reached) {}

    void add(const LoadedModule& module, const TestSyntax& test, const ScopeResolution& scope) {
        const SourceRange ran = range_of(module, test);
        add_scope(module, test.body, scope, ran);
        follow();
    }

    bool has(const LoadedModule& module, const Diagnostic& warning) const {
        const auto found = ranges_.find(&module);
        if (found == ranges_.end()) return false;
        const auto inside = [&](SourceRange range) {
            return warning.range.begin >= range.begin && warning.range.begin < range.end;
        };
        return std::any_of(found->second.ran.begin(), found->second.ran.end(), inside) &&
               std::none_of(found->second.cleanups.begin(), found->second.cleanups.end(), inside);
    }

  private:
    struct Ranges {
        std::vector<SourceRange> ran;
        std::vector<SourceRange> cleanups;
    };

    /// The part of a definition that has run, as far as is known; it is kept.
    template <class Syntax>
    SourceRange range_of(const LoadedModule& module, const Syntax& definition) {
        SourceRange range = definition.range;
        if (!definition.markers.empty()) range.begin = definition.markers[0].range.begin;
        for (const ReachedLine& reached : reached_) {
            if (reached.module != module.name) continue;
            const auto first = module.source->position(range.begin).line;
            const auto last = module.source->position(definition.range.end).line;
            if (reached.line < first || reached.line > last) continue;
            const auto line = module.source->line(reached.line);
            const auto end =
                static_cast<std::uint32_t>(line.data() + line.size() - module.source->text().data());
            range.end = std::min(range.end, end);
            break;
        }
        ranges_[&module].ran.push_back(range);
        return range;
    }

    void add_scope(const LoadedModule& module, const ScopeBody& body, const ScopeResolution& scope,
                   SourceRange ran) {
        if (body.cleanup) ranges_[&module].cleanups.push_back(body.cleanup_range);
        for (std::size_t i = 0; i < scope.starts.size(); ++i) {
            if (scope.starts[i].effect.module != nullptr) effects_.push_back(scope.starts[i].effect);
            add_calls(module, body.starts[i], ran);
        }
        for (const Statement& statement : body.declarations)
            add_calls(module, statement, ran);
        for (const ShellBlock& shell : body.shells) {
            for (const Statement& statement : shell.body)
                add_calls(module, statement, ran);
        }
    }

    template <class Syntax>
    void add_calls(const LoadedModule& module, const Syntax& syntax, SourceRange ran) {
        if (syntax.range.begin >= ran.end) return;
        for_each_call(syntax, [&](const CallExpression& call, SourceRange) {
            const CallTarget* const target = module.calls.find(&call);
            if (target != nullptr && target->function.module != nullptr)
                functions_.push_back(target->function);
        });
    }

    void follow() {
        for (std::size_t function = 0, effect = 0;
             function < functions_.size() || effect < effects_.size();) {
            if (effect < effects_.size()) {
                const EffectSymbol next = effects_[effect++];
                const bool known = std::find(effects_.begin(), effects_.end(), next) - effects_.begin() !=
                                   static_cast<std::ptrdiff_t>(effect - 1);
                if (known || next.module->syntax.has_errors) continue;
                const SourceRange ran = range_of(*next.module, next.syntax());
                add_scope(*next.module, next.syntax().body, next.resolution().scope, ran);
                continue;
            }
            const FunctionSymbol next = functions_[function++];
            const bool known = std::find(functions_.begin(), functions_.end(), next) - functions_.begin() !=
                               static_cast<std::ptrdiff_t>(function - 1);
            if (known || next.module->syntax.has_errors) continue;
            const SourceRange ran = range_of(*next.module, next.syntax());
            for (const Statement& statement : next.syntax().body)
                add_calls(*next.module, statement, ran);
        }
    }

    std::span<const ReachedLine> reached_;
    std::vector<EffectSymbol> effects_;      ///< to be followed, in the order in which they were met
    std::vector<FunctionSymbol> functions_;  ///< the same
    std::unordered_map<const LoadedModule*, Ranges> ranges_;
};

}  // namespace

std::vector<const Diagnostic*> warnings_on_path(const Program& program, const LoadedModule& module,
                                                std::size_t test, std::span<const ReachedLine> reached) {
    Path path(reached);
    path.add(module, module.syntax.tests[test], module.test_resolutions[test]);
    std::vector<const Diagnostic*> found;
    for (const auto& each : program.modules) {
        const auto first = static_cast<std::ptrdiff_t>(found.size());
        for (const Diagnostic& diagnostic : each->sink.diagnostics()) {
            const bool is_warning = diagnostic_info(diagnostic.code).severity == Severity::Warning;
            if (is_warning && diagnostic.source == each->source && path.has(*each, diagnostic))
                found.push_back(&diagnostic);
        }
        std::stable_sort(found.begin() + first, found.end(), [](const auto* left, const auto* right) {
            return left->range.begin < right->range.begin;
        });
    }
    return found;
}

}  // namespace relux::frontend
