// Rounds: what has no valid entry is compiled, with everything it imports read again; then the interfaces of
// what was compiled decide about its importers. A suite without changes needs none, a changed body one.
#include "compiler/cached_compile.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "compiler/source_stamps.h"
#include "frontend/module_loader.h"
#include "vm/base/files.h"

namespace relux::compiler {

namespace fs = std::filesystem;

namespace {

/// What is known of one module of the suite.
struct ModuleState {
    enum class Kind : std::uint8_t {
        Unknown,
        Active,   ///< being looked at: an import that leads here is a cycle
        Hit,      ///< `cached` is what compiling would give
        Pending,  ///< it depends on a module that is compiled in this round
        Missing,  ///< to be compiled
        Compiled,
        Invalid,  ///< it, or what it imports, has errors
    };
    Kind kind = Kind::Unknown;
    CachedModule cached;
    std::size_t compiled = 0;  ///< index among the compiled modules
    std::string why;           ///< it is missing
};

/// Modules out of memory and out of the cache.
class CachedSource final : public exec::ModuleSource {
  public:
    CachedSource(std::unique_ptr<ModuleCache> cache, CompileOptions options)
        : cache_(std::move(cache)), options_(std::move(options)) {}

    void add(std::string name, bytecode::Module module) {
        names_.push_back(std::move(name));
        modules_.push_back({std::move(module), {}});
    }
    void add(std::string name, CachedModule cached) {
        names_.push_back(std::move(name));
        modules_.push_back({{}, cached});
    }

    const std::vector<std::string>& names() const override { return names_; }
    Result<bytecode::Module> load(std::size_t number) override {
        auto& [module, cached] = modules_[number];
        if (cached.entry == nullptr) return std::move(module);
        if (auto loaded = cached.pack->load(*cached.entry)) return loaded;
        return compile_again(names_[number], cached.entry->facts);
    }

  private:
    /// The entry is damaged, which shows only now.
    Result<bytecode::Module> compile_again(const std::string& name, const ModuleFacts& facts) const {
        auto options = options_;
        options.wanted = [&](std::string_view wanted) { return wanted == name; };
        options.environment_has = [&](std::string_view variable, std::string_view) {
            return std::any_of(
                facts.environment.begin(), facts.environment.end(),
                [&](const EnvironmentFact& fact) { return fact.set && fact.name == variable; });
        };
        auto compiled = compile_suite(options, {options.suite_root / name});
        if (compiled.modules.size() == 1) return std::move(compiled.modules.front());
        return Error{name + " is damaged in the cache, and its source can no longer be compiled"};
    }

    struct Place {
        bytecode::Module module;
        CachedModule cached;
    };
    std::unique_ptr<ModuleCache> cache_;
    CompileOptions options_;
    std::vector<std::string> names_;
    std::vector<Place> modules_;
};

class CachedCompiler {
  public:
    CachedCompiler(const CompileOptions& options, std::unique_ptr<ModuleCache> cache, bool want_warnings)
        : options_(options),
          root_(frontend::absolute_path(options.suite_root)),
          cache_(std::move(cache)),
          stamps_(cache_->directory(), root_),
          want_warnings_(want_warnings) {}

    CachedSuite run(const std::vector<fs::path>& files) {
        for (const auto& file : files)
            roots_.push_back(name_of(file));
        while (true) {
            std::set<std::string> missing;
            for (const auto& name : roots_)
                look_at(name, missing);
            // Those that only a compiled module has led to.
            for (const auto& name : std::exchange(pending_, {}))
                look_at(name, missing);
            if (missing.empty()) break;
            compile(missing);
        }
        return finish();
    }

  private:
    using Kind = ModuleState::Kind;

    std::string name_of(const fs::path& file) const {
        const auto path = frontend::absolute_path(file);
        auto name = path.lexically_relative(root_).generic_string();
        return name.empty() ? path.generic_string() : name;
    }

    /// Its facts, if they are known.
    const ModuleFacts* facts_of(const ModuleState& state) const {
        if (state.kind == Kind::Hit) return &state.cached.entry->facts;
        if (state.kind == Kind::Compiled) return &facts_[state.compiled];
        return nullptr;
    }

    /// Decides about the module and what it imports. Those to be compiled are added to `missing`. Recursion
    /// is as deep as imports are.
    const ModuleState& look_at(const std::string& name, std::set<std::string>& missing) {
        auto& state = states_[name];
        if (state.kind == Kind::Missing) missing.insert(name);
        if (state.kind != Kind::Unknown && state.kind != Kind::Pending) return state;
        state.kind = Kind::Active;
        const auto hash = hash_of(root_ / name);
        if (!hash) return miss(name, missing, "the file cannot be read");
        const auto entries = cache_->find(source_key(options_.edition, name, *hash));
        if (entries.empty()) return miss(name, missing, "the source is new or has changed");
        std::string why;
        for (const auto& entry : entries) {
            bool pending = false;
            why = fault_of(name, entry.entry->facts, missing, pending);
            if (why.empty() && !pending) {
                state.kind = Kind::Hit;
                state.cached = entry;
                used_.insert(entry.pack);
                return state;
            }
            if (why.empty()) {
                state.kind = Kind::Pending;
                pending_.insert(name);
                return state;
            }
        }
        return miss(name, missing, why);
    }

    const ModuleState& miss(const std::string& name, std::set<std::string>& missing, std::string why) {
        auto& state = states_[name];
        state.kind = Kind::Missing;
        state.why = std::move(why);
        missing.insert(name);
        return state;
    }

    /// Why an entry is not what compiling would give now; empty: it is, or that is not known yet.
    std::string fault_of(const std::string& name, const ModuleFacts& facts, std::set<std::string>& missing,
                         bool& pending) {
        if (want_warnings_ && facts.has_warnings) return "it has warnings to show";
        for (const auto& import : facts.imports) {
            const auto& imported = look_at(import.name, missing);
            if (imported.kind == Kind::Invalid || imported.kind == Kind::Active)
                return import.name + ", which it imports, has errors";
            const auto* known = facts_of(imported);
            pending |= known == nullptr;
            if (known != nullptr && known->interface != import.interface)
                return "the interface of " + import.name + " has changed";
        }
        for (const auto& fact : facts.environment) {
            if (options_.environment_has && options_.environment_has(fact.name, name) != fact.set)
                return "the environment " + std::string(fact.set ? "no longer sets " : "now sets ") +
                       fact.name;
        }
        return {};
    }

    std::optional<Hash128> hash_of(const fs::path& file) {
        const auto path = file.string();
        const auto stamp = stamp_of(file);
        if (!stamp) return std::nullopt;
        if (const auto known = stamps_.find(path, *stamp)) return known;
        const auto bytes = options_.read_file ? options_.read_file(file) : read_file(file);
        if (!bytes) return std::nullopt;
        const auto hash = hash128(*bytes);
        stamps_.remember(path, *stamp, hash);
        return hash;
    }

    void compile(const std::set<std::string>& missing) {
        auto options = options_;
        std::set<std::string> reached = missing;
        options.wanted = [&](std::string_view name) {
            std::set<std::string> more;
            const bool wanted = look_at(std::string(name), more).kind == Kind::Missing;
            if (wanted) reached.insert(std::string(name));
            return wanted;
        };
        std::vector<fs::path> files;
        for (const auto& name : missing)
            files.push_back(root_ / name);
        auto compiled = compile_suite(options, files);
        for (std::size_t i = 0; i < compiled.modules.size(); ++i) {
            auto& state = states_[compiled.modules[i].name];
            state.kind = Kind::Compiled;
            state.compiled = facts_.size();
            modules_.push_back(std::move(compiled.modules[i]));
            facts_.push_back(std::move(compiled.facts[i]));
        }
        for (const auto& name : reached) {
            auto& state = states_[name];
            if (state.kind != Kind::Compiled) state.kind = Kind::Invalid;
        }
        for (auto& test : compiled.invalid)
            invalid_[test.module].push_back(std::move(test));
        collect(compiled);
    }

    /// A module with errors is read again with each that imports it; what is said of it is said once.
    void collect(CompiledSuite& compiled) {
        std::unordered_set<std::string> now;
        for (const auto& diagnostic : compiled.diagnostics.diagnostics()) {
            const auto& about = diagnostic.source != nullptr ? diagnostic.source->name() : diagnostic.message;
            if (told_.contains(about)) continue;
            now.insert(about);
            suite_.diagnostics.report(diagnostic);
        }
        told_.insert(now.begin(), now.end());
        for (auto& source : compiled.sources)
            suite_.sources.push_back(std::move(source));
    }

    CachedSuite finish() {
        std::set<std::string> reached;
        for (const auto& name : roots_) {
            if (const auto invalid = invalid_.find(name); invalid != invalid_.end()) {
                for (auto& test : invalid->second)
                    suite_.invalid.push_back(std::move(test));
                invalid_.erase(invalid);
            }
            if (facts_of(states_[name]) == nullptr) continue;
            suite_.test_modules.push_back(name);
            reach(name, reached);
        }
        write();
        for (const auto& [name, state] : states_) {
            if (state.kind == Kind::Unknown) continue;
            suite_.decisions.push_back({name, state.kind == Kind::Hit, state.why});
        }
        auto source = std::make_unique<CachedSource>(std::move(cache_), options_);
        for (const auto& name : reached) {
            auto& state = states_[name];
            suite_.modules.push_back(*facts_of(state));
            if (state.kind == Kind::Hit) {
                source->add(name, state.cached);
            } else {
                source->add(name, std::move(modules_[state.compiled]));
            }
        }
        suite_.source = std::move(source);
        return std::move(suite_);
    }

    void reach(const std::string& first, std::set<std::string>& reached) {
        std::vector<std::string> open = {first};
        while (!open.empty()) {
            const auto name = std::move(open.back());
            open.pop_back();
            if (!reached.insert(name).second) continue;
            for (const auto& import : facts_of(states_[name])->imports) {
                if (!reached.contains(import.name)) open.push_back(import.name);
            }
        }
    }

    void write() {
        std::vector<NewModule> added;
        for (std::size_t i = 0; i < modules_.size(); ++i) {
            const auto key = source_key(options_.edition, facts_[i].name, facts_[i].source);
            added.push_back({&modules_[i], &facts_[i], key, module_key(key, facts_[i].imports)});
        }
        auto written = cache_->add(added);
        if (written) written = stamps_.save();
        if (!written) suite_.note = written.error().message;
        for (const auto* pack : used_)
            cache_->touch(*pack);
    }

    const CompileOptions& options_;
    fs::path root_;
    std::unique_ptr<ModuleCache> cache_;
    SourceStamps stamps_;
    bool want_warnings_;
    std::vector<std::string> roots_;
    std::set<std::string> pending_;
    std::map<std::string, ModuleState> states_;  ///< by name; elements don't move
    std::vector<bytecode::Module> modules_;      ///< compiled
    std::vector<ModuleFacts> facts_;             ///< of `modules_`
    std::unordered_map<std::string, std::vector<InvalidTest>> invalid_;
    std::unordered_set<std::string> told_;  ///< sources whose diagnostics are in the suite
    std::set<const CachePack*> used_;
    CachedSuite suite_;
};

}  // namespace

CachedSuite compile_suite_cached(const CompileOptions& options, const std::vector<fs::path>& files,
                                 std::unique_ptr<ModuleCache> cache, bool want_warnings) {
    return CachedCompiler(options, std::move(cache), want_warnings).run(files);
}

}  // namespace relux::compiler
