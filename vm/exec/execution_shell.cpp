// The instructions that only a shell can do: they describe what is wanted and leave.
#include "vm/base/assert.h"
#include "vm/exec/execution.h"

namespace relux::exec {

bool Execution::step_shell(Word word) {
    using enum bytecode::Opcode;
    auto op = word.opcode();
    if (op == Send || op == SendRaw) return send(word, op == SendRaw);
    if (op == MatchRe) return match(word, pattern_constant(word.b()), true);
    if (op == MatchReText || op == MatchLit) return match(word, r(word.a()), op == MatchReText);
    if (op == ResetBuffer) return leave(Exit::Kind::ResetBuffer);
    if (op == FailRe) return fail_pattern(pattern_constant(word.b()), true);
    if (op == FailReText || op == FailLit) return fail_pattern(r(word.a()), op == FailReText);
    if (op == FailClear) return leave(Exit::Kind::ClearFailPattern);
    if (op == MultiWait) return multi_wait(word);
    if (op == SetTimeout) {
        exit_.timeout = timeout(word);
        return leave(Exit::Kind::SetTimeout);
    }
    RELUX_ASSERT(op == MultiRe || op == MultiReText || op == MultiLit, "an instruction for a shell");
    fiber_.multi_patterns_.push_back(
        {op == MultiRe ? pattern_constant(word.b()) : r(word.a()), op != MultiLit, chunk_->spans[pc_]});
    ++pc_;
    return true;
}

TimeoutSpec Execution::timeout(Word word) const {
    auto kind = static_cast<bytecode::TimeoutKind>(word.d());
    if (kind == bytecode::TimeoutKind::None) return {};
    return {kind, module_->code.durations[word.c()]};
}

bool Execution::send(Word word, bool raw) {
    exit_.value = r(word.a());
    exit_.raw = raw;
    return leave(Exit::Kind::Send);
}

bool Execution::match(Word word, Value pattern, bool is_regex) {
    exit_.pattern = {std::move(pattern), is_regex};
    exit_.timeout = timeout(word);
    return leave(Exit::Kind::Match);
}

bool Execution::fail_pattern(Value pattern, bool is_regex) {
    exit_.pattern = {std::move(pattern), is_regex};
    return leave(Exit::Kind::SetFailPattern);
}

bool Execution::multi_wait(Word word) {
    for (auto& pattern : fiber_.multi_patterns_) {
        exit_.patterns.push_back({std::move(pattern.text), pattern.is_regex});
        exit_.pattern_spans.push_back(pattern.span);
    }
    fiber_.multi_patterns_.clear();
    exit_.timeout = timeout(word);
    return leave(Exit::Kind::MultiMatch);
}

}  // namespace relux::exec
