// PostgreSQL on the loop, one connection, one query at a time; further calls wait for their turn.
//
// Guarantees: nothing blocks, also not the look-up of a name. A query that is timed out, cancelled or gives
// too much is cancelled on the server too, and its connection is dropped; the next call makes another one. A
// connection that the server has closed between two calls is made anew, unless a transaction was open.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "vm/clients/call_guard.h"
#include "vm/clients/call_queue.h"
#include "vm/clients/postgres_dsn.h"
#include "vm/clients/postgres_result.h"
#include "vm/io/task.h"

struct pg_conn;
struct pg_result;

namespace relux::clients {

class PostgresClient {
  public:
    /// Connects at the first call. `result_limit`: bytes of text in one result.
    PostgresClient(io::Loop& loop, std::string dsn, std::size_t result_limit = std::size_t{64} << 20);

    /// One or more statements; of several the last result counts, and the first failure ends them. Must not
    /// outlive the client.
    io::Task<Answer<PostgresResult>> query(std::string sql, CallLimits limits);

  private:
    class Collector;
    struct CloseConnection {
        void operator()(pg_conn* connection) const;
    };

    io::Task<Answer<Done>> connect(CallGuard& guard, const std::string& call);
    io::Task<Answer<std::vector<std::vector<std::string>>>> look_up(const PostgresDsn& dsn, CallGuard& guard,
                                                                    const std::string& call);
    io::Task<Answer<Done>> follow_connecting(CallGuard& guard, const std::string& call);
    io::Task<Answer<Done>> send(const std::string& sql, CallGuard& guard, const std::string& call);
    io::Task<Answer<PostgresResult>> receive(CallGuard& guard, const std::string& call);
    Answer<Done> check_idle_connection(const std::string& call);
    Failure broken(const std::string& call);
    void abandon_query();
    void forget_notifications();

    io::Loop& loop_;
    std::string dsn_;
    std::size_t result_limit_;
    std::unique_ptr<pg_conn, CloseConnection> connection_;
    bool in_transaction_ = false;  // when the last query had ended
    CallQueue queue_;
};

}  // namespace relux::clients
