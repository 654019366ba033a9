// event.html: one attempt at a test as a page that people read; a single file, no network, no script.
#pragma once

#include <filesystem>

#include "vm/base/result.h"
#include "vm/report/masked_log.h"
#include "vm/report/test_report.h"

namespace relux::report {

Status write_event_page(const TestRecord& record, const MaskedLog& log, const std::filesystem::path& file);

}  // namespace relux::report
