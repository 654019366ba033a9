// PostgreSQL: a real server, which is also killed, and sockets that are none.
#include <cstdlib>
#include <signal.h>

#include <doctest/doctest.h>

#include "tests/clients/client_test.h"
#include "vm/clients/postgres_client.h"

using namespace relux;
using namespace relux::clients;

namespace {

std::string encoded(std::string text) {
    for (std::size_t space = text.find(' '); space != std::string::npos; space = text.find(' '))
        text.replace(space, 1, "%20");
    return text;
}

std::string dsn_at(const std::string& host, const std::string& port) {
    return "postgresql://tester:" + encoded(setting("PASSWORD")) + "@" + host + ":" + port + "/postgres";
}

class PostgresTest : public ClientTest {
  public:
    Answer<PostgresResult> query(PostgresClient& client, const std::string& sql, Duration timeout = kLong) {
        return wait(client.query(sql, CallLimits(timeout)));
    }
    Json rows(PostgresClient& client, const std::string& sql) {
        auto answer = query(client, sql);
        REQUIRE_MESSAGE(answer, explain(answer));
        return postgres_rows(*answer);
    }
    Failure failure_of(PostgresClient& client, const std::string& sql, Duration timeout = kLong) {
        auto answer = query(client, sql, timeout);
        REQUIRE_FALSE(answer);
        INFO(answer.error().message);
        CHECK(answer.error().message.find(setting("PASSWORD")) == std::string::npos);
        return answer.error();
    }
    /// After a crash the server refuses connections for a while.
    void wait_for_server() {
        for (;;) {
            PostgresClient client(loop(), dsn());
            auto answer = query(client, "SELECT 1");
            if (answer) return;
            INFO(answer.error().message);
        }
    }
    static std::string dsn() { return dsn_at("127.0.0.1", port_of("POSTGRES")); }
};

}  // namespace

TEST_CASE_FIXTURE(PostgresTest, "values keep their type") {
    PostgresClient client(loop(), dsn());
    const Json got =
        rows(client,
             "SELECT true AS t, false AS f, 1::int2 AS i2, -2::int4 AS i4, 9007199254740993::int8 AS i8,"
             " 1.5::float4 AS f4, 0.1::float8 AS f8, 'NaN'::float8 AS nan, 2.50::numeric AS n,"
             " 7::numeric AS whole, NULL AS nothing, 'a \"b\" ' || chr(8364) AS text,"
             " '{\"b\": [1, null]}'::json AS j, '[true]'::jsonb AS jb, '{1,2}'::int[] AS list,"
             " '\\x00ff'::bytea AS bytes, date '2024-02-29' AS day");
    CHECK(got.dump() ==
          "[{\"t\":true,\"f\":false,\"i2\":1,\"i4\":-2,\"i8\":9007199254740993,\"f4\":1.5,\"f8\":0.1,"
          "\"nan\":\"NaN\",\"n\":2.5,\"whole\":7,\"nothing\":null,\"text\":\"a \\\"b\\\" \xE2\x82\xAC\","
          "\"j\":{\"b\":[1,null]},\"jb\":[true],\"list\":\"{1,2}\",\"bytes\":\"\\\\x00ff\",\"day\":\"2024-02-"
          "29\"}]");
}

TEST_CASE_FIXTURE(PostgresTest, "several statements: the last result; the first failure ends them") {
    PostgresClient client(loop(), dsn());
    const auto last =
        query(client, "CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT a FROM t");
    REQUIRE_MESSAGE(last, explain(last));
    CHECK(postgres_rows(*last).dump() == "[{\"a\":1},{\"a\":2}]");
    CHECK(last->command_tag == "SELECT 2");
    CHECK(last->columns.front().name == "a");
    CHECK(last->columns.front().type == 23);
    const auto command = query(client, "SELECT 1; UPDATE t SET a = a + 1");
    REQUIRE_MESSAGE(command, explain(command));
    CHECK(command->command_tag == "UPDATE 2");
    CHECK(postgres_rows(*command).dump() == "[]");
    CHECK(rows(client, "SELECT a FROM t WHERE a > 100").dump() == "[]");
    CHECK(rows(client, "").dump() == "[]");
    CHECK(failure_of(client, "SELECT 1; SELECT 1/0; SELECT 2").code == "22012");
    // The connection is the same as before: temporary tables belong to it.
    CHECK(rows(client, "SELECT count(*) FROM t").dump() == "[{\"count\":2}]");
}

TEST_CASE_FIXTURE(PostgresTest, "errors have SQLSTATE, place, and the server's words") {
    PostgresClient client(loop(), dsn());
    const Failure failure = failure_of(client, "SELECT '\xE2\x82\xAC', nothing_there");
    CHECK(failure.kind == FailureKind::Refused);
    CHECK(failure.code == "42703");
    CHECK(failure.position == 13);
    CHECK(failure.message.find("column \"nothing_there\" does not exist") != std::string::npos);
    CHECK(failure_of(client, "COPY (SELECT 1) TO STDOUT").kind == FailureKind::Refused);
    CHECK(failure_of(client, "COPY pg_class FROM STDIN").kind == FailureKind::Refused);
    CHECK(failure_of(client, std::string("SELECT\0 1", 9)).kind == FailureKind::Refused);
    CHECK(rows(client, "SELECT 1 AS a").dump() == "[{\"a\":1}]");
}

TEST_CASE_FIXTURE(PostgresTest, "large queries and results, up to the limit") {
    PostgresClient client(loop(), dsn(), std::size_t{8} << 20);
    const auto large = query(client, "SELECT length('" + std::string(20 << 20, 'x') + "') AS n");
    REQUIRE_MESSAGE(large, explain(large));
    CHECK(large->rows.front().front() == std::to_string(20 << 20));
    CHECK(rows(client, "SELECT repeat('y', 5000000) AS y").dump().size() > 5'000'000);
    for (const char* sql : {"SELECT repeat('y', 9000000)", "SELECT generate_series(1, 100000000)"})
        CHECK(failure_of(client, sql).kind == FailureKind::TooLarge);
    CHECK(rows(client, "SELECT 1 AS a").dump() == "[{\"a\":1}]");
}

TEST_CASE_FIXTURE(PostgresTest, "a query that is timed out or cancelled ends on the server too") {
    PostgresClient client(loop(), dsn());
    PostgresClient other(loop(), dsn());
    CHECK(rows(client, "SELECT 1 AS a").dump() == "[{\"a\":1}]");
    CHECK(failure_of(client, "SELECT pg_sleep(1000)", 50ms).kind == FailureKind::TimedOut);
    Cancellation cancellation;
    later(50ms, [&] { cancellation.cancel(); });
    const auto cancelled = wait(client.query("SELECT pg_sleep(1000)", CallLimits(kLong, &cancellation)));
    REQUIRE_FALSE(cancelled);
    CHECK(cancelled.error().kind == FailureKind::Cancelled);
    const std::string sleeping =
        "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
    while (rows(other, sleeping)[0]["n"] != 0) {
    }
    CHECK(rows(client, "SELECT 2 AS a").dump() == "[{\"a\":2}]");
}

TEST_CASE_FIXTURE(PostgresTest, "calls on one client take turns, and one may time out before its turn") {
    PostgresClient client(loop(), dsn());
    std::optional<Answer<PostgresResult>> first;
    std::optional<Answer<PostgresResult>> second;
    std::optional<Answer<PostgresResult>> third;
    Cancellation cancellation;
    start(client.query("SELECT pg_sleep(1000)", CallLimits(kLong, &cancellation)), first);
    start(client.query("SELECT 2 AS a", CallLimits(30ms)), second);
    start(client.query("SELECT 3 AS a", CallLimits(kLong)), third);
    run_until([&] { return second.has_value(); });
    CHECK(second->error().kind == FailureKind::TimedOut);
    CHECK(second->error().message.find("waiting for an earlier query") != std::string::npos);
    CHECK_FALSE(first);
    cancellation.cancel();
    run_until([&] { return first && third; });
    REQUIRE_MESSAGE(*third, explain(*third));
    CHECK(postgres_rows(**third).dump() == "[{\"a\":3}]");
}

TEST_CASE_FIXTURE(PostgresTest,
                  "a connection that is ended within a query, between two, and in a transaction") {
    PostgresClient client(loop(), dsn());
    PostgresClient other(loop(), dsn());
    const auto pid = [&] { return rows(client, "SELECT pg_backend_pid() AS pid")[0]["pid"].get<int>(); };
    const auto terminate = [&](int backend) {
        rows(other, "SELECT pg_terminate_backend(" + std::to_string(backend) + ", 60000)");
    };
    int backend = pid();
    std::optional<Answer<PostgresResult>> sleeping;
    start(client.query("SELECT pg_sleep(1000)", CallLimits(kLong)), sleeping);
    terminate(backend);
    run_until([&] { return sleeping.has_value(); });
    REQUIRE_FALSE(*sleeping);
    INFO(sleeping->error().message);
    CHECK(sleeping->error().kind == FailureKind::Protocol);
    CHECK(sleeping->error().code == "57P01");

    backend = pid();
    terminate(backend);
    CHECK(pid() != backend);

    backend = pid();
    rows(client, "BEGIN");
    terminate(backend);
    CHECK(failure_of(client, "SELECT 1").message.find("a transaction was open") != std::string::npos);
    CHECK(rows(client, "SELECT 1 AS a").dump() == "[{\"a\":1}]");
}

TEST_CASE_FIXTURE(PostgresTest, "the server is killed within a query") {
    PostgresClient client(loop(), dsn());
    const int backend = rows(client, "SELECT pg_backend_pid() AS pid")[0]["pid"].get<int>();
    std::optional<Answer<PostgresResult>> sleeping;
    start(client.query("SELECT pg_sleep(1000)", CallLimits(kLong)), sleeping);
    later(20ms, [&] { CHECK(::kill(backend, SIGKILL) == 0); });
    run_until([&] { return sleeping.has_value(); });
    REQUIRE_FALSE(*sleeping);
    INFO(sleeping->error().message);
    CHECK(sleeping->error().kind == FailureKind::Protocol);
    wait_for_server();
    CHECK(rows(client, "SELECT 1 AS a").dump() == "[{\"a\":1}]");
}

TEST_CASE_FIXTURE(PostgresTest, "connections that don't come about") {
    const auto failure_at = [&](const std::string& text, Duration timeout) {
        PostgresClient client(loop(), text);
        return failure_of(client, "SELECT 1", timeout);
    };
    CHECK(failure_at(dsn_at("127.0.0.1", port_of("CLOSED")), kLong).kind == FailureKind::Connect);
    CHECK(failure_at(dsn_at("127.0.0.1", port_of("SILENT")), 50ms).kind == FailureKind::TimedOut);
    CHECK(failure_at(dsn_at("127.0.0.1", port_of("CLOSING")), kLong).kind == FailureKind::Connect);
    CHECK(failure_at(dsn_at("127.0.0.1", port_of("BABBLING")), kLong).kind == FailureKind::Connect);
    CHECK(failure_at(dsn_at("no-such-host.invalid", "5432"), kLong).kind == FailureKind::Connect);
    CHECK(
        failure_at("postgresql://tester:wrong@127.0.0.1:" + port_of("POSTGRES") + "/postgres", kLong).kind ==
        FailureKind::Connect);
    CHECK(failure_at("postgresql://127.0.0.1:1/x?nonsense=1", kLong).kind == FailureKind::Refused);
    CHECK(failure_at("host=a,b,c port=1,2", kLong).kind == FailureKind::Refused);
    const HangingLookups hanging;
    CHECK(failure_at(dsn_at("hanging.test", "5432"), 50ms).kind == FailureKind::TimedOut);
}

TEST_CASE_FIXTURE(PostgresTest, "by name, by socket, by a list of hosts, by the environment") {
    const std::string port = port_of("POSTGRES");
    const std::string sockets = setting("POSTGRES_SOCKETS");
    const std::string closed = port_of("CLOSED");
    const std::string rest = " user=tester dbname=postgres password='" + setting("PASSWORD") + "'";
    for (const std::string& where :
         {"host=localhost port=" + port, "host=" + sockets + " port=" + port,
          "host=127.0.0.1,localhost port=" + closed + "," + port,
          "host=no-such-host.invalid,127.0.0.1 port=" + port, "hostaddr=127.0.0.1 port=" + port}) {
        PostgresClient client(loop(), where + rest);
        CHECK(rows(client, "SELECT 1 AS a").dump() == "[{\"a\":1}]");
    }
    ::setenv("PGHOST", "localhost", 1);
    ::setenv("PGPORT", port.c_str(), 1);
    PostgresClient client(loop(), "user=tester dbname=postgres password='" + setting("PASSWORD") + "'");
    CHECK(rows(client, "SELECT 1 AS a").dump() == "[{\"a\":1}]");
    ::unsetenv("PGHOST");
    ::unsetenv("PGPORT");
}
