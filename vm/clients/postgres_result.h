// The answer of a PostgreSQL server to a query, as data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vm/clients/json_value.h"

namespace relux::clients {

struct PostgresColumn {
    std::string name;
    std::uint32_t type = 0;  ///< oid
};

struct PostgresResult {
    std::vector<PostgresColumn> columns;  ///< none when the statement has no rows to give
    std::vector<std::vector<std::optional<std::string>>> rows;  ///< text as the server prints it; none: NULL
    std::string command_tag;                                    ///< `SELECT 3`, `CREATE TABLE`
};

/// Booleans, integers, floating-point numbers and numerics as such, json and jsonb as what they hold, NULL as
/// null, all else as text. A numeric that fits no integer is rounded to a floating-point number.
Json postgres_value(std::uint32_t type, const std::optional<std::string>& text);
/// One object for each row.
Json postgres_rows(const PostgresResult& result);

}  // namespace relux::clients
