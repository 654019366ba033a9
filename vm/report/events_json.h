// events.json: everything that happened in one attempt at a test as data, schema version 3 (docs/events.md).
#pragma once

#include <filesystem>

#include "vm/base/result.h"
#include "vm/report/masked_log.h"
#include "vm/report/test_report.h"

namespace relux::report {

Status write_events_json(const TestRecord& record, const MaskedLog& log, const std::filesystem::path& file);

}  // namespace relux::report
