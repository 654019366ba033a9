// PCRE2's side of a Pattern, for pattern.cpp and pattern_compile.cpp alone.
// Every pattern has up to two compiled forms: the plain one, and one that calls back before each attempt at a
// match so that the work of a search over much text can be counted. The second costs 10 to 20 ns per attempt,
// is compiled when first needed, and finds the same matches.
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include <pcre2.h>

#include "vm/match/pattern.h"

namespace relux::match {

struct Pcre2Deleter {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
    void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
    void operator()(pcre2_jit_stack* stack) const { pcre2_jit_stack_free(stack); }
};
template <class T>
using Pcre2Pointer = std::unique_ptr<T, Pcre2Deleter>;

/// Compiled code, and which modes of it have been through the JIT.
struct CompiledForm {
    Pcre2Pointer<pcre2_code> code;
    std::uint32_t jit_modes = 0;

    bool has_jit(std::uint32_t mode) const { return (jit_modes & mode) != 0; }
    /// The code, JIT compiled for `mode` (PCRE2_JIT_COMPLETE or PCRE2_JIT_PARTIAL_HARD). Where the JIT can't
    /// compile it, pcre2_match interprets it.
    const pcre2_code* for_mode(std::uint32_t mode) {
        if ((jit_modes & mode) == 0) {
            jit_modes |= mode;
            pcre2_jit_compile(code.get(), mode);
        }
        return code.get();
    }
};

/// One set of options' compiled forms.
struct CompiledForms {
    CompiledForm plain;
    CompiledForm bounded;
    std::string bounded_text;  ///< empty once compiled
    std::uint32_t bounded_options = 0;

    /// The form with the callout; the plain form should that not compile (a pattern at PCRE2's size limit).
    CompiledForm& bounded_form();
};

struct Pattern::Regex {
    CompiledForms forms;
    bool resumable = true;        ///< Pattern::resumable()
    std::size_t interpreted = 0;  ///< what searches without JIT have cost, in bytes of subjects
    std::uint32_t spans = 1;      ///< the groups, with group 0
};

/// Holds what a search needs besides compiled code, once for all patterns of a thread: PCRE2's interpreter
/// keeps 20 KiB in the match data, and a suite has thousands of patterns.
class SearchWorkspace {
  public:
    static SearchWorkspace& of_this_thread();

    /// Room for as many spans, at least. Valid until the next call.
    pcre2_match_data* match_data(std::uint32_t spans);
    pcre2_match_context* context() { return context_.get(); }
    /// Gives JIT code a stack that grows, from now on. False if it has one.
    bool grow_jit_stack();
    /// The interpreter may have taken much memory for the search that runs; the next one starts with little.
    void release_after_search() { release_ = true; }

  private:
    SearchWorkspace();

    Pcre2Pointer<pcre2_match_context> context_;
    Pcre2Pointer<pcre2_jit_stack> jit_stack_;
    Pcre2Pointer<pcre2_match_data> match_data_;
    std::uint32_t spans_ = 0;
    bool release_ = false;
};

/// Counts the work of one search, so that its end depends on the pattern and the bytes alone. PCRE2's match
/// limit bounds one attempt; which attempt reached it, and where the next one would be, is heard from the
/// callouts.
class SearchMeter {
  public:
    /// `budget`: most places that the callouts may pass, together with the callouts themselves.
    explicit SearchMeter(std::uint64_t budget) : budget_(budget) {}

    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    /// For one call of pcre2_match: it is stopped before its attempt number `most` + 1.
    void start(std::uint64_t most) {
        most_ = most;
        attempts_ = 0;
        attempt_ = kNone;
        next_ = kNone;
    }
    /// A PCRE2 callout function; `meter` is the SearchMeter.
    static int on_callout(pcre2_callout_block* block, void* meter) {
        return static_cast<SearchMeter*>(meter)->count(*block);
    }
    /// Where the last attempt began; kNone without one.
    std::size_t attempt() const { return attempt_; }
    /// Where the attempt that was not made would have begun; kNone if none was refused.
    std::size_t next() const { return next_; }
    bool spent() const { return budget_ == 0; }

  private:
    int count(const pcre2_callout_block& block) {
        if (block.start_match != attempt_) {
            if (attempts_ == most_) {
                next_ = block.start_match;
                return PCRE2_ERROR_CALLOUT;
            }
            ++attempts_;
            attempt_ = block.start_match;
            position_ = block.start_match;
        }
        const auto moved = block.current_position > position_ ? block.current_position - position_ : 0;
        position_ = block.current_position;
        const std::uint64_t steps = 1 + moved / kPlacesOfAStep;
        budget_ -= std::min(budget_, steps);
        return budget_ == 0 ? PCRE2_ERROR_CALLOUT : 0;
    }

    /// Going over characters that one item of a pattern takes costs about this much less than a callout.
    static constexpr std::size_t kPlacesOfAStep = 16;
    std::uint64_t budget_;
    std::uint64_t most_ = 0;
    std::uint64_t attempts_ = 0;
    std::size_t attempt_ = kNone;
    std::size_t next_ = kNone;
    std::size_t position_ = 0;
};

}  // namespace relux::match
