// Compiling patterns, what is known about them before any search, and the cache.
#include <algorithm>
#include <array>

#include "vm/base/text.h"
#include "vm/match/pattern.h"
#include "vm/match/pattern_regex.h"

namespace relux::match {

namespace {

// ALT_CIRCUMFLEX: `^` matches after a line terminator that is the last thing that has arrived, so that the
// answer is the same once more arrives. NEVER_BACKSLASH_C: `\C` would split characters.
constexpr std::uint32_t kCompileOptions =
    PCRE2_MULTILINE | PCRE2_UTF | PCRE2_UCP | PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C;

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t times = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++times;
    return times;
}

/// Where the pattern proper begins, after `(*UTF)` and its like, which must stand first.
std::size_t after_start_verbs(std::string_view text) {
    constexpr std::array<std::string_view, 20> kVerbs{"UTF",
                                                      "UCP",
                                                      "CR",
                                                      "LF",
                                                      "CRLF",
                                                      "ANY",
                                                      "ANYCRLF",
                                                      "NUL",
                                                      "BSR_ANYCRLF",
                                                      "BSR_UNICODE",
                                                      "NOTEMPTY",
                                                      "NOTEMPTY_ATSTART",
                                                      "NO_AUTO_POSSESS",
                                                      "NO_DOTSTAR_ANCHOR",
                                                      "NO_JIT",
                                                      "NO_START_OPT",
                                                      "LIMIT_HEAP",
                                                      "LIMIT_MATCH",
                                                      "LIMIT_DEPTH",
                                                      "LIMIT_RECURSION"};
    std::size_t at = 0;
    while (text.substr(at, 2) == "(*") {
        auto end = text.find(')', at);
        if (end == std::string_view::npos) return at;
        auto verb = text.substr(at + 2, end - at - 2);
        verb = verb.substr(0, verb.find('='));
        if (std::find(kVerbs.begin(), kVerbs.end(), verb) == kVerbs.end()) return at;
        at = end + 1;
    }
    return at;
}

/// Takes `(*NO_JIT)` out of the verbs at the start: it says nothing about what matches.
std::string with_jit(std::string_view text) {
    constexpr std::string_view kVerb = "(*NO_JIT)";
    std::string kept(text);
    for (auto at = kept.find(kVerb); at < after_start_verbs(kept); at = kept.find(kVerb))
        kept.erase(at, kVerb.size());
    return kept;
}

Result<Pcre2Pointer<pcre2_code>> compile(std::string_view given, std::uint32_t more_options) {
    Pcre2Pointer<pcre2_compile_context> context(pcre2_compile_context_create(nullptr));
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANYCRLF);
    int error = 0;
    PCRE2_SIZE offset = 0;
    const auto text = with_jit(given);
    Pcre2Pointer<pcre2_code> code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                                kCompileOptions | more_options, &error, &offset,
                                                context.get()));
    if (code) return code;
    offset += given.size() - text.size();
    std::array<PCRE2_UCHAR, 256> message{};
    pcre2_get_error_message(error, message.data(), message.size());
    return Error{
        std::string(reinterpret_cast<const char*>(message.data())) + " at offset " + std::to_string(offset),
        static_cast<int>(offset)};
}

/// True where the text has anything that might call a group: too many are harmless.
bool may_call_groups(std::string_view text) {
    for (auto at = text.find("(?"); at != std::string_view::npos; at = text.find("(?", at + 1)) {
        auto next = text.substr(at + 2, 1);
        if (!next.empty() && std::string_view("R&P+-0123456789").find(next[0]) != std::string_view::npos)
            return true;
    }
    return contains(text, "\\g");
}

std::size_t lookbehind_bytes(const pcre2_code* code, std::string_view text) {
    if (contains(text, "\\X")) return Pattern::kUnlimited;
    std::uint32_t characters = 0;
    pcre2_pattern_info(code, PCRE2_INFO_MAXLOOKBEHIND, &characters);
    auto lookbehinds =
        count(text, "(?<") + count(text, "lookbehind:") + count(text, "lb:") + count(text, "(?P<");
    if (lookbehinds > 1 && may_call_groups(text)) return Pattern::kUnlimited;
    // A look-behind inside another starts where that one has got to; PCRE2 reports the largest single step.
    std::size_t steps = std::max<std::size_t>(lookbehinds, 1) * characters;
    // One more for `^` and `\b` at the far end, and one so that it never is the beginning of the subject.
    return (steps + 2) * 4;
}

/// True where the pattern may go over much text without a count of PCRE2's match limit, because what it went
/// over is never given back: possessive and atomic parts, and looks. Too often is harmless.
bool may_go_over_text_uncounted(std::string_view text) {
    constexpr std::array<std::string_view, 9> kSigns{"*+",  "++",  "?+",  "}+", "(?>",
                                                     "(?=", "(?!", "(?<", "(*"};
    return std::any_of(kSigns.begin(), kSigns.end(), [&](auto sign) { return contains(text, sign); });
}

CompiledForms with_bounded_text(Pcre2Pointer<pcre2_code> code, std::string_view text) {
    CompiledForms forms;
    forms.plain.code = std::move(code);
    forms.bounded_text = text;
    forms.bounded_text.insert(after_start_verbs(text), "(?C)");
    // Giving back, which PCRE2 would otherwise see to be useless, is what counts the characters gone over.
    forms.bounded_options = PCRE2_NO_AUTO_POSSESS;
    if (may_go_over_text_uncounted(text)) forms.bounded_options |= PCRE2_AUTO_CALLOUT;
    return forms;
}

}  // namespace

CompiledForm& CompiledForms::bounded_form() {
    if (!bounded_text.empty()) {
        auto code = compile(bounded_text, bounded_options);
        bounded_text.clear();
        if (code) bounded.code = std::move(*code);
    }
    return bounded.code ? bounded : plain;
}

Pattern::Pattern() = default;
Pattern::~Pattern() = default;

std::shared_ptr<const Pattern> Pattern::literal(std::string_view text) {
    std::shared_ptr<Pattern> pattern(new Pattern);
    pattern->text_ = text;
    return pattern;
}

Result<std::shared_ptr<const Pattern>> Pattern::regex(std::string_view text) {
    auto code = compile(text, 0);
    if (!code) return code.error();
    std::shared_ptr<Pattern> pattern(new Pattern);
    pattern->text_ = text;
    pattern->maximum_lookbehind_ = lookbehind_bytes(code->get(), text);
    pattern->resumable_ = !contains(text, "\\G") && !contains(text, "(*COMMIT") &&
                          !contains(text, "(*SKIP") && !contains(text, "(*NOTEMPTY_ATSTART");
    pattern->regex_ = std::make_unique<Regex>();
    auto& regex = *pattern->regex_;
    std::uint32_t groups = 0;
    pcre2_pattern_info(code->get(), PCRE2_INFO_CAPTURECOUNT, &groups);
    regex.spans = groups + 1;
    regex.resumable = pattern->resumable_;
    regex.forms = with_bounded_text(std::move(*code), text);
    return std::shared_ptr<const Pattern>(std::move(pattern));
}

Result<std::shared_ptr<const Pattern>> PatternCache::regex(std::string_view text) {
    auto known = by_text_.find(text);
    if (known != by_text_.end()) {
        recent_.splice(recent_.begin(), recent_, known->second);
        return *known->second;
    }
    auto pattern = Pattern::regex(text);
    if (!pattern) return pattern;
    ++compiled_;
    recent_.push_front(*pattern);
    by_text_.emplace(recent_.front()->text(), recent_.begin());
    if (recent_.size() > capacity_) {
        by_text_.erase(recent_.back()->text());
        recent_.pop_back();
    }
    return pattern;
}

namespace {

/// Whether a regex is nothing but characters, ends of lines and `.`, in which there is nothing to be wrong.
/// Most are.
bool is_plain(std::string_view text) {
    constexpr std::size_t kLongest = 1000;
    return text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
               return c >= ' ' && c < '\x7f' &&
                      std::string_view("\\[](){}*+?|").find(c) == std::string_view::npos;
           });
}

}  // namespace

Status check_regex(std::string_view text) {
    if (is_plain(text)) return Done{};
    auto code = compile(text, 0);
    if (!code) return code.error();
    return Done{};
}

}  // namespace relux::match
