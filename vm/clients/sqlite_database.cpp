// SQLite 3.40.
#include "vm/clients/sqlite_database.h"

#include <algorithm>
#include <optional>
#include <sqlite3.h>
#include <string_view>
#include <utility>

#include "vm/base/utf8.h"

namespace relux::clients {

namespace {

constexpr Duration kFirstWait = std::chrono::milliseconds(1);
constexpr Duration kLongestWait = std::chrono::milliseconds(50);
/// Steps of SQLite's machine between two looks at whether the statement is still wanted: some 10 to 100 us.
constexpr int kStepsBetweenLooks = 1000;

struct NamedCode {
    int code;
    const char* name;
    FailureKind kind;
};
constexpr NamedCode kCodes[] = {
    {SQLITE_ERROR, "SQLITE_ERROR", FailureKind::Refused},
    {SQLITE_PERM, "SQLITE_PERM", FailureKind::Refused},
    {SQLITE_ABORT, "SQLITE_ABORT", FailureKind::Refused},
    {SQLITE_BUSY, "SQLITE_BUSY", FailureKind::Refused},
    {SQLITE_LOCKED, "SQLITE_LOCKED", FailureKind::Refused},
    {SQLITE_NOMEM, "SQLITE_NOMEM", FailureKind::TooLarge},
    {SQLITE_READONLY, "SQLITE_READONLY", FailureKind::Refused},
    {SQLITE_INTERRUPT, "SQLITE_INTERRUPT", FailureKind::Cancelled},
    {SQLITE_IOERR, "SQLITE_IOERR", FailureKind::Protocol},
    {SQLITE_CORRUPT, "SQLITE_CORRUPT", FailureKind::Protocol},
    {SQLITE_FULL, "SQLITE_FULL", FailureKind::Protocol},
    {SQLITE_CANTOPEN, "SQLITE_CANTOPEN", FailureKind::Connect},
    {SQLITE_TOOBIG, "SQLITE_TOOBIG", FailureKind::TooLarge},
    {SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT", FailureKind::Refused},
    {SQLITE_MISMATCH, "SQLITE_MISMATCH", FailureKind::Refused},
    {SQLITE_AUTH, "SQLITE_AUTH", FailureKind::Refused},
    {SQLITE_NOTADB, "SQLITE_NOTADB", FailureKind::Connect},
};

Failure failure_of(sqlite3* database) {
    const int code = sqlite3_errcode(database);
    Failure failure{FailureKind::Refused, sqlite3_errmsg(database)};
    failure.code = "SQLITE_" + std::to_string(code);
    for (const NamedCode& known : kCodes) {
        if (known.code != code) continue;
        failure.kind = known.kind;
        failure.code = known.name;
    }
    failure.message += " (" + failure.code + ")";
    return failure;
}

Json value_at(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER:
            return static_cast<std::int64_t>(sqlite3_column_int64(statement, column));
        case SQLITE_FLOAT:
            return number_value(sqlite3_column_double(statement, column));
        case SQLITE_NULL:
            return nullptr;
        default:
            break;
    }
    const bool is_blob = sqlite3_column_type(statement, column) == SQLITE_BLOB;
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    const std::string_view view = bytes == nullptr ? std::string_view() : std::string_view(bytes, size);
    return is_blob ? hexadecimal(view) : valid_utf8(view);
}

}  // namespace

void SqliteDatabase::Close::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

void SqliteDatabase::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

SqliteDatabase::SqliteDatabase(Limits limits, std::function<bool(Duration)> wait,
                               std::function<bool()> given_up)
    : limits_(limits), wait_(std::move(wait)), given_up_(std::move(given_up)) {}

SqliteDatabase::~SqliteDatabase() = default;

Answer<Done> SqliteDatabase::open(const std::string& path) {
    sqlite3* opened = nullptr;
    // Every call is on one thread but the interrupt, which is made for others.
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX;
    const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
    std::unique_ptr<sqlite3, Close> database(opened);
    if (code != SQLITE_OK) {
        if (opened == nullptr) return Failure{FailureKind::Connect, "no memory"};
        Failure failure = failure_of(opened);
        failure.kind = FailureKind::Connect;
        return failure;
    }
    sqlite3_busy_handler(opened, &SqliteDatabase::on_busy, this);
    sqlite3_progress_handler(opened, kStepsBetweenLooks, &SqliteDatabase::on_progress, this);
    database_ = std::move(database);
    return Done{};
}

// SQLite's own handler sleeps whatever happens meanwhile.
int SqliteDatabase::on_busy(void* self, int attempt) {
    auto& database = *static_cast<SqliteDatabase*>(self);
    if (attempt == 0) database.waited_ = Duration(0);
    const Duration left = database.limits_.busy - database.waited_;
    if (left <= Duration(0)) return 0;
    const Duration next = std::min({kFirstWait * (1 << std::min(attempt, 10)), kLongestWait, left});
    database.waited_ += next;
    return database.wait_(next) ? 1 : 0;
}

int SqliteDatabase::on_progress(void* self) {
    return static_cast<SqliteDatabase*>(self)->given_up_() ? 1 : 0;
}

void SqliteDatabase::interrupt() {
    if (database_ != nullptr) sqlite3_interrupt(database_.get());
}

Answer<SqliteResult> SqliteDatabase::run(const std::string& sql) {
    const std::int64_t changes_before = sqlite3_total_changes64(database_.get());
    SqliteResult result;
    if (auto failure = query_too_long(sql)) return *failure;
    const char* rest = sql.c_str();
    while (*rest != '\0') {
        if (given_up_()) return Failure{FailureKind::Cancelled, "given up between two statements"};
        sqlite3_stmt* prepared = nullptr;
        const char* end = nullptr;
        const int code = sqlite3_prepare_v2(database_.get(), rest, -1, &prepared, &end);
        const Statement statement(prepared);
        if (code != SQLITE_OK) return failure(rest, sql.c_str());
        if (prepared != nullptr) {  // null: nothing but a comment or white space
            result = SqliteResult();
            const auto done = step_through(prepared, result);
            if (!done) return done.error();
        }
        rest = end;
    }
    result.changes = sqlite3_total_changes64(database_.get()) - changes_before;
    return result;
}

Answer<Done> SqliteDatabase::step_through(sqlite3_stmt* statement, SqliteResult& result) {
    const int columns = sqlite3_column_count(statement);
    for (int column = 0; column < columns; ++column)
        result.columns.push_back(valid_utf8(sqlite3_column_name(statement, column)));
    std::size_t bytes = 0;
    for (;;) {
        const int code = sqlite3_step(statement);
        if (code == SQLITE_DONE) return Done{};
        if (code != SQLITE_ROW) return failure_of(database_.get());
        std::vector<Json> row;
        row.reserve(static_cast<std::size_t>(columns));
        for (int column = 0; column < columns; ++column) {
            row.push_back(value_at(statement, column));
            bytes += sizeof row.back() + static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
        }
        bytes += sizeof row;
        result.rows.push_back(std::move(row));
        if (bytes > limits_.result) {
            return Failure{FailureKind::TooLarge, "the result is larger than the limit of " +
                                                      std::to_string(limits_.result) + " bytes, after " +
                                                      std::to_string(result.rows.size()) + " rows"};
        }
    }
}

// Says why a statement can't be prepared, with the place.
Failure SqliteDatabase::failure(const char* statement, const char* all) const {
    Failure failure = failure_of(database_.get());
    const int offset = sqlite3_error_offset(database_.get());
    if (offset < 0) return failure;
    const std::string_view before(all, static_cast<std::size_t>(statement - all + offset));
    failure.position = 1 + static_cast<int>(count_characters(before));
    failure.message += " at character " + std::to_string(failure.position);
    return failure;
}

}  // namespace relux::clients
