// The instructions that only a shell can do: they describe what is wanted and leave.
#include <utility>

#include "vm/exec/execution.h"

namespace relux::exec {

using bytecode::Opcode;

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

bool Execution::multi_pattern(Value pattern, bool is_regex) {
    fiber_.multi_patterns_.push_back({std::move(pattern), is_regex, chunk_->spans[pc_]});
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
    return leave(Exit::Kind::ResetBuffer);
}

template <>
bool Execution::execute<Opcode::SetTimeout>(Word word) {
    exit_.timeout = timeout(word);
    return leave(Exit::Kind::SetTimeout);
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
    return leave(Exit::Kind::ClearFailPattern);
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
    for (auto& pattern : fiber_.multi_patterns_) {
        exit_.patterns.push_back({std::move(pattern.text), pattern.is_regex});
        exit_.pattern_spans.push_back(pattern.span);
    }
    fiber_.multi_patterns_.clear();
    exit_.timeout = timeout(word);
    return leave(Exit::Kind::MultiMatch);
}

}  // namespace relux::exec
