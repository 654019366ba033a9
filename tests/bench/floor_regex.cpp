#include "tests/bench/floor_regex.h"

#include "tests/bench/floor_shell.h"

namespace relux::bench {

namespace {
constexpr std::size_t kShortPending = 16 * 1024;
}

FloorRegex::FloorRegex(const std::string& pattern) {
    auto* context = pcre2_compile_context_create(nullptr);
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    int error = 0;
    PCRE2_SIZE offset = 0;
    // Not UCP, and no look at the text's encoding beyond what PCRE2 needs: the floor.
    code_ = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                          PCRE2_MULTILINE | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &error, &offset, context);
    pcre2_compile_context_free(context);
    if (code_ == nullptr) fail("bad pattern: " + pattern);
    pcre2_jit_compile(code_, PCRE2_JIT_PARTIAL_HARD);
    data_ = pcre2_match_data_create_from_pattern(code_, nullptr);
    limits_ = pcre2_match_context_create(nullptr);
    pcre2_set_match_limit(limits_, 1'000'000'000);
    std::uint32_t behind = 0;
    pcre2_pattern_info(code_, PCRE2_INFO_MAXLOOKBEHIND, &behind);
    behind_ = behind * 4 + 1;
}

FloorRegex::~FloorRegex() {
    pcre2_match_context_free(limits_);
    pcre2_match_data_free(data_);
    pcre2_code_free(code_);
}

std::optional<std::size_t> FloorRegex::find(std::string_view text, bool all) {
    if (text.size() < again_ && !all) return std::nullopt;
    const int status = pcre2_match(code_, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), resume_,
                                   PCRE2_PARTIAL_HARD, data_, limits_);
    const auto* offsets = pcre2_get_ovector_pointer(data_);
    if (status > 0) return offsets[1];
    if (status == PCRE2_ERROR_PARTIAL) {
        resume_ = offsets[0];
    } else if (status == PCRE2_ERROR_NOMATCH) {
        resume_ = text.empty() ? 0 : text.size() - 1;  // between the two bytes of a line's end
    } else {
        fail("a search ended with " + std::to_string(status));
    }
    // Pending text is scanned anew each time, but not on every read, so that all scans together are linear.
    const auto pending = text.size() - resume_;
    again_ = pending > kShortPending ? text.size() + pending / 4 : 0;
    return std::nullopt;
}

}  // namespace relux::bench
