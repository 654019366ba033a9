// One connection to a Redis server: hiredis on the watches of our loop, one command at a time.
//
// Guarantees: nothing of the call runs inside hiredis, it is woken and looks; an unasked-for reply closes the
// connection instead of reaching hiredis, which aborts on it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vm/clients/call_guard.h"
#include "vm/clients/json_value.h"

struct redisAsyncContext;
struct redisReply;

namespace relux::clients {

class RedisConnection {
  public:
    /// `address` is numeric. Starts to connect.
    RedisConnection(io::Loop& loop, const std::string& address, int port);
    RedisConnection(const RedisConnection&) = delete;
    RedisConnection& operator=(const RedisConnection&) = delete;
    ~RedisConnection();

    /// Who is woken by what happens; null for nobody.
    void tell(CallGuard* guard) { guard_ = guard; }
    bool connected() const { return connected_ && !closed(); }
    bool closed() const { return context_ == nullptr; }
    /// Why it is closed.
    const std::string& error() const { return error_; }

    /// When connected, and the reply to the one before has been taken. `limit` is for the bytes of the reply.
    void send(const std::vector<std::string>& command, std::size_t limit);
    struct Reply {
        bool is_error = false;
        Json value;  ///< the text of an error
    };
    bool has_reply() const { return reply_.has_value(); }
    Reply take_reply();
    bool too_large() const { return too_large_; }

  private:
    struct Hooks;  // what hiredis calls
    void want(io::Readiness wanted);
    void on_ready(io::Readiness ready);
    bool count_readable_bytes();
    void close(const std::string& reason);
    void wake();

    io::Loop& loop_;
    redisAsyncContext* context_ = nullptr;  // null once hiredis has freed it or is about to
    std::unique_ptr<io::DescriptorWatch> watch_;
    io::Readiness wanted_;
    CallGuard* guard_ = nullptr;
    bool connected_ = false;
    bool pending_ = false;  // a command without its reply
    bool too_large_ = false;
    std::size_t limit_ = 0;
    std::size_t received_ = 0;
    std::string error_;
    std::optional<Reply> reply_;
};

}  // namespace relux::clients
