// Rounds: what has no valid entry is compiled, with everything it imports read again; then the interfaces of
// what was compiled decide about its importers. A suite without changes needs none, a changed body one.
#include "compiler/cached_compile.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "compiler/cached_source.h"
#include "compiler/source_stamps.h"
#include "frontend/module_loader.h"
#include "vm/base/files.h"

namespace relux::compiler {

namespace fs = std::filesystem;

namespace {

constexpr auto kNewSource = "the source is new or has changed";

/// Keeps all that is known of one module of the suite.
struct ModuleState {
    enum class Kind : std::uint8_t {
        Unknown,
        Active,   ///< being looked at: an import that leads here is a cycle
        Hit,      ///< `cached` is what compiling would give
        Pending,  ///< it depends on a module that is compiled in this round
        Missing,  ///< to be compiled
        Compiled,
        Invalid,  ///< nothing of it can be used
    };
    Kind kind = Kind::Unknown;
    CachedModule cached;
    bool reached = false;      ///< from a valid root
    std::size_t compiled = 0;  ///< index among the compiled modules
    /// Describes the file as it was before it was compiled, if its hash was not known then.
    std::optional<FileStamp> unread;
    std::string why;  ///< it is missing
};

class CachedCompiler {
  public:
    CachedCompiler(const CompileOptions& options, std::unique_ptr<ModuleCache> cache,
                   const CacheWishes& wishes)
        : options_(options),
          root_(frontend::absolute_path(options.suite_root)),
          cache_(std::move(cache)),
          stamps_(cache_->directory(), root_),
          files_(root_),
          wishes_(wishes) {}

    CachedSuite run(const std::vector<std::string>& files) {
        roots_.reserve(files.size());
        for (const auto& file : files)
            roots_.push_back(name_of(file));
        states_.reserve(roots_.size() * 2);
        while (true) {
            Names missing;
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
    using Names = std::set<std::string_view>;  ///< views that outlive the compilation, as the keys of states_

    std::string name_of(const std::string& file) const {
        return frontend::name_below(root_, frontend::absolute_path(file).native());
    }

    /// Its facts, if they are known.
    const ModuleFacts* facts_of(const ModuleState& state) const {
        if (state.kind == Kind::Hit) return &state.cached.entry->facts;
        if (state.kind == Kind::Compiled) return &facts_[state.compiled];
        return nullptr;
    }

    /// Decides about the module and what it imports. Those to be compiled are added to `missing`. Recursion
    /// is as deep as imports are.
    const ModuleState& look_at(std::string_view name, Names& missing) {
        auto& state = states_[name];
        if (state.kind == Kind::Missing) missing.insert(name);
        if (state.kind != Kind::Unknown && state.kind != Kind::Pending) return state;
        state.kind = Kind::Active;
        const auto stamp = files_.read(name);
        if (stamp && cache_->empty()) {
            // Compiling tells its hash; reading it for that alone would be reading it twice.
            state.unread = stamp;
            return miss(name, missing, kNewSource);
        }
        const auto hash = stamp ? hash_of(name, *stamp) : std::nullopt;
        if (!hash) return miss(name, missing, "the file cannot be read");
        const auto [first, last] = cache_->find(source_key(options_.edition, name, *hash));
        if (first == last) return miss(name, missing, kNewSource);
        std::string why;
        for (auto entry = first; entry != last; ++entry) {
            bool pending = false;
            why = fault_of(name, entry->second.entry->facts, missing, pending);
            if (why.empty() && !pending) {
                state.kind = Kind::Hit;
                state.cached = entry->second;
                if (used_.empty() || used_.back() != state.cached.pack) used_.push_back(state.cached.pack);
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

    const ModuleState& miss(std::string_view name, Names& missing, std::string why) {
        auto& state = states_[name];
        state.kind = Kind::Missing;
        state.why = std::move(why);
        missing.insert(name);
        return state;
    }

    /// Why an entry is not what compiling would give now; empty: it is, or that is not known yet.
    std::string fault_of(std::string_view name, const ModuleFacts& facts, Names& missing, bool& pending) {
        if (wishes_.warnings && facts.has_warnings) return "it has warnings to show";
        for (const auto& import : facts.imports) {
            const auto& imported = look_at(import.name, missing);
            const auto* known = facts_of(imported);
            const bool has_errors = known != nullptr && known->reaches_errors;
            if (has_errors || imported.kind == Kind::Invalid || imported.kind == Kind::Active)
                return std::string(import.name) + ", which it imports, has errors";
            pending |= known == nullptr;
            if (known != nullptr && known->interface != import.interface)
                return "the interface of " + std::string(import.name) + " has changed";
        }
        for (const auto& fact : facts.environment) {
            if (options_.environment_has && options_.environment_has(fact.name, name) != fact.set)
                return "the environment " + std::string(fact.set ? "no longer sets " : "now sets ") +
                       std::string(fact.name);
        }
        return {};
    }

    std::optional<Hash128> hash_of(std::string_view name, const FileStamp& stamp) {
        if (const auto known = stamps_.find(name, stamp)) return known;
        const auto file = root_ / name;
        const auto bytes = options_.read_file ? options_.read_file(file) : read_source(file);
        if (!bytes) return std::nullopt;
        const auto hash = hash128(*bytes);
        stamps_.remember(name, stamp, hash);
        return hash;
    }

    /// A view that outlives the compilation.
    std::string_view kept(std::string_view name) {
        const auto known = states_.find(name);
        return known != states_.end() ? known->first : std::string_view(texts_.front().emplace_back(name));
    }

    void compile(const Names& missing) {
        auto options = options_;
        Names reached = missing;
        options.verify = false;
        options.written = true;
        options.wanted = [&](std::string_view name) {
            Names more;
            name = kept(name);
            const bool wanted = look_at(name, more).kind == Kind::Missing;
            if (wanted) reached.insert(name);
            return wanted;
        };
        std::vector<fs::path> files;
        for (const auto& name : missing)
            files.push_back(root_ / name);
        auto compiled = compile_suite(options, files);
        texts_.push_back(std::move(compiled.texts));
        memory_.push_back(std::move(compiled.memory));
        for (std::size_t i = 0; i < compiled.written.size(); ++i) {
            auto& state = states_[kept(compiled.facts[i].name)];
            state.kind = Kind::Compiled;
            state.compiled = facts_.size();
            if (state.unread)
                stamps_.remember(compiled.facts[i].name, *state.unread, compiled.facts[i].source);
            modules_.push_back(compiled.written[i]);
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
        std::vector<std::pair<std::string_view, ModuleState*>> reached;
        reached.reserve(states_.size());
        for (const auto& name : roots_) {
            if (!invalid_.empty()) take_invalid(name);
            const auto* facts = facts_of(states_[name]);
            if (facts == nullptr) continue;
            suite_.test_modules.push_back(facts);
            reach(name, reached);
        }
        write();
        if (wishes_.decisions) tell_decisions();
        std::sort(reached.begin(), reached.end());
        auto source = std::make_unique<CachedSource>(std::move(cache_), options_, std::move(facts_),
                                                     std::move(texts_), std::move(memory_));
        source->reserve(reached.size());
        for (const auto& [name, state] : reached) {
            if (state->kind == Kind::Hit) {
                source->add(name, state->cached);
            } else {
                source->add(name, modules_[state->compiled]);
            }
        }
        suite_.source = std::move(source);
        return std::move(suite_);
    }

    void take_invalid(const std::string& name) {
        const auto invalid = invalid_.find(name);
        if (invalid == invalid_.end()) return;
        for (auto& test : invalid->second)
            suite_.invalid.push_back(std::move(test));
        invalid_.erase(invalid);
    }

    void tell_decisions() {
        for (const auto& [name, state] : states_) {
            if (state.kind != Kind::Unknown)
                suite_.decisions.push_back({std::string(name), state.kind == Kind::Hit, state.why});
        }
        std::sort(suite_.decisions.begin(), suite_.decisions.end(),
                  [](const CacheDecision& a, const CacheDecision& b) { return a.module < b.module; });
    }

    void reach(std::string_view first, std::vector<std::pair<std::string_view, ModuleState*>>& reached) {
        std::vector<std::string_view> open = {first};
        while (!open.empty()) {
            const auto found = states_.find(open.back());
            open.pop_back();
            auto& state = found->second;
            if (std::exchange(state.reached, true)) continue;
            reached.emplace_back(found->first, &state);
            for (const auto& import : facts_of(state)->imports)
                open.push_back(import.name);
        }
    }

    void write() {
        std::vector<NewModule> added;
        for (std::size_t i = 0; i < modules_.size(); ++i) {
            if (facts_[i].reaches_errors) continue;  // what is wrong is to be said in each run
            const auto key = source_key(options_.edition, facts_[i].name, facts_[i].source);
            added.push_back({modules_[i], &facts_[i], key, module_key(key, facts_[i].imports)});
        }
        auto written = cache_->add(added);
        if (written) written = stamps_.save();
        if (!written) suite_.note = written.error().message;
        std::sort(used_.begin(), used_.end());
        used_.erase(std::unique(used_.begin(), used_.end()), used_.end());
        for (const auto* pack : used_)
            cache_->touch(*pack);
    }

    const CompileOptions& options_;
    fs::path root_;
    std::unique_ptr<ModuleCache> cache_;
    SourceStamps stamps_;
    StampReader files_;
    CacheWishes wishes_;
    std::vector<std::string> roots_;
    Names pending_;
    /// Own, then those of each compilation, which facts point into: a deque that is moved leaves its elements
    /// where they are.
    std::deque<std::deque<std::string>> texts_ = {{}};
    /// By name, as in roots_, texts_ or the cache; elements don't move.
    std::unordered_map<std::string_view, ModuleState> states_;
    std::vector<std::string_view> modules_;           ///< compiled, as bytes
    std::vector<std::unique_ptr<ArenaPool>> memory_;  ///< of `modules_`
    std::deque<ModuleFacts> facts_;                   ///< of `modules_`
    std::unordered_map<std::string, std::vector<InvalidTest>> invalid_;
    std::unordered_set<std::string> told_;  ///< sources whose diagnostics are in the suite
    std::vector<const CachePack*> used_;    ///< some of them more than once
    CachedSuite suite_;
};

}  // namespace

CachedSuite compile_suite_cached(const CompileOptions& options, const std::vector<std::string>& files,
                                 std::unique_ptr<ModuleCache> cache, const CacheWishes& wishes) {
    return CachedCompiler(options, std::move(cache), wishes).run(files);
}

}  // namespace relux::compiler
