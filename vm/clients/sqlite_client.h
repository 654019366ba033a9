// SQLite beside the loop: one database, one thread of its own that does one query after the other.
//
// Guarantees: nothing blocks the loop but the client's end, which waits for the statement that runs, after
// interrupting it. A query that is timed out or cancelled is interrupted, and rolled back as SQLite does it.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "vm/clients/call_guard.h"
#include "vm/clients/sqlite_database.h"
#include "vm/io/task.h"

namespace relux::clients {

class SqliteClient {
  public:
    /// A file, which is created if it is not there; `:memory:` lives as long as the client; `file:…?mode=ro`.
    /// Opened at the first call.
    SqliteClient(io::Loop& loop, std::string path);
    SqliteClient(io::Loop& loop, std::string path, SqliteDatabase::Limits limits);
    SqliteClient(const SqliteClient&) = delete;
    SqliteClient& operator=(const SqliteClient&) = delete;
    /// No call may run.
    ~SqliteClient();

    io::Task<Answer<SqliteResult>> query(std::string sql, CallLimits limits);

  private:
    struct Job;
    class Interest;

    Status start_thread();
    void work();
    std::shared_ptr<Job> next_job();
    void finish(const std::shared_ptr<Job>& job, Answer<SqliteResult> answer);
    Answer<SqliteResult> run(const Job& job);
    void give_up(Job& job);
    bool given_up();
    bool wait(Duration duration);

    io::Loop& loop_;
    std::string path_;
    SqliteDatabase database_;
    bool opened_ = false;  // of the thread alone

    std::mutex mutex_;
    std::condition_variable changed_;
    // Guarded by mutex_:
    std::deque<std::shared_ptr<Job>>
        jobs_;  // owners: the call that waits for it, and this queue or the thread
    std::shared_ptr<Job> running_;
    bool ending_ = false;

    std::thread thread_;
};

}  // namespace relux::clients
