// Does what every stage on a Program needs: finds built-ins, reports, and tells which modules reach errors.
#include "frontend/program.h"

namespace relux::frontend {

const Builtin* Program::find_builtin(std::string_view name, std::size_t arity) const {
    auto [first, last] = builtins_by_name.equal_range(name);
    for (auto it = first; it != last; ++it) {
        if (arity >= it->second->minimum_arity && arity <= it->second->maximum_arity) return it->second;
    }
    return nullptr;
}

Program make_program(Edition edition, std::span<const Builtin> builtins) {
    Program program;
    program.edition = edition;
    program.builtins = builtins;
    for (const Builtin& builtin : builtins)
        program.builtins_by_name.emplace(builtin.name, &builtin);
    return program;
}

void mark_reached_errors(Program& program) {
    for (LoadedModule* module : program.order) {
        if (module->has_errors()) module->reaches_errors = true;
        for (const LoadedModule* imported : module->imports) {
            if (imported != nullptr && imported->reaches_errors) module->reaches_errors = true;
        }
    }
}

void report(LoadedModule& module, DiagnosticCode code, SourceRange range, std::string message,
            DiagnosticParts parts) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.source = module.source;
    diagnostic.range = range;
    diagnostic.message = std::move(message);
    diagnostic.notes = std::move(parts.notes);
    diagnostic.hint = std::move(parts.hint);
    module.sink.report(std::move(diagnostic));
}

bool names_import(const LoadedModule& module, std::string_view name) {
    for (const Import& import : module.syntax.imports) {
        for (const ImportItem& item : import.items) {
            if ((item.alias ? item.alias->text : item.name.text) == name) return true;
        }
    }
    return false;
}

std::string missing_import(const Program& program, const LoadedModule& module, std::string_view name,
                           const std::string& definition) {
    if (!program.exporter_of) return {};
    const std::string path = program.exporter_of(definition);
    if (path.empty() || module.name == "relux/lib/" + path + ".relux") return {};
    return "add `import " + path + " { " + std::string(name) + " }` at the top of the file";
}

std::string quoted_list(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i != 0) text += i + 1 == names.size() ? " and " : ", ";
        text += "`" + names[i] + "`";
    }
    return text;
}

}  // namespace relux::frontend
