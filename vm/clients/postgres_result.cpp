// The type numbers are fixed in PostgreSQL's catalogue (pg_type.dat).
#include "vm/clients/postgres_result.h"

namespace relux::clients {

namespace {
constexpr std::uint32_t kBool = 16;
constexpr std::uint32_t kInt8 = 20;
constexpr std::uint32_t kInt2 = 21;
constexpr std::uint32_t kInt4 = 23;
constexpr std::uint32_t kJson = 114;
constexpr std::uint32_t kFloat4 = 700;
constexpr std::uint32_t kFloat8 = 701;
constexpr std::uint32_t kNumeric = 1700;
constexpr std::uint32_t kJsonb = 3802;
}  // namespace

Json postgres_value(std::uint32_t type, const std::optional<std::string>& text) {
    if (!text) return nullptr;
    switch (type) {
        case kBool:
            return *text == "t";
        case kInt2:
        case kInt4:
        case kInt8:
        case kFloat4:
        case kFloat8:
        case kNumeric:
            return number_value(*text);
        case kJson:
        case kJsonb: {
            Json parsed = Json::parse(*text, nullptr, false);
            if (!parsed.is_discarded()) return parsed;
            break;
        }
        default:
            break;
    }
    return valid_utf8(*text);
}

Json postgres_rows(const PostgresResult& result) {
    Json rows = Json::array();
    for (const auto& row : result.rows) {
        Json object = Json::object();
        for (std::size_t column = 0; column < result.columns.size(); ++column)
            object[result.columns[column].name] = postgres_value(result.columns[column].type, row[column]);
        rows.push_back(std::move(object));
    }
    return rows;
}

}  // namespace relux::clients
