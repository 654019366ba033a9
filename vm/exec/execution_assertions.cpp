// Assertions on values and the decisions of markers.
#include <variant>

#include "vm/base/assert.h"
#include "vm/bytecode/quoted.h"
#include "vm/exec/execution.h"

namespace relux::exec {

using bytecode::Opcode;

std::optional<std::optional<Captures>> Execution::search(std::string_view pattern, std::string_view subject) {
    constexpr std::string_view kInvalid = "invalid regex: ";
    if (!afford(pattern.size() + subject.size())) return std::nullopt;
    took_time_ = true;
    auto found = host_.search(pattern, subject);
    if (found && found->unfinished) {
        leave_for_search();
        return std::nullopt;
    }
    if (found) return std::move(found->captures);
    const auto& message = found.error().message;
    if (message.starts_with(kInvalid)) {
        fail({exits::Failed::Kind::InvalidRegex, message.substr(kInvalid.size()), {}, {}});
    } else {
        fail(message);
    }
    return std::nullopt;
}

bool Execution::assert_matches(Word word, std::string_view pattern) {
    auto subject = r(word.a()).view();
    auto found = search(pattern, subject);
    // It begins again when the search has been made elsewhere.
    if (std::holds_alternative<exits::Search>(exit_)) return false;
    note_search(Note::Kind::AssertStart, pattern, subject, true);
    if (!found) return false;
    if (!*found) {
        note(Note::Kind::AssertFailed, pattern, subject);
        return fail(
            {exits::Failed::Kind::PureMatch,
             "value " + bytecode::quoted_text(subject) + " does not match " + bytecode::slashed(pattern),
             r(word.a()),
             {Value(pattern), true}});
    }
    note(Note::Kind::AssertDone, pattern, (*found)->empty() ? std::string_view() : (**found)[0].view(),
         **found);
    fiber_.frames_.back().captures = std::move(**found);
    return advance();
}

template <>
bool Execution::execute<Opcode::AssertEq>(Word word) {
    auto value = r(word.a()).view();
    auto wanted = r(word.b()).view();
    if (!afford(value.size() + wanted.size())) return false;
    note_search(Note::Kind::AssertStart, wanted, value, false);
    if (value != wanted) {
        note(Note::Kind::AssertFailed, wanted, value);
        return fail({exits::Failed::Kind::PureMatch,
                     "value " + bytecode::quoted_text(value) + " is not " + bytecode::quoted_text(wanted),
                     r(word.a()),
                     {r(word.b()), false}});
    }
    note(Note::Kind::AssertDone, wanted, value);
    return advance();
}

bool Execution::decide_matches(Word word, std::string_view pattern) {
    const auto subject = r(word.a()).view();
    auto found = search(pattern, subject);
    if (std::holds_alternative<exits::Search>(exit_)) return false;
    note_search(Note::Kind::AssertStart, pattern, subject, true);
    if (!found) return false;
    if (*found) {
        note(Note::Kind::AssertDone, pattern, (*found)->empty() ? std::string_view() : (**found)[0].view(),
             **found);
    } else {
        note(Note::Kind::AssertFailed, pattern, subject);
    }
    return decide(word, found->has_value(), pattern, true);
}

template <>
bool Execution::execute<Opcode::DecideEq>(Word word) {
    const auto subject = r(word.a()).view();
    const auto wanted = r(word.b()).view();
    const bool holds = subject == wanted;
    note_search(Note::Kind::AssertStart, wanted, subject, false);
    note(holds ? Note::Kind::AssertDone : Note::Kind::AssertFailed, wanted, subject);
    return decide(word, holds, wanted, false);
}

void Execution::note_search(Note::Kind kind, std::string_view pattern, std::string_view subject,
                            bool is_regex) {
    Note noted{kind, *module_, chunk_->spans[pc_], pattern, subject};
    noted.is_regex = is_regex;
    note(noted);
}

bool Execution::decide(Word word, bool holds, std::string_view pattern, bool is_regex) {
    exit_ = exits::Decided{holds, r(word.a())};
    Note noted{Note::Kind::Decision, *module_, chunk_->spans[pc_], pattern, r(word.a()).view()};
    noted.is_regex = is_regex;
    noted.holds = holds;
    noted.compares = word.opcode() != bytecode::Opcode::DecideTrue;
    note(noted);
    fiber_.frames_.clear();
    return false;
}

template <>
bool Execution::execute<Opcode::AssertRe>(Word word) {
    return assert_matches(word, module_->code.patterns[word.b()]);
}
template <>
bool Execution::execute<Opcode::AssertReText>(Word word) {
    return assert_matches(word, r(word.b()).view());
}

template <>
bool Execution::execute<Opcode::DecideTrue>(Word word) {
    return decide(word, !r(word.a()).empty(), {}, false);
}
template <>
bool Execution::execute<Opcode::DecideRe>(Word word) {
    return decide_matches(word, module_->code.patterns[word.b()]);
}
template <>
bool Execution::execute<Opcode::DecideReText>(Word word) {
    return decide_matches(word, r(word.b()).view());
}

}  // namespace relux::exec
