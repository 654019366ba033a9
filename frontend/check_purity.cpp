// Shell operations stand where a shell is: in shell blocks, cleanups and regular functions (language 9).
#include "frontend/check.h"
#include "frontend/program_walk.h"
#include "frontend/resolve.h"

namespace relux::frontend {
namespace {

/// Names what the statement does to a shell by itself, not by what it calls; empty when nothing.
std::string_view shell_operation(const Statement& statement) {
    std::string_view operation;
    for_each_node(statement, [&]<class Node>(const Node&) {
        if (operation.empty()) operation = NodeRow<Node>::kOperation;
    });
    return operation;
}

class PurityCheck {
  public:
    explicit PurityCheck(LoadedModule& module) : module_(module) {}

    void run() {
        const ModuleSyntax& syntax = module_.syntax;
        for_each_marker(syntax, [&](const MarkerSyntax& marker) {
            for_each_call(marker, [&](const CallExpression& call, SourceRange range) {
                check_call(call, range, "a marker");
            });
        });
        for (const FunctionSyntax& function : syntax.functions) {
            if (!function.pure) continue;
            for (const Statement& statement : function.body)
                check_statement(statement, "a pure function");
        }
        for (const EffectSyntax& effect : syntax.effects)
            check_scope(effect.body);
        for (const TestSyntax& test : syntax.tests)
            check_scope(test.body);
    }

  private:
    void check_scope(const ScopeBody& body) {
        for (const Statement& statement : body.declarations)
            check_statement(statement, "a declaration");
        for_each_call(body.starts, [&](const CallExpression& call, SourceRange range) {
            check_call(call, range, "an overlay");
        });
    }

    void check_statement(const Statement& statement, const char* where) {
        if (const auto operation = shell_operation(statement); !operation.empty()) {
            DiagnosticParts parts;
            parts.hint =
                std::string_view(where) == "a declaration"
                    ? "it belongs into a shell block: `shell name { … }`"
                    : "what works in a shell is declared `fn`, without `pure`, and called in shell blocks";
            report(module_, DiagnosticCode::ImpureInPure, statement.range,
                   "shell operation in pure context: " + std::string(operation) + " in " + where,
                   std::move(parts));
        }
        for_each_call(statement,
                      [&](const CallExpression& call, SourceRange range) { check_call(call, range, where); });
    }

    void check_call(const CallExpression& call, SourceRange range, const char* where) {
        const CallTarget* const resolved = module_.calls.find(&call);
        if (resolved == nullptr) return;
        const CallTarget& target = *resolved;
        DiagnosticParts parts;
        if (target.builtin != nullptr) {
            if (target.builtin->pure) return;
        } else {
            if (target.function.module == nullptr || target.function.syntax().pure) return;
            const FunctionSyntax& function = target.function.syntax();
            parts.notes.push_back(
                {target.function.module->source, function.header_range, "it is not `pure`"});
            if (could_be_pure(target.function))
                parts.hint = "declare it `pure fn`: nothing in it needs a shell";
            else if (std::string_view(where) == "a declaration")
                parts.hint = "call it in a shell block";
        }
        report(module_, DiagnosticCode::ImpureInPure, range,
               "shell operation in pure context: `" + signature(call.name.text, call.arguments.size()) +
                   "` needs a shell and is called in " + where,
               std::move(parts));
    }

    /// Whether `pure` could just be written in front of it.
    static bool could_be_pure(const FunctionSymbol& symbol) {
        bool pure = !symbol.module->syntax.has_errors;
        const auto& calls = symbol.module->calls;
        for (const Statement& statement : symbol.syntax().body) {
            if (!shell_operation(statement).empty()) pure = false;
            for_each_call(statement, [&](const CallExpression& call, SourceRange) {
                const CallTarget* const resolved = calls.find(&call);
                if (resolved == nullptr) return;
                const CallTarget& target = *resolved;
                const bool itself = target.function == symbol;
                if (target.builtin != nullptr
                        ? !target.builtin->pure
                        : !itself && target.function.module != nullptr && !target.function.syntax().pure) {
                    pure = false;
                }
            });
        }
        return pure;
    }

    LoadedModule& module_;
};

}  // namespace

void check_purity(LoadedModule& module) {
    PurityCheck(module).run();
}

}  // namespace relux::frontend
