// docs/events.md is made from events.def. With RELUX_BLESS=1 in the environment it is written anew.

#include <doctest/doctest.h>

#include "tests/support/golden_file.h"
#include "vm/base/assert.h"
#include "vm/report/event_log.h"

using namespace relux;
using namespace relux::report;

namespace {

constexpr std::string_view kHead = R"(# events.json

<!-- Made from vm/report/events.def by `RELUX_BLESS=1 <build directory>/tests/unit/report/unit_report`. -->

One file for each attempt at a test, schema version 3, indented by two spaces. Names of kinds are kebab-case. Times with
`ts` in their names are fractional milliseconds from the start of the attempt; `elapsed` and `duration` are milliseconds.
Bytes that are not UTF-8 are written as `\xNN`. Values of secrets are `***`.

| member | content |
|---|---|
| `schema_version` | 3 |
| `info` | `name`, `path`, `duration_ms`, and ours: `duration` (fractional), `line run_id attempt timeout_multiplier progress left_out`; `left_out` counts records that were dropped because the log was full |
| `outcome` | `kind`, and beside it what belongs to the kind (below) |
| `env` | `bootstrap`: every variable of the environment at the start of the test, sorted, as `key`, `value` and `source` |
| `shells` | by marker, which is also what the shell's log files are called: `marker name spawn_ts terminate_ts command` |
| `spans` | by id: a tree by `parent`; each has `id parent start_ts end_ts location kind` and the fields of its kind. `end_ts` is null for what did not end. `markers` is a root of its own; the log of a skipped test has no `test` |
| `events`, `buffer_events` | in the order of `seq`, which counts both together from 0. Events have `seq ts span shell shell_marker source kind` and the fields of their kind, buffer events `seq ts shell shell_marker kind` and theirs |
| `sources` | the text of every file that a location names; null when it was stripped |
| `artifacts` | `path`, `size` and `mime` (or null) of the files that the test left in its artifacts directory; paths are relative to that |

A *location*, which events call `source`, is null or `{file, line, start, end}`: the line from 1, and byte offsets into
`sources[file]`. That of a shell block is its name; of a call, match or send the statement; of a marker its line; of an
interpolation the string with its quotes. What happens to shells as wholes has none, nor have `markers`, `effect-cleanup`,
`error`, `warning` and `cancelled`. `shell` and `shell_marker` are null outside of shells. A shell that an effect has handed
over is called `Alias(Effect).name` there; its marker stays.

A *time-out* is `{type, duration, multiplier, total_duration, source}` with the type `tolerance`, or `{type, duration, source}`
with the type `assertion`. `source` is null for the configured default. The factor of a flaky retry is not part of it: what
really applied is `applied_ms`, which is ours.

## Outcomes

| kind | fields |
|---|---|
| `pass` | |
| `fail` | `type`, `span`, `event_seq`, `call_stack`, `vars_in_scope`, and those of its type |
| `cancelled` | `reason span event_seq shell call_stack`; the reason is `{type, duration_ms}` with `test-timeout` or `suite-timeout`, `{type, trigger_test}` with `fail-fast`, or has only the type `sigint` |
| `skip` | `span event_seq marker_kind evaluation location`: the marker that decided, and its `bool-check` |
| `invalid` | a marker's condition has a malformed pattern |

| type of `fail` | fields |
|---|---|
| `match-timeout` | `shell pattern effective buffer_tail` |
| `fail-pattern-matched` | `shell pattern matched_line buffer_tail` |
| `shell-exited` | `shell exit_code buffer_tail`; the exit code is null after a signal |
| `multi-match` | `shell patterns matched effective buffer_tail`; `matched` are places in `patterns` |
| `pure-match` | `match_context value pattern is_regex`; the context is `{type, name}` with the type `fn`, `test-preamble`, `effect-preamble` or `shell` |
| `runtime` | `shell` or null, `message`: everything else |

`call_stack` goes from the test inwards: `{span, kind, name, args, alias, location}`; it is empty for a failure directly in a
preamble. `vars_in_scope` are pairs, sorted: inside a function its own variables, else those of the shell and of the test or
effect. Ours are `summary`, `chain`, `notes`, `timeout`, `buffer_omitted`, `warnings`, and `reason_text` of what is skipped;
`output_of` names the command whose output is shown, not what stands behind the cursor, `shell_state` what the shell was
doing at a time-out.

## Where this differs from Relux 0.8.3

- `env` has the values of the variables that the test or its modules read, of those from `.env` files and of the runtime's
  own. Others have the value `""` and `omitted`, since every host has secrets under names that do not look it, and logs
  are kept as artifacts. `[report] environment = "all"` shows them, secret names masked all the same.
- `recv` is an event: what happened is told in one list, in order.
- `matched` has at most 1 KiB each of what lies before and behind a match. All of it, at every match, made logs that grow
  with the square of the output. `begin` and `end` lead into the shell's `.raw` file; values of secrets are shorter or
  longer there.
- The end of a shell is reported at once, not when the time-out of the match that waits has passed.
- `dropped` is a buffer event; steps of workflows have kinds of their own, from `request` to `print`, and `step`.

A shell prints more than 4 MiB in few tests; what comes after that is only in the shell's logs, and the `data` of such a
`recv` says how much it is.
)";

std::string_view type_name(FieldType type) {
    switch (type) {
        case FieldType::Text:
            return "text";
        case FieldType::OptionalText:
            return "text or null";
        case FieldType::Number:
            return "integer";
        case FieldType::Sequence:
            return "`seq` or null";
        case FieldType::Milliseconds:
            return "milliseconds";
        case FieldType::Flag:
            return "true or false";
        case FieldType::Texts:
            return "list of texts";
        case FieldType::Pairs:
            return "list of pairs";
        case FieldType::Numbers:
            return "list of integers";
        case FieldType::Groups:
            return "object of texts";
        case FieldType::OptionalGroups:
            return "object of texts, or null";
        case FieldType::Patterns:
            return "list of `{pattern, is_regex}`";
        case FieldType::Parts:
            return "text";
        case FieldType::Timeout:
            return "time-out";
        case FieldType::Internal:
            break;
    }
    RELUX_UNREACHABLE("field type out of range");
}

void add_table(std::string& text, std::string_view title, RecordClass wanted) {
    text += "\n## " + std::string(title) + "\n\n| kind | fields | |\n|---|---|---|\n";
    if (wanted == RecordClass::Span) text += "| `test` | `name` text | The whole attempt. |\n";
    for (std::size_t i = 0; i < event_kind_count(); ++i) {
        const auto& info = event_info(static_cast<EventKind>(i));
        if (info.record_class != wanted) continue;
        text += "| `" + std::string(info.name) + "` | ";
        std::string fields;
        for (const auto& field : info.fields) {
            if (field.type == FieldType::Internal) continue;
            fields += (fields.empty() ? "`" : ", `") + std::string(field.name) + "` " +
                      std::string(type_name(field.type));
        }
        if (!info.result.empty())
            fields += (fields.empty() ? "`" : ", `") + std::string(info.result) + "` text or null";
        text += fields + " | " + std::string(info.about) + " |\n";
    }
}

std::string document() {
    std::string text(kHead);
    add_table(text, "Spans", RecordClass::Span);
    add_table(text, "Events", RecordClass::Event);
    add_table(text, "Buffer events", RecordClass::Buffer);
    return text;
}

}  // namespace

TEST_CASE("docs/events.md is current") {
    test_support::compare_with_golden(RELUX_EVENTS_DOCUMENT, document());
}
