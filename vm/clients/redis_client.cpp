// A call connects if need be, sends, and waits for the connection to wake it.
#include "vm/clients/redis_client.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include "vm/clients/host_lookup.h"

namespace relux::clients {

namespace {

struct HostAndPort {
    std::string host;
    int port = 6379;
};

std::optional<HostAndPort> parse_address(std::string_view text) {
    HostAndPort result;
    const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == std::string_view::npos) return std::nullopt;
    const std::size_t colon = text.find(':', bracket);
    std::string_view host = text.substr(0, colon);
    if (bracket != 0) host = text.substr(1, bracket - 1);
    result.host = host;
    if (result.host.empty() || (bracket != 0 && colon != bracket + 1 && bracket + 1 != text.size()))
        return std::nullopt;
    if (colon == std::string_view::npos) return result;
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
    const bool whole = error == std::errc() && end == port.data() + port.size();
    if (!whole || result.port < 1 || result.port > 65535) return std::nullopt;
    return result;
}

std::string joined(const std::vector<std::string>& words) {
    std::string result;
    for (const std::string& word : words)
        result += (result.empty() ? "" : " ") + word;
    return result;
}

bool makes_stream(std::string word) {
    std::transform(word.begin(), word.end(), word.begin(), [](char character) {
        return static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
    });
    static constexpr std::string_view kStreams[] = {"SUBSCRIBE",   "PSUBSCRIBE",   "SSUBSCRIBE",
                                                    "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE",
                                                    "MONITOR",     "SYNC",         "PSYNC"};
    return std::find(std::begin(kStreams), std::end(kStreams), word) != std::end(kStreams);
}

}  // namespace

RedisClient::RedisClient(io::Loop& loop, std::string address, std::size_t reply_limit, RedisLogin login)
    : loop_(loop), address_(std::move(address)), reply_limit_(reply_limit), login_(std::move(login)) {}

io::Task<Answer<Json>> RedisClient::command(std::vector<std::string> words, CallLimits limits) {
    CallGuard guard(loop_, limits);
    CallQueue::Place place(queue_, guard);
    const std::string call = "Redis at " + address_ + ", command " + excerpt(joined(words));
    if (words.empty()) co_return Failure{FailureKind::Refused, call + ": there are no words in it"};
    if (makes_stream(words.front())) {
        co_return Failure{FailureKind::Refused, call + ": its answer would have no end; it is not supported"};
    }
    const bool my_turn = co_await place.turn();
    if (!my_turn) co_return guard.failure(call, "waiting for an earlier command on the same connection");
    if (connection_ != nullptr && connection_->closed()) connection_.reset();
    if (connection_ == nullptr) {
        auto connected = co_await connect(guard, call);
        if (connected) connected = co_await log_in(guard, call);
        if (!connected) {
            connection_.reset();
            co_return connected.error();
        }
    }
    connection_->tell(&guard);
    auto answer = co_await ask(words, guard, call);
    connection_->tell(nullptr);
    // Whoever does not wait for a reply any more must not let the next one take it for its own.
    const bool open_end = !answer && answer.error().kind != FailureKind::Refused;
    if (open_end || connection_->closed()) connection_.reset();
    co_return answer;
}

io::Task<Answer<Done>> RedisClient::connect(CallGuard& guard, const std::string& call) {
    const auto target = parse_address(address_);
    if (!target) {
        co_return Failure{FailureKind::Refused, call + ": the address is not of the form host:port"};
    }
    const auto addresses = co_await look_up_host(target->host, guard, call);
    if (!addresses) co_return addresses.error();
    std::string reason;
    for (const std::string& address : *addresses) {
        connection_ = std::make_unique<RedisConnection>(loop_, address, target->port);
        connection_->tell(&guard);
        while (!connection_->connected() && !connection_->closed()) {
            if (guard.stopped()) co_return guard.failure(call, "while connecting");
            co_await guard.wait();
        }
        if (connection_->connected()) co_return Done{};
        reason = connection_->error();
    }
    co_return Failure{FailureKind::Connect, call + ": " + reason};
}

/// The error says nothing of the words that were sent: a password is among them.
io::Task<Answer<Done>> RedisClient::log_in(CallGuard& guard, const std::string& call) {
    std::vector<std::string> words(2);
    for (const bool is_password : {true, false}) {
        words[0] = is_password ? "AUTH" : "SELECT";
        words[1] = is_password ? login_.password : login_.database;
        if (words[1].empty()) continue;
        const auto done = co_await ask(words, guard, call + ", " + words[0]);
        if (!done) co_return done.error();
    }
    co_return Done{};
}

io::Task<Answer<Json>> RedisClient::ask(const std::vector<std::string>& words, CallGuard& guard,
                                        const std::string& call) {
    connection_->send(words, reply_limit_);
    while (!connection_->has_reply() && !connection_->closed()) {
        if (guard.stopped()) co_return guard.failure(call, "without a reply");
        co_await guard.wait();
    }
    if (connection_->has_reply()) {
        RedisConnection::Reply reply = connection_->take_reply();
        if (!reply.is_error) co_return std::move(reply.value);
        const auto text = reply.value.get<std::string>();
        Failure failure{FailureKind::Refused, call + ": " + text};
        failure.code = text.substr(0, text.find(' '));
        co_return failure;
    }
    if (connection_->too_large()) {
        co_return Failure{FailureKind::TooLarge, call + ": the reply is larger than the limit of " +
                                                     std::to_string(reply_limit_) + " bytes"};
    }
    co_return Failure{FailureKind::Protocol, call + ": " + connection_->error()};
}

}  // namespace relux::clients
