// One SQLite database, used from one thread; another one may interrupt it. Blocks: knows no loop.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "vm/base/duration.h"
#include "vm/clients/failure.h"
#include "vm/clients/sqlite_result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace relux::clients {

class SqliteDatabase {
  public:
    struct Limits {
        std::size_t result = std::size_t{64} << 20;  ///< bytes of one result
        Duration busy = std::chrono::seconds(5);     ///< how long to wait for a lock that somebody else has
    };
    /// `wait(duration)` sleeps, less if the statement is given up, and is false then; `given_up` is asked
    /// from time to time while a statement runs. Both are called within run() only.
    SqliteDatabase(Limits limits, std::function<bool(Duration)> wait, std::function<bool()> given_up);
    SqliteDatabase(const SqliteDatabase&) = delete;
    SqliteDatabase& operator=(const SqliteDatabase&) = delete;
    ~SqliteDatabase();

    /// Creates the file if it is not there. Messages of failures are reasons only: "no such table: x".
    Answer<Done> open(const std::string& path);
    /// One or more statements; of several the last result counts, and the first failure ends them.
    Answer<SqliteResult> run(const std::string& sql);
    /// Nothing but open() may follow.
    void close() { database_.reset(); }
    /// From any thread, while run() runs.
    void interrupt();

  private:
    struct Close {
        void operator()(sqlite3* database) const;
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

    static int on_busy(void* self, int attempt);
    static int on_progress(void* self);
    Answer<Done> step_through(sqlite3_stmt* statement, SqliteResult& result);
    Failure failure(const char* statement, const char* all) const;

    Limits limits_;
    std::function<bool(Duration)> wait_;
    std::function<bool()> given_up_;
    Duration waited_{0};  // for the present lock
    std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace relux::clients
