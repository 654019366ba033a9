// hiredis 0.14. It frees its context itself whenever a connection ends, and says so in a callback before.
#include "vm/clients/redis_connection.h"

#include <algorithm>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <sys/ioctl.h>
#include <utility>

#include "vm/clients/quiet_thread.h"

namespace relux::clients {

namespace {

// hiredis reads so much at a time; bytes.
constexpr std::size_t kReadSize = std::size_t{16} * 1024;

Json value_of(const redisReply& reply) {
    switch (reply.type) {
        case REDIS_REPLY_INTEGER:
            return static_cast<std::int64_t>(reply.integer);
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
            return valid_utf8({reply.str, reply.len});
        case REDIS_REPLY_ARRAY: {
            Json list = Json::array();
            for (std::size_t i = 0; i < reply.elements; ++i)
                list.push_back(value_of(*reply.element[i]));
            return list;
        }
        case REDIS_REPLY_ERROR: {
            // Within a list: one of several commands failed.
            Json error = Json::object();
            error["error"] = valid_utf8({reply.str, reply.len});
            return error;
        }
        default:
            return nullptr;
    }
}

}  // namespace

// The user data of the event hooks and of the context is the connection.
struct RedisConnection::Hooks {
    static RedisConnection& self(void* data) { return *static_cast<RedisConnection*>(data); }
    static RedisConnection& self(const redisAsyncContext* context) { return self(context->data); }

    static void add_read(void* data) { self(data).want({true, self(data).wanted_.write}); }
    static void stop_read(void* data) { self(data).want({false, self(data).wanted_.write}); }
    static void add_write(void* data) { self(data).want({self(data).wanted_.read, true}); }
    static void stop_write(void* data) { self(data).want({self(data).wanted_.read, false}); }
    // Before the socket is closed.
    static void clean_up(void* data) { self(data).watch_.reset(); }

    static void on_connect(const redisAsyncContext* context, int status) {
        RedisConnection& connection = self(context);
        connection.connected_ = status == REDIS_OK;
        if (status != REDIS_OK) {
            connection.error_ = context->c.errstr;
            connection.context_ = nullptr;
        }
        connection.wake();
    }
    static void on_disconnect(const redisAsyncContext* context, int) {
        RedisConnection& connection = self(context);
        connection.context_ = nullptr;
        if (connection.error_.empty()) {
            const bool has_words = context->err != 0 && context->errstr != nullptr;
            connection.error_ = has_words ? context->errstr : "the server closed the connection";
        }
        connection.wake();
    }
    static void on_reply(redisAsyncContext* context, void* data, void*) {
        RedisConnection& connection = self(context);
        connection.pending_ = false;
        if (data == nullptr) return connection.wake();  // the connection ends
        const auto& reply = *static_cast<const redisReply*>(data);
        const bool is_error = reply.type == REDIS_REPLY_ERROR;
        connection.reply_ =
            Reply{is_error, is_error ? Json(valid_utf8({reply.str, reply.len})) : value_of(reply)};
        connection.wake();
        // hiredis would abort on another reply that nobody waits for.
        const redisReader& reader = *context->c.reader;
        if (reader.pos < reader.len) connection.close("the server sent more than one reply to a command");
    }
};

RedisConnection::RedisConnection(io::Loop& loop, const std::string& address, int port) : loop_(loop) {
    context_ = redisAsyncConnect(address.c_str(), port);
    RELUX_ASSERT(context_ != nullptr, "hiredis has no memory");
    if (context_->err != 0) {
        error_ = context_->errstr;
        redisAsyncFree(std::exchange(context_, nullptr));
        return;
    }
    context_->data = this;
    context_->ev.data = this;
    context_->ev.addRead = &Hooks::add_read;
    context_->ev.delRead = &Hooks::stop_read;
    context_->ev.addWrite = &Hooks::add_write;
    context_->ev.delWrite = &Hooks::stop_write;
    context_->ev.cleanup = &Hooks::clean_up;
    redisAsyncSetDisconnectCallback(context_, &Hooks::on_disconnect);
    redisAsyncSetConnectCallback(context_, &Hooks::on_connect);  // asks for the first event
}

RedisConnection::~RedisConnection() {
    guard_ = nullptr;
    close("closed");
}

void RedisConnection::send(const std::vector<std::string>& command, std::size_t limit) {
    std::vector<const char*> words;
    std::vector<std::size_t> lengths;
    for (const std::string& word : command) {
        words.push_back(word.data());
        lengths.push_back(word.size());
    }
    limit_ = limit;
    received_ = 0;
    reply_.reset();
    pending_ = true;
    const NoPipeSignal no_signal;
    const int code = redisAsyncCommandArgv(context_, &Hooks::on_reply, nullptr,
                                           static_cast<int>(words.size()), words.data(), lengths.data());
    if (code != REDIS_OK) close("hiredis does not take the command");
}

RedisConnection::Reply RedisConnection::take_reply() {
    Reply reply = std::move(*reply_);
    reply_.reset();
    return reply;
}

void RedisConnection::want(io::Readiness wanted) {
    wanted_ = wanted;
    if (watch_) return watch_->wait_for(wanted);
    if (context_ == nullptr) return;
    watch_ = loop_.watch_descriptor(context_->c.fd, wanted, [this](io::Readiness ready) { on_ready(ready); });
}

void RedisConnection::on_ready(io::Readiness ready) {
    const NoPipeSignal no_signal;
    // Between two commands there is nothing that the server could say but farewell.
    if (ready.read && connected_ && !pending_) return close("the server closed the connection");
    if (ready.read && !count_readable_bytes()) return close("too large");
    if (ready.read) redisAsyncHandleRead(context_);
    if (ready.write && context_ != nullptr) redisAsyncHandleWrite(context_);
}

// False when the next piece of the reply is beyond the limit.
bool RedisConnection::count_readable_bytes() {
    int readable = 0;
    if (!pending_ || ::ioctl(context_->c.fd, FIONREAD, &readable) != 0) return true;
    received_ += std::min(static_cast<std::size_t>(readable), kReadSize);
    too_large_ = received_ > limit_;
    return !too_large_;
}

// Inside one of its callbacks hiredis frees the context when the callback is over.
void RedisConnection::close(const std::string& reason) {
    if (context_ == nullptr) return;
    if (error_.empty()) error_ = reason;
    redisAsyncFree(std::exchange(context_, nullptr));
    wake();
}

void RedisConnection::wake() {
    if (guard_ != nullptr) guard_->wake();
}

}  // namespace relux::clients
