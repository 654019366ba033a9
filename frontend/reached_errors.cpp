// Errors are known by their places: one inside a definition is that definition's, any other one that of its
// file. Who reaches a definition is found backwards, from those with errors to those that call or start them.
#include "frontend/reached_errors.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "frontend/check.h"
#include "frontend/program_walk.h"
#include "frontend/resolve.h"

namespace relux::frontend {
namespace {

bool is_error(const Diagnostic& diagnostic) {
    return diagnostic_info(diagnostic.code).severity == Severity::Error;
}

/// The errors of a file, in the order of their places.
std::vector<const Diagnostic*> errors_of(const LoadedModule& module) {
    std::vector<const Diagnostic*> errors;
    for (const Diagnostic& diagnostic : module.sink.diagnostics()) {
        if (is_error(diagnostic)) errors.push_back(&diagnostic);
    }
    std::stable_sort(errors.begin(), errors.end(),
                     [](const auto* a, const auto* b) { return a->range.begin < b->range.begin; });
    return errors;
}

std::string reason_text(const LoadedModule& module, const Diagnostic& error) {
    std::string message = error.message.substr(0, error.message.find('\n'));
    if (error.source == nullptr) return message;
    const auto place = error.source->position(error.range.begin);
    return module.name + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " +
           message;
}

/// With the markers before it.
template <class Syntax>
std::uint32_t begin_of(const Syntax& definition) {
    return definition.markers.empty() ? definition.range.begin : definition.markers.front().range.begin;
}

/// The number of the definition, of those of one kind in a file without errors of syntax, that the place is
/// in.
template <class Syntax>
std::optional<std::uint32_t> find_at(List<Syntax> definitions, std::uint32_t offset) {
    // They stand in the order of the file, beside each other.
    const auto after = std::upper_bound(
        definitions.begin(), definitions.end(), offset,
        [](std::uint32_t place, const Syntax& definition) { return place < begin_of(definition); });
    if (after == definitions.begin()) return std::nullopt;
    const auto found = after - 1;
    if (offset >= found->range.end) return std::nullopt;
    return static_cast<std::uint32_t>(found - definitions.begin());
}

template <class T, class Keep>
List<T> kept(List<T> list, Arena& memory, Keep keep) {
    T* const room = memory.room<T>(list.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (keep(i)) room[count++] = list[i];
    }
    return {room, count};
}

class ErrorReach {
  public:
    explicit ErrorReach(Program& program) : program_(program) {
        // Imports come first in that order.
        for (LoadedModule* module : program.order) {
            if (module->reaches_errors) add(*module);
        }
    }

    void find() {
        for (LoadedModule* module : modules_)
            find_own_errors(*module);
        for (LoadedModule* module : modules_)
            find_uses(*module);
        // In the order in which they were found: the reason of a test is the nearest error.
        for (std::size_t i = 0; i < broken_.size(); ++i) {
            for (const std::uint32_t user : users_[broken_[i]])
                mark(user, reasons_[broken_[i]]);
        }
    }

    void take_out() {
        for (LoadedModule* module : modules_)
            shorten(*module);
        for (LoadedModule* module : modules_) {
            if (!module->unusable) resolve_again(*module);
        }
    }

  private:
    /// Definitions are numbered through all modules: functions, effects and tests of one, then those of the
    /// next.
    struct Numbers {
        std::uint32_t functions = 0;
        std::uint32_t effects = 0;
        std::uint32_t tests = 0;
    };

    void add(LoadedModule& module) {
        modules_.push_back(&module);
        Numbers numbers;
        numbers.functions = static_cast<std::uint32_t>(reasons_.size());
        numbers.effects = numbers.functions + static_cast<std::uint32_t>(module.syntax.functions.size());
        numbers.tests = numbers.effects + static_cast<std::uint32_t>(module.syntax.effects.size());
        numbers_.emplace(&module, numbers);
        reasons_.resize(numbers.tests + module.syntax.tests.size());
        users_.resize(reasons_.size());
        file_reasons_.emplace(&module, file_reason(module));
    }

    /// Says what is wrong with a file besides its definitions: with the file itself, or with what it imports.
    std::string file_reason(const LoadedModule& module) const {
        const auto errors = errors_of(module);
        const auto outside = std::find_if(errors.begin(), errors.end(), [&](const Diagnostic* error) {
            return module.syntax.has_errors || error->source == nullptr ||
                   !is_inside(module, error->range.begin);
        });
        if (outside != errors.end()) return reason_text(module, **outside);
        for (const LoadedModule* imported : module.imports) {
            const auto known = file_reasons_.find(imported);
            if (known != file_reasons_.end() && !known->second.empty()) return known->second;
        }
        return errors.empty() ? module.name + " imports a file with errors"
                              : reason_text(module, *errors.front());
    }

    static bool is_inside(const LoadedModule& module, std::uint32_t offset) {
        const auto& syntax = module.syntax;
        return find_at(syntax.functions, offset) || find_at(syntax.effects, offset) ||
               find_at(syntax.tests, offset);
    }

    void mark(std::uint32_t definition, const std::string& reason) {
        if (!reasons_[definition].empty()) return;
        reasons_[definition] = reason;
        broken_.push_back(definition);
    }

    void mark_at(const LoadedModule& module, std::uint32_t offset, const std::string& reason) {
        const Numbers& numbers = numbers_.at(&module);
        const auto mark_in = [&](const auto& definitions, std::uint32_t first) {
            if (const auto number = find_at(definitions, offset)) mark(first + *number, reason);
        };
        mark_in(module.syntax.functions, numbers.functions);
        mark_in(module.syntax.effects, numbers.effects);
        mark_in(module.syntax.tests, numbers.tests);
    }

    void find_own_errors(const LoadedModule& module) {
        if (module.syntax.has_errors) {
            const Numbers& numbers = numbers_.at(&module);
            const auto end = numbers.tests + module.syntax.tests.size();
            for (auto i = numbers.functions; i < end; ++i)
                mark(i, file_reasons_.at(&module));
            return;
        }
        for (const Diagnostic* error : errors_of(module)) {
            if (error->source == nullptr) continue;
            const auto reason = reason_text(module, *error);
            mark_at(module, error->range.begin, reason);
            if (error->code != DiagnosticCode::NameConflict) continue;
            // The other one of that name is no more what is meant than this one.
            for (const DiagnosticNote& note : error->notes) {
                if (note.source == module.source) mark_at(module, note.range.begin, reason);
            }
        }
    }

    void find_uses(const LoadedModule& module) {
        if (module.syntax.has_errors) return;
        const Numbers& numbers = numbers_.at(&module);
        const ModuleSyntax& syntax = module.syntax;
        for (std::uint32_t i = 0; i < syntax.functions.size(); ++i) {
            const std::uint32_t user = numbers.functions + i;
            uses_of_markers(module, syntax.functions[i].markers, user);
            for (const Statement& statement : syntax.functions[i].body)
                uses_of(module, statement, user);
        }
        for (std::uint32_t i = 0; i < syntax.effects.size(); ++i) {
            uses_of_markers(module, syntax.effects[i].markers, numbers.effects + i);
            uses_of(module, module.effect_resolutions[i].scope, numbers.effects + i);
        }
        for (std::uint32_t i = 0; i < syntax.tests.size(); ++i) {
            uses_of_markers(module, syntax.tests[i].markers, numbers.tests + i);
            uses_of(module, module.test_resolutions[i], numbers.tests + i);
        }
    }

    void uses_of_markers(const LoadedModule& module, List<MarkerSyntax> markers, std::uint32_t user) {
        for (const MarkerSyntax& marker : markers)
            uses_of(module, marker, user);
    }

    /// Takes a marker, a statement or an expression.
    template <class Syntax>
    void uses_of(const LoadedModule& module, const Syntax& syntax, std::uint32_t user) {
        for_each_call(syntax, [&](const CallExpression& call, SourceRange) {
            const CallTarget* const target = module.calls.find(&call);
            if (target == nullptr || is_ambiguous(module, call)) return mark(user, file_reasons_.at(&module));
            if (target->builtin != nullptr) return;
            use(module, target->function, &Numbers::functions, user);
        });
    }

    void uses_of(const LoadedModule& module, const ScopeResolution& scope, std::uint32_t user) {
        for_each_statement(*scope.body,
                           [&](const Statement& statement) { uses_of(module, statement, user); });
        for (std::size_t i = 0; i < scope.starts.size(); ++i) {
            const StartSyntax& start = scope.body->starts[i];
            if (module.conflicts.contains(std::string(start.effect.text)))
                mark(user, file_reasons_.at(&module));
            use(module, scope.starts[i].effect, &Numbers::effects, user);
            for (const OverlayEntry& entry : start.overlay) {
                if (entry.value) uses_of(module, *entry.value, user);
            }
        }
    }

    static bool is_ambiguous(const LoadedModule& module, const CallExpression& call) {
        return !module.conflicts.empty() &&
               module.conflicts.contains(signature(call.name.text, call.arguments.size()));
    }

    /// A symbol without a module is a name that has been reported where it is imported, or not at all,
    /// because the imported file has errors of syntax.
    template <class Symbol>
    void use(const LoadedModule& module, const Symbol& symbol, std::uint32_t Numbers::*kind,
             std::uint32_t user) {
        if (symbol.module == nullptr) return mark(user, file_reasons_.at(&module));
        const auto numbers = numbers_.find(symbol.module);
        if (numbers != numbers_.end()) users_[numbers->second.*kind + symbol.index].push_back(user);
    }

    bool is_good(std::uint32_t definition) const { return reasons_[definition].empty(); }

    void shorten(LoadedModule& module) {
        const Numbers& numbers = numbers_.at(&module);
        ModuleSyntax& syntax = module.syntax;
        module.unusable = syntax.has_errors || module.source == nullptr;
        for (std::uint32_t i = 0; i < syntax.tests.size(); ++i) {
            const auto& reason = reasons_[numbers.tests + i];
            if (!reason.empty()) module.broken_tests.push_back({syntax.tests[i].name.text, i, reason});
        }
        if (module.unusable) module.unusable_because = file_reasons_.at(&module);
        const ArenaPool::Loan memory(*program_.trees);
        syntax.functions = kept(syntax.functions, *memory, [&](auto i) {
            return is_good(numbers.functions + static_cast<std::uint32_t>(i));
        });
        syntax.effects = kept(syntax.effects, *memory, [&](auto i) {
            return is_good(numbers.effects + static_cast<std::uint32_t>(i));
        });
        syntax.tests = kept(syntax.tests, *memory,
                            [&](auto i) { return is_good(numbers.tests + static_cast<std::uint32_t>(i)); });
        for (LoadedModule*& imported : module.imports) {
            if (imported != nullptr && imported->unusable) imported = nullptr;
        }
    }

    /// Imports of what is no longer there are reported once more, to nobody.
    void resolve_again(LoadedModule& module) {
        auto reported = std::move(module.sink);
        module.sink = DiagnosticSink();
        module.incomplete = true;
        module.functions.clear();
        module.effects.clear();
        module.bindings = {};
        module.calls = {};
        module.function_variables.clear();
        module.effect_resolutions.clear();
        module.test_resolutions.clear();
        module.environment_reads.clear();
        resolve_symbols(program_, module);
        resolve_scopes(program_, module);
        resolve_names(program_, module);
        check_expectations(module, {});
        module.sink = std::move(reported);
    }

    Program& program_;
    std::vector<LoadedModule*> modules_;  ///< those that reach errors, imports first
    std::unordered_map<const LoadedModule*, Numbers> numbers_;
    std::unordered_map<const LoadedModule*, std::string> file_reasons_;
    std::vector<std::string> reasons_;               ///< by definition; empty: it reaches no error
    std::vector<std::vector<std::uint32_t>> users_;  ///< by definition
    std::vector<std::uint32_t> broken_;
};

}  // namespace

void take_out_errors(Program& program) {
    const bool any = std::any_of(program.order.begin(), program.order.end(),
                                 [](const LoadedModule* module) { return module->reaches_errors; });
    if (!any) return;
    ErrorReach reach(program);
    reach.find();
    reach.take_out();
}

std::string first_error(const LoadedModule& module) {
    return reason_text(module, *errors_of(module).front());
}

}  // namespace relux::frontend
