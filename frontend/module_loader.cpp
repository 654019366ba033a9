// Depth first over the imports, so that Program::order lists what a module needs before the module itself.
#include "frontend/module_loader.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <unordered_set>

#include "frontend/parse.h"
#include "frontend/resolve.h"
#include "vm/base/parallel.h"

namespace relux::frontend {
namespace {

struct ParsedFile {
    std::unique_ptr<Source> source;
    ModuleSyntax syntax;
    DiagnosticSink sink;
};

class ModuleLoader {
  public:
    ModuleLoader(Program& program, const LoadOptions& options)
        : program_(program), options_(options), root_(absolute_path(options.suite_root)) {}

    /// Reads and parses the files, all at once; what they import follows when they are loaded.
    void read_ahead(const std::vector<std::filesystem::path>& files) {
        std::vector<ParsedFile*> places;
        std::vector<std::filesystem::path> paths;
        for (const auto& file : files) {
            auto path = absolute_path(file);
            auto [place, is_new] = ahead_.try_emplace(name_below(root_, path.native()));
            if (!is_new) continue;
            places.push_back(&place->second);
            paths.push_back(std::move(path));
        }
        parallel_for(paths.size(), [&](std::size_t i) {
            // One that can't be read is tried again when it is loaded, and reported there.
            if (auto text = options_.read_file(paths[i]))
                *places[i] = parse_file(name_below(root_, paths[i].native()), *std::move(text));
        });
    }

    void load_root(const std::filesystem::path& file) {
        std::filesystem::path path = absolute_path(file);
        std::string name = name_below(root_, path.native());
        if (LoadedModule* known = find(name)) {
            add_root(known);
            return;
        }
        auto parsed = parsed_file(name, path);
        if (!parsed) {
            LoadedModule& module = add(std::move(name));
            report(module, DiagnosticCode::FileUnreadable, {},
                   module.name + " cannot be read: " + parsed.error().message);
            module.incomplete = true;
            program_.order.push_back(&module);
            add_root(&module);
            return;
        }
        add_root(&load(std::move(name), *std::move(parsed)));
    }

  private:
    enum class State : std::uint8_t { Active, Done };

    LoadedModule* find(std::string_view name) const {
        auto it = by_name_.find(name);
        return it == by_name_.end() ? nullptr : it->second;
    }

    void add_root(LoadedModule* module) {
        if (roots_.insert(module).second) program_.roots.push_back(module);
    }

    LoadedModule& add(std::string name) {
        auto owned = std::make_unique<LoadedModule>();
        LoadedModule& module = *owned;
        module.name = std::move(name);
        program_.modules.push_back(std::move(owned));
        by_name_.emplace(module.name, &module);
        return module;
    }

    /// A module whose imports are being followed. A stack of our own: suites may chain thousands of imports.
    struct Step {
        LoadedModule* module;
        std::size_t next_import = 0;
    };

    LoadedModule& load(std::string name, ParsedFile parsed) {
        LoadedModule& root = open(std::move(name), std::move(parsed));
        while (!path_.empty()) {
            LoadedModule& module = *path_.back().module;
            const std::size_t next = path_.back().next_import++;
            if (next < module.syntax.imports.size()) {
                LoadedModule* imported = load_import(module, module.syntax.imports[next]);
                module.imports.push_back(imported);
                if (imported == nullptr || imported->syntax.has_errors) module.incomplete = true;
                continue;
            }
            states_[&module] = State::Done;
            path_.pop_back();
            program_.order.push_back(&module);
        }
        return root;
    }

    ParsedFile parse_file(const std::string& name, std::string text) {
        ParsedFile parsed;
        parsed.source = std::make_unique<Source>(name, std::move(text));
        const ArenaPool::Loan tree(*program_.trees);
        const ArenaPool::Loan scratch(scratches_);
        parsed.syntax = parse(*parsed.source, program_.edition, parsed.sink, *tree, *scratch);
        return parsed;
    }

    /// As it has been read ahead, or is now.
    Result<ParsedFile> parsed_file(const std::string& name, const std::filesystem::path& path) {
        if (const auto ahead = ahead_.find(name); ahead != ahead_.end() && ahead->second.source != nullptr)
            return std::move(ahead->second);
        auto text = options_.read_file(path);
        if (!text) return text.error();
        return parse_file(name, *std::move(text));
    }

    /// Adds the module; its imports are followed next.
    LoadedModule& open(std::string name, ParsedFile parsed) {
        LoadedModule& module = add(std::move(name));
        program_.sources.push_back(std::move(parsed.source));
        module.source = program_.sources.back().get();
        module.syntax = std::move(parsed.syntax);
        module.sink = std::move(parsed.sink);
        if (module.has_errors()) module.syntax.has_errors = true;
        module.incomplete = module.syntax.has_errors;
        states_[&module] = State::Active;
        path_.push_back({&module});
        return module;
    }

    /// Null when there is nothing to import from; that has been reported.
    LoadedModule* load_import(LoadedModule& importer, const Import& import) {
        std::string written;
        std::string below;
        for (std::size_t i = 0; i < import.path.size(); ++i) {
            if (i != 0) written += '/';
            written += import.path[i].text;
            if (i == 0 && import.path.size() > 1 && import.path[0].text == "lib") continue;
            if (!below.empty()) below += '/';
            below += import.path[i].text;
        }
        std::string name = "relux/lib/" + below + ".relux";
        if (LoadedModule* known = find(name)) {
            if (states_[known] == State::Active) {
                report_cycle(importer, import, *known);
                return nullptr;
            }
            return known->source != nullptr ? known : nullptr;
        }
        auto parsed = parsed_file(name, root_ / name);
        if (parsed) return &open(std::move(name), *std::move(parsed));
        if (parsed.error().code == ENOENT || parsed.error().code == ENOTDIR) {
            report(importer, DiagnosticCode::ModuleNotFound, import.path_range,
                   "module `" + written + "` not found: there is no file " + name + nearest_module(below));
        } else {
            report(importer, DiagnosticCode::FileUnreadable, import.path_range,
                   "module `" + written + "` cannot be read: " + parsed.error().message);
        }
        return nullptr;
    }

    std::string nearest_module(std::string_view path) {
        if (!library_ && options_.library_modules) library_ = options_.library_modules();
        if (!library_) return {};
        return did_you_mean(path, {library_->begin(), library_->end()});
    }

    void report_cycle(LoadedModule& importer, const Import& import, const LoadedModule& target) {
        std::string message = "import cycle: ";
        auto first = std::find_if(path_.begin(), path_.end(),
                                  [&](const Step& step) { return step.module == &target; });
        DiagnosticParts parts;
        for (auto it = first; it != path_.end(); ++it)
            message += it->module->name + " -> ";
        message += target.name;
        parts.hint = "move what both need into a module of its own";
        report(importer, DiagnosticCode::ImportCycle, import.path_range, std::move(message),
               std::move(parts));
    }

    Program& program_;
    const LoadOptions& options_;
    std::filesystem::path root_;
    ArenaPool scratches_;                                          ///< of the parsers
    std::unordered_map<std::string_view, LoadedModule*> by_name_;  ///< views into LoadedModule::name
    std::unordered_map<const LoadedModule*, State> states_;
    std::unordered_set<const LoadedModule*> roots_;
    std::optional<std::vector<std::string>> library_;    ///< once it was needed
    std::unordered_map<std::string, ParsedFile> ahead_;  ///< by name; without a source once it is loaded
    std::vector<Step> path_;                             ///< the modules being loaded, outermost first
};

}  // namespace

namespace {

/// Whether a path is certain to be normal: taking paths of thousands of files apart is what their names would
/// cost most.
bool is_plain(std::string_view path) {
    return !path.empty() && !path.ends_with('/') && path.find("//") == std::string_view::npos &&
           path.find("/.") == std::string_view::npos;
}

}  // namespace

std::filesystem::path absolute_path(const std::filesystem::path& path) {
    if (path.native().starts_with('/') && is_plain(path.native())) return path;
    std::error_code ignored;
    auto result = std::filesystem::absolute(path, ignored).lexically_normal();
    return result.has_filename() ? result : result.parent_path();
}

std::string name_below(const std::filesystem::path& root, const std::string& file) {
    const auto& base = root.native();
    const bool below = file.size() > base.size() && file.starts_with(base) && file[base.size()] == '/';
    if (below && is_plain(std::string_view(file).substr(base.size()))) return file.substr(base.size() + 1);
    const std::filesystem::path path(file);
    const auto relative = path.lexically_relative(root);
    return relative.empty() ? path.generic_string() : relative.generic_string();
}

void load_modules(Program& program, const LoadOptions& options,
                  const std::vector<std::filesystem::path>& files) {
    ModuleLoader loader(program, options);
    loader.read_ahead(files);
    for (const std::filesystem::path& file : files)
        loader.load_root(file);
}

}  // namespace relux::frontend
