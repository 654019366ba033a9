// The answer of SQLite to a query, as data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vm/clients/json_value.h"

namespace relux::clients {

struct SqliteResult {
    std::vector<std::string> columns;     ///< none when the statement has no rows to give
    std::vector<std::vector<Json>> rows;  ///< integers, numbers, text and null as stored; blobs as `\x…`
    std::int64_t changes = 0;             ///< rows that the statements inserted, changed or deleted
};

}  // namespace relux::clients
