// The variables, overlays, starts and shells of one test, or of one instance of an effect. It is what
// compiled code of that scope reads and writes besides its own registers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/exec/fiber.h"
#include "vm/exec/program.h"
#include "vm/io/task.h"
#include "vm/run/attempt_context.h"
#include "vm/run/shell.h"

namespace relux::run {

class ScopeInstance : public exec::ScopeContext {
  public:
    /// `effect` is null for the test itself. `started_by` and `start` are the first start that led here.
    ScopeInstance(AttemptContext& test, const exec::LinkedModule& module, const bytecode::Scope& scope,
                  const bytecode::Effect* effect, ScopeInstance* started_by, const bytecode::Start* start);

    AttemptContext& test() { return test_; }
    const exec::LinkedModule& module() const { return module_; }
    const bytecode::Scope& scope() const { return scope_; }
    const bytecode::Effect* effect() const { return effect_; }
    std::string_view name() const { return module_.string(scope_.name); }
    ScopeInstance* started_by() const { return started_by_; }
    /// The alias of the first start; empty without one.
    std::string_view alias() const;
    /// Names the log files of its shells: the alias, else the effect.
    std::string_view label() const { return alias().empty() ? name() : alias(); }
    /// How messages call a shell of an effect: `Alias(Effect).shell`, with the overlay where the effect is
    /// one_of_several: `b(Node).node, N = "2"`.
    std::string shown_name_of(const Shell& shell) const;
    /// `file:line` of the first start; empty for the test itself.
    std::string started_at() const;

    exec::Value environment(std::string_view name) override;
    exec::Value alias_variable(const bytecode::AliasVariable& variable) override;

    /// Lists what the shells of this scope get on top of the base environment, outermost overlay first.
    std::vector<std::pair<std::string, std::string>> overlay_environment() const;

    /// The shell that a frame means; null when this scope has not opened it yet.
    Shell* find_shell(const bytecode::Frame& frame);
    /// Null when nothing of that name is exposed (the compiler has made sure that it is).
    Shell* exposed_shell(std::string_view name);
    /// Empty when the effect has failed before there was a value: a cleanup block runs all the same.
    exec::Value exposed_variable(std::string_view name);
    bool exposes(const Shell& shell);

    /// The chain from the test to this scope, outermost first.
    void describe_chain(std::vector<report::FailureFrame>& chain) const;

    std::vector<std::pair<std::string, exec::Value>> overlay;  ///< of the start that led here
    std::vector<ScopeInstance*> started;                       ///< per start; null until it is known
    std::vector<std::unique_ptr<Shell>> shells;                ///< opened here, in order
    std::vector<std::unique_ptr<exec::Fiber>> fibers;          ///< per frame
    exec::Fiber declarations;                                  ///< of lets, assertions and overlays
    bool ready = false;                                        ///< set-up has ended, well or not
    bool complete = false;                                     ///< it has ended well
    io::Signal became_ready;
    std::uint32_t span = 0;       ///< of the set-up, in the event log; 0: the test's
    std::string marker;           ///< names the instance in the event log
    bool one_of_several = false;  ///< the test has another instance of the effect
    bool cleans_up = false;       ///< it has got past its own lets and what it depends on
    /// A start of an effect by this scope, in order.
    struct Acquired {
        ScopeInstance* effect = nullptr;
        std::string_view alias;
        std::uint32_t setup_span = 0;
    };
    std::vector<Acquired> acquired;
    // Only an effect has these, while it is released:
    std::uint32_t users = 0;           ///< starts that have not been released
    Acquired last_use = {};            ///< the one that was released last
    std::uint32_t cleanup_parent = 0;  ///< the span in which that was

  private:
    exec::Value started_variable(std::uint32_t start, std::string_view name);

    AttemptContext& test_;
    const exec::LinkedModule& module_;
    const bytecode::Scope& scope_;
    const bytecode::Effect* effect_;
    ScopeInstance* started_by_;
    const bytecode::Start* start_;
};

/// The part of a place that says where in the source.
void set_statement(report::EventPlace& place, const exec::LinkedModule& module, const bytecode::Span& span);
/// `file:line`, for messages.
std::string describe_place(const exec::LinkedModule& module, const bytecode::Span& span);
report::SourcePlace source_place(const exec::LinkedModule& module, const bytecode::Span& span);

}  // namespace relux::run
