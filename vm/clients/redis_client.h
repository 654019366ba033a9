// Redis on the loop, one connection, one command at a time; further calls wait for their turn.
//
// Guarantees: nothing blocks, also not the look-up of a name. A command that is timed out, cancelled or
// answered at too great length takes its connection with it; the next call makes another one, as it does when
// the server has closed it meanwhile.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "vm/clients/call_guard.h"
#include "vm/clients/call_queue.h"
#include "vm/clients/json_value.h"
#include "vm/clients/redis_connection.h"
#include "vm/io/task.h"

namespace relux::clients {

/// Says who logs in when a connection begins, and to which database.
struct RedisLogin {
    std::string password;  ///< `AUTH`; empty: none
    std::string database;  ///< `SELECT`; empty: the server's first
};

class RedisClient {
  public:
    /// `HOST`, `HOST:PORT`, `[IPV6]:PORT`; the port is 6379 by default. `reply_limit`: bytes of one reply.
    RedisClient(io::Loop& loop, std::string address, std::size_t reply_limit = std::size_t{64} << 20,
                RedisLogin login = {});

    /// The command's words. Texts, integers, null and lists as such; an error reply is a failure, and within
    /// a list an object {"error": text}. Commands that turn the connection into a stream (SUBSCRIBE, MONITOR)
    /// are refused. Must not outlive the client.
    io::Task<Answer<Json>> command(std::vector<std::string> words, CallLimits limits);

  private:
    io::Task<Answer<Done>> connect(CallGuard& guard, const std::string& call);
    io::Task<Answer<Done>> log_in(CallGuard& guard, const std::string& call);
    io::Task<Answer<Json>> ask(const std::vector<std::string>& words, CallGuard& guard,
                               const std::string& call);

    io::Loop& loop_;
    std::string address_;
    std::size_t reply_limit_;
    RedisLogin login_;
    std::unique_ptr<RedisConnection> connection_;
    CallQueue queue_;
};

}  // namespace relux::clients
