// The last line of a shell that is a send whose effect nobody waits for (language 16): the shell may end
// before the command has run, and whether it fails is seen by nobody. Quiet where something that comes later
// may well be the wait: a later block of the shell, of another shell of the same test or effect, or of
// whoever starts the effect.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "frontend/check.h"
#include "frontend/program_walk.h"
#include "frontend/resolve.h"

namespace relux::frontend {
namespace {

/// Says what a body ends with, as far as shells are concerned.
struct Ending {
    enum class Kind : std::uint8_t {
        Nothing,  ///< neither sends nor waits
        Send,
        Waited,  ///< for a match, a key, or what counts as one
    };
    Kind kind = Kind::Nothing;
    const LoadedModule* module = nullptr;  ///< Send: where it stands
    SourceRange range;
};

/// A definition in a map.
struct FunctionKey {
    const LoadedModule* module = nullptr;
    std::uint32_t index = 0;
    bool operator==(const FunctionKey&) const = default;
};
struct FunctionKeyHash {
    std::size_t operator()(const FunctionKey& key) const {
        return std::hash<const void*>()(key.module) * 31 + key.index;
    }
};

bool is_word_end(char c) {
    return c == ' ' || c == '\t' || c == ';' || c == '(';
}

/// Leaves the program or the shell: there is nothing to wait for behind it.
bool leaves(const Send& send) {
    constexpr auto kLeaving = std::to_array<std::string_view>(
        {"exit", "logout", "quit", "bye", "q", "\\q", ":q", ":q!", ".quit", ".exit"});
    if (send.text.parts.empty() || send.text.parts[0].kind != TextPart::Kind::Literal) return false;
    std::string_view text = send.text.parts[0].text;
    std::size_t end = 0;
    while (end < text.size() && !is_word_end(text[end]))
        ++end;
    text = text.substr(0, end);
    return std::find(kLeaving.begin(), kLeaving.end(), text) != kLeaving.end();
}

/// Follows calls, each function once.
class Endings {
  public:
    Ending of(const LoadedModule& module, const Body& body) {
        for (std::size_t i = body.size(); i-- != 0;) {
            const Ending ending = of(module, body[i]);
            if (ending.kind == Ending::Kind::Nothing) continue;
            if (ending.kind == Ending::Kind::Send && follows_key(module, body, i))
                return {Ending::Kind::Waited, nullptr, {}};
            return ending;
        }
        return {};
    }

    /// Whether something in the body waits for output, or for time to pass.
    bool waits(const LoadedModule& module, const Body& body) {
        return std::any_of(body.begin(), body.end(),
                           [&](const Statement& statement) { return waits(module, statement); });
    }

  private:
    /// Bounds the recursion over functions that call each other.
    static constexpr std::size_t kDeepest = 100;

    Ending of(const LoadedModule& module, const Statement& statement) {
        if (const Send* send = send_of(statement)) {
            if (leaves(*send)) return {Ending::Kind::Waited, nullptr, {}};
            return {Ending::Kind::Send, &module, statement.range};
        }
        if (const Match* match = match_of(statement))
            return {match->pattern ? Ending::Kind::Waited : Ending::Kind::Nothing, nullptr, {}};
        if (std::holds_alternative<MultiMatch>(statement.node)) return {Ending::Kind::Waited, nullptr, {}};
        Ending last;  // the calls come outermost first, and the outermost is the last to run
        for_each_call(statement, [&](const CallExpression& call, SourceRange) {
            if (last.kind == Ending::Kind::Nothing) last = of(module, call);
        });
        return last;
    }

    Ending of(const LoadedModule& module, const CallExpression& call) {
        const CallTarget* const target = module.calls.find(&call);
        if (target == nullptr) return {Ending::Kind::Waited, nullptr, {}};
        if (const Builtin* builtin = target->builtin) {
            const bool neutral = builtin->pure || builtin->name == "log" || builtin->name == "annotate";
            return {neutral ? Ending::Kind::Nothing : Ending::Kind::Waited, nullptr, {}};
        }
        const FunctionSymbol& function = target->function;
        if (function.module == nullptr || function.module->syntax.has_errors || depth_ >= kDeepest)
            return {Ending::Kind::Waited, nullptr, {}};
        if (function.syntax().pure) return {};
        // A function that calls itself is taken to wait: what its last call ends with is not known yet.
        const auto [known, is_new] = functions_.try_emplace(FunctionKey{function.module, function.index},
                                                            Ending{Ending::Kind::Waited, nullptr, {}});
        if (!is_new) return known->second;
        ++depth_;
        const Ending ending = of(*function.module, function.syntax().body);
        --depth_;
        return functions_[{function.module, function.index}] = ending;
    }

    /// Whether a key such as `ctrl_c()` was the last thing before the statement.
    static bool follows_key(const LoadedModule& module, const Body& body, std::size_t index) {
        if (index == 0) return false;
        bool key = false;
        for_each_call(body[index - 1], [&](const CallExpression& call, SourceRange) {
            const CallTarget* const target = module.calls.find(&call);
            key |=
                target != nullptr && target->builtin != nullptr && target->builtin->name.starts_with("ctrl_");
        });
        return key;
    }

    bool waits(const LoadedModule& module, const Statement& statement) {
        if (const Match* match = match_of(statement)) return match->pattern.has_value();
        if (std::holds_alternative<MultiMatch>(statement.node)) return true;
        bool found = false;
        for_each_call(statement,
                      [&](const CallExpression& call, SourceRange) { found = found || waits(module, call); });
        return found;
    }

    bool waits(const LoadedModule& module, const CallExpression& call) {
        const CallTarget* const target = module.calls.find(&call);
        if (target == nullptr) return true;
        if (const Builtin* builtin = target->builtin)
            return builtin->name.starts_with("match_") || builtin->name == "sleep";
        const FunctionSymbol& function = target->function;
        if (function.module == nullptr || function.module->syntax.has_errors || depth_ >= kDeepest)
            return true;
        if (function.syntax().pure) return false;
        const auto [known, is_new] =
            waiting_.try_emplace(FunctionKey{function.module, function.index}, false);
        if (!is_new) return known->second;
        ++depth_;
        const bool found = waits(*function.module, function.syntax().body);
        --depth_;
        return waiting_[{function.module, function.index}] = found;
    }

    std::unordered_map<FunctionKey, Ending, FunctionKeyHash> functions_;
    std::unordered_map<FunctionKey, bool, FunctionKeyHash> waiting_;
    std::size_t depth_ = 0;
};

/// A shell by the effect that opens it and its name there.
struct OwnShell {
    EffectSymbol effect;
    std::string_view name;
    bool operator==(const OwnShell&) const = default;
};

/// Follows an exposed shell to the effect that opens it; without a module where that is not known.
OwnShell owner_of(const ScopeResolution& scope, const ResolvedFrame& frame) {
    const ScopeResolution* at = &scope;
    std::uint32_t start = frame.start;
    std::string_view name = frame.name;
    while (true) {
        const EffectSymbol& effect = at->starts[start].effect;
        if (effect.module == nullptr) return {};
        const ResolvedExpose* expose = find_expose(effect.resolution(), false, name);
        if (expose == nullptr) return {};
        if (expose->start == kNoIndex) return {effect, expose->inner_name};
        at = &effect.resolution().scope;
        start = expose->start;
        name = expose->inner_name;
    }
}

class SendCheck {
  public:
    SendCheck(const Program& program, const CheckOptions& options) : program_(program), options_(options) {}

    void run() {
        for (LoadedModule* module : program_.order) {
            if (module->source == nullptr || module->has_errors()) continue;
            for (std::uint32_t i = 0; i < module->syntax.effects.size(); ++i) {
                const EffectSymbol effect{module, i};
                check_scope(*module, effect.resolution().scope, &effect);
            }
            for (const ScopeResolution& scope : module->test_resolutions)
                check_scope(*module, scope, nullptr);
        }
    }

  private:
    void check_scope(LoadedModule& module, const ScopeResolution& scope, const EffectSymbol* effect) {
        for (std::uint32_t frame = 0; frame < scope.frames.size(); ++frame)
            check_shell(module, scope, frame, effect);
        if (!scope.body->cleanup) return;
        const Ending ending = endings_.of(module, *scope.body->cleanup);
        if (ending.kind == Ending::Kind::Send) warn(module, *scope.body->cleanup, ending);
    }

    void check_shell(LoadedModule& module, const ScopeResolution& scope, std::uint32_t frame,
                     const EffectSymbol* effect) {
        const auto& blocks = scope.body->shells;
        for (std::size_t i = blocks.size(); i-- != 0;) {
            if (scope.block_frames[i] != frame) continue;
            const Ending ending = endings_.of(module, blocks[i].body);
            if (ending.kind == Ending::Kind::Nothing) continue;
            if (ending.kind == Ending::Kind::Waited) return;
            for (std::size_t later = i + 1; later < blocks.size(); ++later) {
                if (endings_.waits(module, blocks[later].body)) return;
            }
            if (effect != nullptr && starters_wait(scope, scope.frames[frame], *effect)) return;
            warn(module, blocks[i].body, ending);
            return;
        }
    }

    /// Whether the shell lives on when the effect is set up, and somebody who starts it may wait in it.
    bool starters_wait(const ScopeResolution& scope, const ResolvedFrame& frame, const EffectSymbol& effect) {
        OwnShell shell{effect, frame.name};
        if (frame.start != kNoIndex) {
            shell = owner_of(scope, frame);
            if (shell.effect.module == nullptr) return true;
        } else {
            bool exposed = false;
            for (const ResolvedExpose& expose : effect.resolution().exposes)
                exposed |= !expose.variable && expose.start == kNoIndex && expose.inner_name == frame.name;
            if (!exposed) return false;
        }
        if (effect.module->is_library() && !options_.whole_suite) return true;
        find_starters();
        bool started = false;
        for (const EffectSymbol& each : started_)
            started |= each == effect;
        if (!started) return true;
        return std::any_of(continued_.begin(), continued_.end(), [&](const Continued& each) {
            return each.shell == shell && each.scope != &scope;
        });
    }

    void find_starters() {
        if (starters_known_) return;
        starters_known_ = true;
        for (const LoadedModule* module : program_.order) {
            for (const EffectResolution& effect : module->effect_resolutions)
                find_starters(*module, effect.scope);
            for (const ScopeResolution& scope : module->test_resolutions)
                find_starters(*module, scope);
        }
    }

    void find_starters(const LoadedModule& module, const ScopeResolution& scope) {
        for (const ResolvedStart& start : scope.starts) {
            if (start.effect.module != nullptr) started_.push_back(start.effect);
        }
        for (std::size_t i = 0; i < scope.block_frames.size(); ++i) {
            const ResolvedFrame& frame = scope.frames[scope.block_frames[i]];
            if (frame.start == kNoIndex || !endings_.waits(module, scope.body->shells[i].body)) continue;
            continued_.push_back({owner_of(scope, frame), &scope});
        }
    }

    /// At the statement of the block, which may be a call that leads to the send.
    static void warn(LoadedModule& module, const Body& body, const Ending& ending) {
        DiagnosticParts parts;
        SourceRange range = ending.range;
        const bool here = ending.module == &module && !body.empty() && range.begin >= body[0].range.begin &&
                          range.end <= body.back().range.end;
        if (!here) {
            parts.notes.push_back({ending.module->source, ending.range, "this is sent last"});
            range = body.back().range;
            for (std::size_t i = body.size(); i-- != 0;) {
                bool calls = false;
                for_each_call(body[i], [&](const CallExpression& call, SourceRange) {
                    const CallTarget* const target = module.calls.find(&call);
                    calls |= target != nullptr && target->function.module != nullptr &&
                             !target->function.syntax().pure;
                });
                if (!calls) continue;
                range = body[i].range;
                break;
            }
        }
        parts.hint =
            "`match_ok()` behind it waits for the command and checks that it succeeded; so does a "
            "match of what it prints";
        report(module, DiagnosticCode::UnwaitedSend, range,
               "nobody waits for what the last line does: it may never run, and may fail unseen",
               std::move(parts));
    }

    struct Continued {
        OwnShell shell;
        const ScopeResolution* scope;
    };

    const Program& program_;
    const CheckOptions& options_;
    Endings endings_;
    bool starters_known_ = false;
    std::vector<EffectSymbol> started_;
    std::vector<Continued> continued_;
};

}  // namespace

void check_sends(const Program& program, const CheckOptions& options) {
    SendCheck(program, options).run();
}

}  // namespace relux::frontend
