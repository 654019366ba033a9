// docs/events.md is made from events.def. With RELUX_BLESS=1 in the environment it is written anew.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "vm/base/assert.h"
#include "vm/report/event_log.h"

using namespace relux;
using namespace relux::report;

namespace {

constexpr std::string_view kHead = R"(# events.json

<!-- Made from vm/report/events.def by `RELUX_BLESS=1 <build directory>/tests/unit/report/unit_report`. -->

One file for each attempt at a test, schema version 3. Times are fractional milliseconds from the start of the attempt.
Bytes that are not UTF-8 are written as `\xNN`. Values of secrets are `***`.

| member | content |
|---|---|
| `schema_version` | 3 |
| `info` | `name path file line run_id attempt timeout_multiplier duration progress left_out`; `left_out` counts records that were dropped because the log was full |
| `outcome` | `kind` (`pass fail cancelled skipped invalid`), `skip_reason`, `warnings`, and `failure`: null, or `type summary shell pattern is_regex chain timeout output output_omitted notes` |
| `env` | the variables of the base environment that the test read |
| `shells` | `name`, and `marker`: unique in the attempt, and what the shell's log files are called |
| `spans` | a tree by `parent`; each has `id parent kind start end source` and the fields of its kind. The test itself is number 0 |
| `events` | in the order of `seq`; each has `seq ts span shell shell_marker source kind` and the fields of its kind |
| `buffer_events` | what happened to the output buffers; `buffer_seq` of an event is the `seq` of the last one before it in its shell. `begin` and `end` count bytes from the start of the shell |
| `sources` | the text of every file that a `source` names; null when it was stripped |
| `artifacts` | `path` and `size` of the files that the test left in its artifacts directory |

`source` is null or has `file` and `line`. A shell prints more than 4 MiB in few tests; what comes after that is only in
the shell's logs, and the `data` of such a `recv` says how much it is.
)";

std::string_view type_name(FieldType type) {
    switch (type) {
        case FieldType::Text:
            return "text";
        case FieldType::Number:
            return "integer";
        case FieldType::Milliseconds:
            return "milliseconds";
        case FieldType::Flag:
            return "true or false";
        case FieldType::Texts:
            return "list of texts";
        case FieldType::Pairs:
            return "object of texts";
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
        for (const auto& field : info.fields)
            fields += (fields.empty() ? "`" : ", `") + std::string(field.name) + "` " +
                      std::string(type_name(field.type));
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
    const std::string path = RELUX_EVENTS_DOCUMENT;
    if (std::getenv("RELUX_BLESS") != nullptr) {
        std::ofstream(path, std::ios::binary) << document();
        return;
    }
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    CHECK(text.str() == document());
}
