// The symbol table of one module: its own definitions, then what its imports bring in. Knows no statement.
#include <algorithm>

#include "frontend/resolve.h"

namespace relux::frontend {
namespace {

bool is_effect_name(std::string_view name) {
    return !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
}

class SymbolResolver {
  public:
    SymbolResolver(const Program& program, LoadedModule& module) : program_(program), module_(module) {}

    void run() {
        define_functions();
        define_effects();
        for (std::size_t i = 0; i < module_.syntax.imports.size(); ++i) {
            if (LoadedModule* imported = module_.imports[i])
                import_from(module_.syntax.imports[i], *imported);
        }
    }

  private:
    void define_functions() {
        const auto& functions = module_.syntax.functions;
        for (std::uint32_t i = 0; i < functions.size(); ++i) {
            const Name& name = functions[i].name;
            if (program_.find_builtin(name.text, functions[i].parameters.size()) != nullptr) {
                module_.conflicts.insert(signature(name.text, functions[i].parameters.size()));
                report(module_, DiagnosticCode::NameConflict, name.range,
                       "name conflict: `" + signature(name.text, functions[i].parameters.size()) +
                           "` is a built-in function, which cannot be redefined");
                continue;
            }
            add_function(name.text, {{&module_, i}, name.range, false});
        }
    }

    void define_effects() {
        const auto& effects = module_.syntax.effects;
        for (std::uint32_t i = 0; i < effects.size(); ++i) {
            add_effect(effects[i].name.text, {{&module_, i}, effects[i].name.range, false});
        }
    }

    void import_from(const Import& import, LoadedModule& imported) {
        if (import.everything) {
            for (std::uint32_t i = 0; i < imported.syntax.functions.size(); ++i) {
                import_function(imported, i, imported.syntax.functions[i].name.text, import.path_range);
            }
            for (std::uint32_t i = 0; i < imported.syntax.effects.size(); ++i) {
                import_effect(imported, i, imported.syntax.effects[i].name.text, import.path_range);
            }
            return;
        }
        for (const ImportItem& item : import.items)
            import_item(item, imported);
    }

    void import_item(const ImportItem& item, LoadedModule& imported) {
        const bool effect = is_effect_name(item.name.text);
        // The alias has the wrong casing, which the parser has reported.
        if (item.alias && is_effect_name(item.alias->text) != effect) return;
        const Name& seen_as = item.alias ? *item.alias : item.name;
        if (effect) {
            auto it = imported.effects.find(item.name.text);
            if (it == imported.effects.end() || it->second.imported)
                return report_not_exported(item.name, imported);
            import_effect(imported, it->second.symbol.index, seen_as.text, seen_as.range);
            return;
        }
        auto it = imported.functions.find(item.name.text);
        bool any = false;
        if (it != imported.functions.end()) {
            for (const auto& visible : it->second) {
                if (visible.imported) continue;
                any = true;
                import_function(imported, visible.symbol.index, seen_as.text, seen_as.range);
            }
        }
        if (!any) report_not_exported(item.name, imported);
    }

    void report_not_exported(const Name& name, const LoadedModule& imported) {
        if (imported.syntax.has_errors) return;  // it may well be what could not be parsed
        DiagnosticParts parts;
        std::string nearest;
        if (const LoadedModule* origin = imported_by(name.text, imported)) {
            parts.hint = "it is imported there from " + origin->name + ": import it from that module";
        } else {
            nearest = did_you_mean(name.text, exported_names(imported));
        }
        report(module_, DiagnosticCode::NotExported, name.range,
               "`" + std::string(name.text) + "` is not exported by " + imported.name + nearest,
               std::move(parts));
    }

    /// The module from which `imported` has the name itself, or null.
    static const LoadedModule* imported_by(std::string_view name, const LoadedModule& imported) {
        if (auto it = imported.effects.find(name); it != imported.effects.end())
            return it->second.symbol.module;
        auto it = imported.functions.find(name);
        return it == imported.functions.end() ? nullptr : it->second.front().symbol.module;
    }

    static std::vector<std::string_view> exported_names(const LoadedModule& imported) {
        std::vector<std::string_view> names;
        for (const FunctionSyntax& function : imported.syntax.functions)
            names.push_back(function.name.text);
        for (const EffectSyntax& effect : imported.syntax.effects)
            names.push_back(effect.name.text);
        return names;
    }

    void import_function(LoadedModule& imported, std::uint32_t index, std::string_view name,
                         SourceRange place) {
        const auto arity = imported.syntax.functions[index].parameters.size();
        if (program_.find_builtin(name, arity) != nullptr) {
            // Importing a redefinition under its own name: reported where it is defined.
            if (name == imported.syntax.functions[index].name.text) return;
            module_.conflicts.insert(signature(name, arity));
            report(module_, DiagnosticCode::NameConflict, place,
                   "name conflict: `" + signature(name, arity) +
                       "` is a built-in function, which cannot be redefined");
            return;
        }
        add_function(name, {{&imported, index}, place, true});
    }

    void import_effect(LoadedModule& imported, std::uint32_t index, std::string_view name,
                       SourceRange place) {
        add_effect(name, {{&imported, index}, place, true});
    }

    void add_function(std::string_view name, Visible<FunctionSymbol> added) {
        auto& same_name = module_.functions[name];
        const auto arity = added.symbol.syntax().parameters.size();
        for (const auto& other : same_name) {
            if (other.symbol == added.symbol) return;
            if (other.symbol.syntax().parameters.size() != arity) continue;
            report_conflict(signature(name, arity), added, other);
            return;
        }
        same_name.push_back(added);
    }

    void add_effect(std::string_view name, Visible<EffectSymbol> added) {
        auto [it, is_new] = module_.effects.emplace(name, added);
        if (is_new || it->second.symbol == added.symbol) return;
        report_conflict(std::string(name), added, it->second);
    }

    template <class Symbol>
    void report_conflict(const std::string& name, const Visible<Symbol>& added,
                         const Visible<Symbol>& other) {
        module_.conflicts.insert(name);
        std::string message = "`" + name + "`";
        std::string note;
        if (!added.imported) {
            message += " is defined twice";
            note = "the other definition is here";
        } else if (other.imported) {
            message +=
                " is imported from both " + other.symbol.module->name + " and " + added.symbol.module->name;
            note = "the other import is here";
        } else {
            message += " is imported from " + added.symbol.module->name + " and defined in this file";
            note = "the definition is here";
        }
        conflict(added.place, message, other.place, note, added.imported);
    }

    void conflict(SourceRange place, const std::string& what, SourceRange other, const std::string& note,
                  bool alias_helps = false) {
        DiagnosticParts parts;
        parts.notes.push_back({module_.source, other, note});
        if (alias_helps)
            parts.hint = "import one of them under another name: `import m { name as other_name }`";
        report(module_, DiagnosticCode::NameConflict, place, "name conflict: " + what, std::move(parts));
    }

    const Program& program_;
    LoadedModule& module_;
};

}  // namespace

void resolve_symbols(const Program& program, LoadedModule& module) {
    SymbolResolver(program, module).run();
}

}  // namespace relux::frontend
