// Searching: which compiled form is used, with which limits, and what PCRE2's answers mean.
// Compiling is in pattern_compile.cpp.
#include "vm/match/pattern.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "vm/base/text.h"
#include "vm/match/mapped_subject.h"
#include "vm/match/pattern_regex.h"

namespace relux::match {

namespace {

/// Up to this size the form without a callout is used: attempts are cheap, and even as many attempts as there
/// are bytes, each ending at kAttemptLimit, are done within a second (measured: 2 ns a count under JIT).
constexpr std::size_t kSmallSubject = 16 * 1024;
constexpr std::uint32_t kAttemptLimit = 25'000;
/// Limits what one attempt may take: 10 million counts take 20 ms under JIT. A lazy `.*?` takes one for each
/// byte, hence the part that grows.
constexpr std::uint64_t kMatchLimit = 10'000'000;
constexpr std::uint64_t kMatchLimitPerByte = 4;
constexpr std::uint64_t kMatchLimitMaximum = 1'000'000'000;
/// All attempts first get a limit that keeps them together below so many counts; those that need more get ten
/// times as much, again and again, out of a budget: about a second of work on a fast machine, and 20 ns a
/// byte.
constexpr std::uint64_t kFirstCounts = 400'000'000;
constexpr std::uint64_t kFirstLimitMinimum = 200;
constexpr std::uint64_t kLimitFactor = 10;
constexpr std::uint64_t kBudget = 500'000'000;
constexpr std::uint64_t kBudgetPerByte = 10;
/// A callout takes 10 to 20 ns.
constexpr std::uint64_t kCallouts = 60'000'000;
constexpr std::uint64_t kCalloutsPerByte = 4;
/// The same for a search that is short: some milliseconds in all. The form without a callout may go over the
/// whole subject in each of its attempts without a count, so there the subject is smaller still.
constexpr std::uint64_t kShortSubject = 4 * 1024;
constexpr std::uint64_t kShortCounts = 4'000'000;
constexpr std::uint64_t kShortBudget = 500'000;
constexpr std::uint64_t kShortCallouts = 60'000;

/// The steps that one search may take.
struct Bounds {
    std::uint64_t remaining;      ///< the size of what is searched
    std::uint64_t small_subject;  ///< most of it for the form without a callout
    std::uint64_t small_limit;    ///< of an attempt in that form
    std::uint64_t first_limit;    ///< of an attempt in the counted form
    std::uint64_t maximum_limit;
    std::uint64_t budget;
    std::uint64_t callouts;
    bool is_short;

    static Bounds whole(std::uint64_t remaining) {
        return {remaining,
                kSmallSubject,
                kAttemptLimit,
                limit_of_each(kFirstCounts, remaining),
                std::min(kMatchLimit + kMatchLimitPerByte * remaining, kMatchLimitMaximum),
                kBudget + kBudgetPerByte * remaining,
                kCallouts + kCalloutsPerByte * remaining,
                false};
    }
    static Bounds few_steps(std::uint64_t remaining) {
        return {remaining,
                kShortSubject,
                limit_of_each(kShortCounts, remaining),
                limit_of_each(kShortBudget, remaining),
                kShortBudget,
                kShortBudget,
                kShortCallouts,
                true};
    }

  private:
    static std::uint64_t limit_of_each(std::uint64_t counts, std::uint64_t attempts) {
        return std::clamp<std::uint64_t>(counts / std::max<std::uint64_t>(attempts, 1), kFirstLimitMinimum,
                                         kAttemptLimit);
    }
};

/// Most patterns are searched for a few times in a few lines, and compiling one for JIT takes as long as
/// interpreting it over thousands of bytes. An attempt that is not over after so many counts is left to JIT:
/// at 50 ns a count, all attempts in such a subject take 5 ms at most.
constexpr std::size_t kInterpretedSubject = 1024;
constexpr std::uint32_t kInterpretedLimit = 100;
constexpr std::size_t kInterpretedBytes = 8 * 1024;
constexpr std::size_t kBytesOfASearch = 256;
/// The interpreter, used when even the big JIT stack is too small, takes about 50 ns a count.
constexpr std::uint32_t kInterpreterLimit = 5'000'000;
constexpr std::uint32_t kHeapLimitKilobytes = 128 * 1024;
constexpr std::size_t kJitStackStart = 32 * 1024;
constexpr std::size_t kJitStackMaximum = 8 * 1024 * 1024;
/// Nearly all patterns have fewer groups.
constexpr std::uint32_t kFewestSpans = 32;

struct Call {
    SearchWorkspace& workspace;
    pcre2_match_data* match_data;
    PCRE2_SPTR subject;
    std::size_t size;
    std::size_t offset;
    std::uint32_t options;
};

int match_with_growing_stack(const pcre2_code* code, const Call& call, std::uint64_t limit) {
    auto* context = call.workspace.context();
    auto match = [&](std::uint32_t more_options) {
        return pcre2_match(code, call.subject, call.size, call.offset, call.options | more_options,
                           call.match_data, context);
    };
    pcre2_set_match_limit(context, static_cast<std::uint32_t>(limit));
    // Without a stack of its own, JIT code uses 32 KiB of the machine stack: enough nearly always.
    int status = match(0);
    if (status != PCRE2_ERROR_JIT_STACKLIMIT) return status;
    if (!call.workspace.grow_jit_stack()) return status;
    return match(0);
}

/// One attempt, or all of a pattern that can't be resumed, by PCRE2's interpreter: even the big stack of JIT
/// code is too small.
int interpret_deep(const pcre2_code* code, const Call& call) {
    pcre2_set_match_limit(call.workspace.context(), kInterpreterLimit);
    call.workspace.release_after_search();
    return pcre2_match(code, call.subject, call.size, call.offset, call.options | PCRE2_NO_JIT,
                       call.match_data, call.workspace.context());
}

/// The search in counted steps. Where an attempt reaches its limit, it alone is made again with a larger one,
/// and the search goes on at the place where PCRE2 would have made the next. A pattern whose answer depends
/// on where the search started is searched for again from there, as long as all its attempts fit into the
/// budget.
int match_counted(const pcre2_code* code, Call call, bool resumable, const Bounds& bounds,
                  SearchMeter& meter) {
    constexpr auto kAll = ~std::uint64_t(0);
    const auto maximum = bounds.maximum_limit;
    const auto first = bounds.first_limit;
    auto budget = bounds.budget;
    auto limit = first;
    while (true) {
        const bool alone = resumable && limit > first;
        meter.start(alone ? 1 : limit > first ? budget / limit : kAll);
        int status = match_with_growing_stack(code, call, limit);
        // A stack a thousand times as large as the subject is used up only by recursion that never ends, and
        // what the interpreter makes of that depends on how the subject ends.
        if (status == PCRE2_ERROR_JIT_STACKLIMIT && bounds.is_short) return status;
        if (status == PCRE2_ERROR_JIT_STACKLIMIT && bounds.remaining > kSmallSubject) {
            const auto cost = std::uint64_t(kInterpreterLimit) * kLimitFactor;
            if (budget < cost) return status;
            budget -= cost;
            if (resumable && meter.attempt() != SearchMeter::kNone) call.offset = meter.attempt();
            meter.start(resumable ? 1 : budget / kInterpreterLimit);
            status = interpret_deep(code, call);
            if (status == PCRE2_ERROR_MATCHLIMIT) return status;
        }
        if (status == PCRE2_ERROR_CALLOUT && resumable && !meter.spent()) {
            call.offset = std::max(meter.next(), call.offset + 1);
            limit = first;
            continue;
        }
        if (status != PCRE2_ERROR_MATCHLIMIT || limit == maximum) return status;
        limit = std::min(limit * kLimitFactor, maximum);
        if (budget < limit) return status;
        if (resumable) budget -= limit;
        if (resumable && meter.attempt() != SearchMeter::kNone) call.offset = meter.attempt();
    }
}

/// Nothing: it is for JIT.
std::optional<int> interpret(Pattern::Regex& regex, CompiledForm& form, std::uint32_t mode,
                             const Call& call) {
    if (call.size > kInterpretedSubject || form.has_jit(mode) || regex.interpreted > kInterpretedBytes)
        return std::nullopt;
    regex.interpreted += call.size - call.offset + kBytesOfASearch;
    pcre2_set_match_limit(call.workspace.context(), kInterpretedLimit);
    const int status = pcre2_match(form.code.get(), call.subject, call.size, call.offset,
                                   call.options | PCRE2_NO_JIT, call.match_data, call.workspace.context());
    if (status > 0 || status == PCRE2_ERROR_NOMATCH || status == PCRE2_ERROR_PARTIAL) return status;
    return std::nullopt;
}

int match_in_bounds(Pattern::Regex& regex, const Call& call, const Bounds& bounds) {
    auto mode = (call.options & PCRE2_PARTIAL_HARD) != 0 ? PCRE2_JIT_PARTIAL_HARD : PCRE2_JIT_COMPLETE;
    auto* context = call.workspace.context();
    auto& forms = regex.forms;
    if (const auto status = interpret(regex, forms.plain, mode, call)) return *status;
    if (bounds.remaining <= bounds.small_subject) {
        int status = match_with_growing_stack(forms.plain.for_mode(mode), call, bounds.small_limit);
        if (status != PCRE2_ERROR_MATCHLIMIT || bounds.is_short) return status;
    }
    SearchMeter meter(bounds.callouts);
    pcre2_set_callout(context, &SearchMeter::on_callout, &meter);
    int status = match_counted(forms.bounded_form().for_mode(mode), call, regex.resumable, bounds, meter);
    pcre2_set_callout(context, nullptr, nullptr);
    return status;
}

void copy_spans(pcre2_match_data* match_data, std::vector<Span>& spans) {
    const auto* offsets = pcre2_get_ovector_pointer(match_data);
    for (std::size_t i = 0; i < spans.size(); ++i) {
        // PCRE2_UNSET is Span::npos. A \K in a group called from a look-ahead can put a beginning after its
        // end.
        spans[i].end = offsets[2 * i + 1];
        spans[i].begin = std::min(offsets[2 * i], spans[i].end);
    }
}

}  // namespace

SearchWorkspace::SearchWorkspace() : context_(pcre2_match_context_create(nullptr)) {
    pcre2_set_heap_limit(context_.get(), kHeapLimitKilobytes);
}

SearchWorkspace& SearchWorkspace::of_this_thread() {
    thread_local SearchWorkspace workspace;
    return workspace;
}

pcre2_match_data* SearchWorkspace::match_data(std::uint32_t spans) {
    if (spans > spans_ || release_) {
        spans_ = std::max({spans, spans_, kFewestSpans});
        match_data_.reset(pcre2_match_data_create(spans_, nullptr));
        release_ = false;
    }
    return match_data_.get();
}

bool SearchWorkspace::grow_jit_stack() {
    if (jit_stack_) return false;
    jit_stack_.reset(pcre2_jit_stack_create(kJitStackStart, kJitStackMaximum, nullptr));
    pcre2_jit_stack_assign(context_.get(), nullptr, jit_stack_.get());
    return true;
}

Pattern::Outcome Pattern::search_literal(std::string_view subject, std::size_t offset,
                                         std::vector<Span>& spans) const {
    auto rest = subject.substr(offset);
    const void* found = ::memmem(rest.data(), rest.size(), text_.data(), text_.size());
    if (text_.empty()) found = rest.data();
    if (found == nullptr && !text_.empty()) return Outcome::NoMatch;
    auto begin =
        text_.empty() ? offset : static_cast<std::size_t>(static_cast<const char*>(found) - subject.data());
    spans.assign(1, Span{begin, begin + text_.size()});
    return Outcome::Match;
}

Pattern::Outcome Pattern::search(std::string_view subject, std::size_t offset, bool more_may_come,
                                 bool closed, std::vector<Span>& spans, Effort effort) const {
    RELUX_ASSERT(offset <= subject.size(), "a search starts within its subject");
    if (!regex_) return search_literal(subject, offset, spans);
    const auto first_invalid = find_invalid_utf8(subject);
    if (first_invalid == std::string_view::npos)
        return search_valid(subject, offset, more_may_come, closed, spans, effort);
    const MappedSubject mapped(subject, first_invalid);
    const auto outcome =
        search_valid(mapped.text(), mapped.to_text(offset), more_may_come, closed, spans, effort);
    if (outcome != Outcome::Match && outcome != Outcome::Partial) return outcome;
    for (auto& span : spans) {
        if (span.begin == Span::npos) continue;
        span.begin = mapped.from_text(span.begin);
        span.end = mapped.from_text(span.end);
    }
    return outcome;
}

Pattern::Outcome Pattern::search_valid(std::string_view subject, std::size_t offset, bool more_may_come,
                                       bool closed, std::vector<Span>& spans, Effort effort) const {
    const std::uint32_t options = PCRE2_NO_UTF_CHECK | (more_may_come ? PCRE2_PARTIAL_HARD
                                                        : closed      ? 0U
                                                                      : PCRE2_NOTEOL);
    const char* data = subject.data() == nullptr ? "" : subject.data();
    auto& workspace = SearchWorkspace::of_this_thread();
    auto* match_data = workspace.match_data(regex_->spans);
    const Call call{workspace,      match_data, reinterpret_cast<PCRE2_SPTR>(data),
                    subject.size(), offset,     options};
    const auto remaining = subject.size() - offset;
    const auto bounds = effort == Effort::Short ? Bounds::few_steps(remaining) : Bounds::whole(remaining);
    int status = match_in_bounds(*regex_, call, bounds);
    if (status > 0) {
        spans.resize(regex_->spans);
        copy_spans(match_data, spans);
        return Outcome::Match;
    }
    if (status == PCRE2_ERROR_NOMATCH) return Outcome::NoMatch;
    if (status == PCRE2_ERROR_PARTIAL) {
        auto begin = pcre2_get_ovector_pointer(match_data)[0];
        spans.assign(1, Span{begin, subject.size()});
        return Outcome::Partial;
    }
    // MATCHLIMIT, DEPTHLIMIT, HEAPLIMIT, JIT_STACKLIMIT, RECURSELOOP, NOMEMORY, and the meter's own CALLOUT.
    return bounds.is_short ? Outcome::Unfinished : Outcome::TooComplex;
}

}  // namespace relux::match
