// An effect's shells are open from when its dependencies are set up; when it is set up itself those that it
// does not expose are ended (language 10).
#include "vm/exec/shell_need.h"

#include <algorithm>
#include <map>
#include <set>

namespace relux::exec {

namespace {

constexpr std::size_t kMostCounted = 1'000'000;

std::size_t sum(std::size_t one, std::size_t other) {
    return std::min(one + other, kMostCounted);
}

std::size_t own_shells(const bytecode::Scope& scope) {
    std::set<std::uint32_t> opened;
    for (const auto& block : scope.blocks) {
        if (scope.frames[block.frame].start == bytecode::kNone) opened.insert(block.frame);
    }
    return opened.size();
}

std::size_t exposed_shells(const EffectTarget& target) {
    std::set<bytecode::StringIndex> exposed;
    for (const auto& expose : target.effect->exposes) {
        if (!expose.variable && expose.start == bytecode::kNone) exposed.insert(expose.inner_name);
    }
    return exposed.size();
}

/// Counts the shells of one test.
class Need {
  public:
    Need(const LinkedModule& module, const bytecode::Scope& scope) {
        find_overlays(module, scope);
        const auto started = starts(module, scope);
        const auto own = own_shells(scope);
        for (const auto* effect : effects_)
            held_at_least_ = sum(held_at_least_, exposed_shells(EffectTarget{modules_[effect], effect}));
        // A cleanup has a shell of its own, when all others are ended.
        const std::size_t cleanup = has_cleanup_ || scope.cleanup != bytecode::kNone ? 1 : 0;
        need_.most = std::max({started.peak, sum(started.held, own), cleanup});
        need_.least = std::max({least_of_an_effect_, sum(held_at_least_, own), cleanup});
    }

    ShellNeed need() const { return need_; }

  private:
    struct Counted {
        std::size_t peak = 0;  ///< while it is being set up
        std::size_t held = 0;  ///< after that
    };

    /// Visits each effect that is reached once.
    void find_overlays(const LinkedModule& module, const bytecode::Scope& scope) {
        for (const auto& start : scope.starts) {
            has_overlay_ = has_overlay_ || start.overlay != bytecode::kNone;
            const auto& target = module.effects[start.effect];
            if (!modules_.emplace(target.effect, target.module).second) continue;
            effects_.push_back(target.effect);
            has_cleanup_ = has_cleanup_ || target.scope().cleanup != bytecode::kNone;
            least_of_an_effect_ = std::max(least_of_an_effect_, own_shells(target.scope()));
            find_overlays(*target.module, target.scope());
        }
    }

    /// They are set up at the same time.
    Counted starts(const LinkedModule& module, const bytecode::Scope& scope) {
        Counted all;
        for (const auto& start : scope.starts) {
            const auto one = effect(module.effects[start.effect]);
            all.peak = sum(all.peak, one.peak);
            all.held = sum(all.held, one.held);
        }
        return all;
    }

    Counted effect(const EffectTarget& target) {
        const auto [found, is_new] = counted_.try_emplace(target.effect);
        if (!is_new) {
            // Without anything that it expects, or overlays that could differ, it is there once.
            const bool shared = target.effect->expects.empty() || !has_overlay_;
            return shared ? Counted() : found->second;
        }
        const auto started = starts(*target.module, target.scope());
        Counted result;
        result.peak = std::max(started.peak, sum(started.held, own_shells(target.scope())));
        result.held = sum(started.held, exposed_shells(target));
        counted_[target.effect] = result;
        return result;
    }

    bool has_overlay_ = false;
    bool has_cleanup_ = false;
    std::size_t least_of_an_effect_ = 0;
    std::size_t held_at_least_ = 0;
    std::map<const bytecode::Effect*, const LinkedModule*> modules_;
    std::vector<const bytecode::Effect*> effects_;
    std::map<const bytecode::Effect*, Counted> counted_;
    ShellNeed need_;
};

}  // namespace

ShellNeed shell_need_of(const LinkedModule& module, const bytecode::Test& test) {
    const auto& scope = module.code.scopes[test.scope];
    if (scope.starts.empty()) {
        const auto own = std::max<std::size_t>(own_shells(scope), scope.cleanup != bytecode::kNone ? 1 : 0);
        return {own, own};
    }
    return Need(module, scope).need();
}

}  // namespace relux::exec
