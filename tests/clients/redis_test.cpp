// Redis: a real server, and sockets that are none.
#include <doctest/doctest.h>

#include "tests/clients/client_test.h"
#include "vm/clients/redis_client.h"

using namespace relux;
using namespace relux::clients;

namespace {

using Words = std::vector<std::string>;

class RedisTest : public ClientTest {
  public:
    Json ask(RedisClient& client, const Words& words) {
        auto answer = wait(client.command(words, CallLimits(kLong)));
        REQUIRE_MESSAGE(answer, explain(answer));
        return std::move(*answer);
    }
    Failure failure_of(RedisClient& client, const Words& words, Duration timeout = kLong) {
        auto answer = wait(client.command(words, CallLimits(timeout)));
        REQUIRE_FALSE(answer);
        INFO(answer.error().message);
        return answer.error();
    }
    Failure failure_at(const std::string& address, Duration timeout = kLong) {
        RedisClient client(loop(), address);
        return failure_of(client, {"PING"}, timeout);
    }
    static std::string address() { return "127.0.0.1:" + port_of("REDIS"); }
};

}  // namespace

TEST_CASE_FIXTURE(RedisTest, "replies are values") {
    RedisClient client(loop(), address());
    CHECK(ask(client, {"PING"}) == "PONG");
    CHECK(ask(client, {"SET", "key with \"quotes\"", "value\r\nof lines"}) == "OK");
    CHECK(ask(client, {"GET", "key with \"quotes\""}) == "value\r\nof lines");
    CHECK(ask(client, {"GET", "nothing"}) == nullptr);
    CHECK(ask(client, {"DEL", "key with \"quotes\""}) == 1);
    CHECK(ask(client, {"RPUSH", "list", "a", "", "c"}) == 3);
    CHECK(ask(client, {"LRANGE", "list", "0", "-1"}).dump() == "[\"a\",\"\",\"c\"]");
    CHECK(ask(client, {"EVAL", "return {1, {'two', false}, redis.error_reply('ERR three')}", "0"}).dump() ==
          "[1,[\"two\",null],{\"error\":\"ERR three\"}]");
    CHECK(ask(client, {"EVAL", "return string.char(255, 0, 97)", "0"}).get<std::string>() ==
          std::string("\xEF\xBF\xBD\0a", 5));
    ask(client, {"DEL", "list"});
}

TEST_CASE_FIXTURE(RedisTest, "errors are failures with their first word, and the connection stays") {
    RedisClient client(loop(), address());
    const Json id = ask(client, {"CLIENT", "ID"});
    ask(client, {"SET", "text", "x"});
    const Failure failure = failure_of(client, {"LPUSH", "text", "y"});
    CHECK(failure.kind == FailureKind::Refused);
    CHECK(failure.code == "WRONGTYPE");
    CHECK(failure_of(client, {"NOSUCH"}).code == "ERR");
    CHECK(failure_of(client, {}).kind == FailureKind::Refused);
    CHECK(failure_of(client, {"subscribe", "channel"}).kind == FailureKind::Refused);
    CHECK(failure_of(client, {"MONITOR"}).kind == FailureKind::Refused);
    CHECK(ask(client, {"CLIENT", "ID"}) == id);
}

TEST_CASE_FIXTURE(RedisTest, "large commands and replies, up to the limit") {
    RedisClient client(loop(), address(), std::size_t{8} << 20);
    ask(client, {"SET", "large", std::string(20 << 20, 'x')});
    CHECK(ask(client, {"STRLEN", "large"}) == 20 << 20);
    CHECK(ask(client, {"GETRANGE", "large", "0", "7999999"}).get<std::string>().size() == 8'000'000);
    CHECK(failure_of(client, {"GET", "large"}).kind == FailureKind::TooLarge);
    CHECK(ask(client, {"DEL", "large"}) == 1);
}

TEST_CASE_FIXTURE(RedisTest, "a command that is timed out or cancelled is not taken for the next one") {
    RedisClient client(loop(), address());
    CHECK(failure_of(client, {"BLPOP", "empty", "0"}, 50ms).kind == FailureKind::TimedOut);
    CHECK(ask(client, {"ECHO", "one"}) == "one");
    Cancellation cancellation;
    later(20ms, [&] { cancellation.cancel(); });
    const auto cancelled = wait(client.command({"BLPOP", "empty", "0"}, CallLimits(kLong, &cancellation)));
    REQUIRE_FALSE(cancelled);
    CHECK(cancelled.error().kind == FailureKind::Cancelled);
    CHECK(ask(client, {"ECHO", "two"}) == "two");
}

TEST_CASE_FIXTURE(RedisTest, "calls on one client take turns") {
    RedisClient client(loop(), address());
    std::vector<std::optional<Answer<Json>>> answers(100);
    for (std::size_t i = 0; i < answers.size(); ++i)
        start(client.command({"ECHO", std::to_string(i)}, CallLimits(kLong)), answers[i]);
    run_until([&] { return answers.back().has_value(); });
    for (std::size_t i = 0; i < answers.size(); ++i)
        CHECK(**answers[i] == std::to_string(i));
}

TEST_CASE_FIXTURE(RedisTest, "a connection that the server ends, between two commands and within one") {
    RedisClient client(loop(), address());
    RedisClient other(loop(), address());
    const Json first = ask(client, {"CLIENT", "ID"});
    CHECK(ask(other, {"CLIENT", "KILL", "ID", std::to_string(first.get<int>())}) == 1);
    // The end may not have come yet when the next command is sent.
    const auto next = wait(client.command({"CLIENT", "ID"}, CallLimits(kLong)));
    if (next) CHECK(*next != first);
    const Json second = ask(client, {"CLIENT", "ID"});
    CHECK(second != first);
    std::optional<Answer<Json>> waiting;
    start(client.command({"BLPOP", "empty", "0"}, CallLimits(kLong)), waiting);
    ask(other, {"CLIENT", "KILL", "ID", std::to_string(second.get<int>())});
    run_until([&] { return waiting.has_value(); });
    REQUIRE_FALSE(*waiting);
    INFO(waiting->error().message);
    CHECK(waiting->error().kind == FailureKind::Protocol);
    CHECK(ask(client, {"QUIT"}) == "OK");
    const auto after = wait(client.command({"PING"}, CallLimits(kLong)));
    CHECK((after || after.error().kind == FailureKind::Protocol));
}

TEST_CASE_FIXTURE(RedisTest, "connections that don't come about, and what is no Redis") {
    CHECK(failure_at("127.0.0.1:" + port_of("CLOSED")).kind == FailureKind::Connect);
    CHECK(failure_at("127.0.0.1:" + port_of("SILENT"), 50ms).kind == FailureKind::TimedOut);
    CHECK(failure_at("127.0.0.1:" + port_of("CLOSING")).kind == FailureKind::Protocol);
    CHECK(failure_at("127.0.0.1:" + port_of("HTTP")).kind == FailureKind::Protocol);
    CHECK(failure_at("no-such-host.invalid").kind == FailureKind::Connect);
    for (const char* address : {"", ":1", "host:", "host:x", "host:70000", "[::1", "[::1]x"})
        CHECK(failure_at(address).kind == FailureKind::Refused);
    const HangingLookups hanging;
    CHECK(failure_at("hanging.test:1", 50ms).kind == FailureKind::TimedOut);
}

TEST_CASE_FIXTURE(RedisTest, "more replies than commands are no reason to abort") {
    RedisClient client(loop(), "127.0.0.1:" + port_of("BABBLING"));
    for (int i = 0; i < 20; ++i)
        CHECK(ask(client, {"PING"}) == "one");
}

TEST_CASE_FIXTURE(RedisTest, "a server that closes while it is written to raises no signal") {
    RedisClient client(loop(), "127.0.0.1:" + port_of("CLOSING"));
    CHECK(failure_of(client, {"SET", "a", std::string(20 << 20, 'x')}).kind == FailureKind::Protocol);
}

TEST_CASE_FIXTURE(RedisTest, "by name") {
    RedisClient client(loop(), "localhost:" + port_of("REDIS"));
    CHECK(ask(client, {"PING"}) == "PONG");
}
