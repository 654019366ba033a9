// The instructions that only a shell can do: they describe what is wanted and leave.
#include <utility>

#include "vm/exec/execution.h"

namespace relux::exec {

using bytecode::Opcode;

Timeout Execution::timeout(Word word) const {
    auto kind = static_cast<TimeoutKind>(word.d());
    if (kind == TimeoutKind::None) return {};
    return {kind, Duration(module_->code.durations[word.c()])};
}

bool Execution::send(Word word, bool raw) {
    return leave(exits::Send{r(word.a()), raw});
}

bool Execution::match(Word word, Value pattern, bool is_regex) {
    return leave(exits::Match{{std::move(pattern), is_regex}, timeout(word)});
}

bool Execution::fail_pattern(Value pattern, bool is_regex) {
    return leave(exits::SetFailPattern{{std::move(pattern), is_regex}});
}

bool Execution::multi_pattern(Value pattern, bool is_regex) {
    fiber_.multi_patterns_.push_back({std::move(pattern), is_regex});
    return advance();
}

template <>
bool Execution::execute<Opcode::Send>(Word word) {
    return send(word, false);
}
template <>
bool Execution::execute<Opcode::SendRaw>(Word word) {
    return send(word, true);
}

template <>
bool Execution::execute<Opcode::MatchRe>(Word word) {
    return match(word, pattern_constant(word.b()), true);
}
template <>
bool Execution::execute<Opcode::MatchReText>(Word word) {
    return match(word, r(word.a()), true);
}
template <>
bool Execution::execute<Opcode::MatchLit>(Word word) {
    return match(word, r(word.a()), false);
}

template <>
bool Execution::execute<Opcode::ResetBuffer>(Word) {
    return leave(exits::ResetBuffer());
}

template <>
bool Execution::execute<Opcode::SetTimeout>(Word word) {
    return leave(exits::SetTimeout{timeout(word)});
}

template <>
bool Execution::execute<Opcode::FailRe>(Word word) {
    return fail_pattern(pattern_constant(word.b()), true);
}
template <>
bool Execution::execute<Opcode::FailReText>(Word word) {
    return fail_pattern(r(word.a()), true);
}
template <>
bool Execution::execute<Opcode::FailLit>(Word word) {
    return fail_pattern(r(word.a()), false);
}
template <>
bool Execution::execute<Opcode::FailClear>(Word) {
    return leave(exits::ClearFailPattern());
}

template <>
bool Execution::execute<Opcode::MultiRe>(Word word) {
    return multi_pattern(pattern_constant(word.b()), true);
}
template <>
bool Execution::execute<Opcode::MultiReText>(Word word) {
    return multi_pattern(r(word.a()), true);
}
template <>
bool Execution::execute<Opcode::MultiLit>(Word word) {
    return multi_pattern(r(word.a()), false);
}
template <>
bool Execution::execute<Opcode::MultiWait>(Word word) {
    return leave(exits::MultiMatch{std::exchange(fiber_.multi_patterns_, {}), timeout(word)});
}

}  // namespace relux::exec
