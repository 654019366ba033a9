// The outcome of a test in events.json: what belongs to its kind, put together from the result and the event
// log.
#pragma once

#include "vm/report/event_fields.h"

namespace relux::report {

/// Writes the value of `outcome`.
void write_outcome(JsonWriter& json, const TestRecord& record, const MaskedLog& log,
                   SourceLocations& locations, EventFields& fields);

}  // namespace relux::report
