// PCRE2's side of a Pattern, for pattern.cpp and pattern_compile.cpp alone.
// Every pattern has up to two compiled forms: the plain one, and one that calls back before each attempt at a
// match so that a search over much text can be given up. The second costs 10 to 20 ns per attempt, is
// compiled when first needed, and finds the same matches. A pattern that PCRE2 tries at beginnings of lines
// only because it begins with `.*` has them twice, once without that shortcut.
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <cstdint>
#include <ctime>
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
    std::uint32_t more_options = 0;

    /// The form with the callout; the plain form should that not compile (a pattern at PCRE2's size limit).
    CompiledForm& bounded_form();
};

struct Pattern::Regex {
    CompiledForms forms;
    /// Without PCRE2's shortcut for a leading `.*`, which is wrong where a byte that is not UTF-8 ends the
    /// `.*` before the end of its line: a match may begin right after it.
    CompiledForms everywhere;
    std::string everywhere_text;  ///< empty once compiled, and where there is no such shortcut
    bool has_shortcut = false;
    std::size_t interpreted = 0;  ///< what searches without JIT have cost, in bytes of subjects
    std::uint32_t spans = 1;      ///< the groups, with group 0

    /// The forms whose answer for this subject is right.
    CompiledForms& forms_for(std::string_view subject);
};

/// What a search needs besides compiled code, one for all patterns of a thread: PCRE2's interpreter keeps
/// 20 KiB in the match data, and a suite has thousands of patterns.
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

/// Gives a search up after a second of processor time, and 20 ns more for each byte.
class SearchClock {
  public:
    explicit SearchClock(std::size_t bytes)
        : deadline_(now() + 1'000'000'000 + static_cast<std::int64_t>(bytes) * 20),
          interval_(bytes > 1024 * 1024 ? 8 : 128) {}

    /// A PCRE2 callout function; `clock` is the SearchClock.
    static int before_attempt(pcre2_callout_block*, void* clock) {
        auto& self = *static_cast<SearchClock*>(clock);
        if (++self.attempts_ % self.interval_ != 0) return 0;
        return now() > self.deadline_ ? PCRE2_ERROR_CALLOUT : 0;
    }

  private:
    /// Processor time of this thread: a busy machine must not make a pattern too complex.
    static std::int64_t now() {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return std::int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
    }
    std::int64_t deadline_;
    std::uint32_t interval_;
    std::uint32_t attempts_ = 0;
};

}  // namespace relux::match
