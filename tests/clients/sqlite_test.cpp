// SQLite: in memory, in files, locked, interrupted.
#include <cstdio>
#include <fstream>

#include <doctest/doctest.h>

#include "tests/clients/client_test.h"
#include "vm/base/input_limits.h"
#include "vm/clients/sqlite_client.h"

using namespace relux;
using namespace relux::clients;

namespace {

const std::string kEndless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

class SqliteTest : public ClientTest {
  public:
    Json rows(SqliteClient& client, const std::string& sql) {
        auto answer = wait(client.query(sql, CallLimits(kLong)));
        REQUIRE_MESSAGE(answer, explain(answer));
        return row_objects(answer->columns, answer->rows);
    }
    Failure failure_of(SqliteClient& client, const std::string& sql, Duration timeout = kLong) {
        auto answer = wait(client.query(sql, CallLimits(timeout)));
        REQUIRE_FALSE(answer);
        INFO(answer.error().message);
        return answer.error();
    }
    static std::string file(const char* name) {
        const std::string path = setting("DIRECTORY") + "/" + name;
        std::remove(path.c_str());
        return path;
    }
};

}  // namespace

TEST_CASE("a query that no database takes is not sent") {
    // Nothing looks at the text.
    const char byte = 0;
    CHECK(!query_too_long({&byte, kLongestQuery}));
    const auto failure = query_too_long({&byte, kLongestQuery + 1});
    REQUIRE(failure);
    CHECK(failure->kind == FailureKind::TooLarge);
    CHECK(failure->message ==
          "the text of the query has 1073741825 bytes, and databases take at most 1073741824");
}

TEST_CASE_FIXTURE(SqliteTest, "values keep their type") {
    SqliteClient client(loop(), ":memory:");
    CHECK(rows(client,
               "SELECT 9007199254740993 AS i, 1.0 AS f, 'a \"b\"' AS t, NULL AS n, x'00ff' AS b, 9e999 AS "
               "inf, '' AS e")
              .dump() ==
          "[{\"i\":9007199254740993,\"f\":1.0,\"t\":\"a \\\"b\\\"\",\"n\":null,\"b\":\"\\\\x00ff\","
          "\"inf\":\"Infinity\",\"e\":\"\"}]");
}

TEST_CASE_FIXTURE(SqliteTest,
                  "several statements: the last result, all changes; the database lives with its client") {
    SqliteClient client(loop(), ":memory:");
    const auto made =
        wait(client.query("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2); -- end", CallLimits(kLong)));
    REQUIRE_MESSAGE(made, explain(made));
    CHECK(made->changes == 2);
    CHECK(made->columns.empty());
    CHECK(rows(client, "SELECT 1 AS x; SELECT a FROM t; ").dump() == "[{\"a\":1},{\"a\":2}]");
    CHECK(rows(client, "").dump() == "[]");
    SqliteClient other(loop(), ":memory:");
    CHECK(failure_of(other, "SELECT a FROM t").kind == FailureKind::Refused);
}

TEST_CASE_FIXTURE(SqliteTest, "errors have their name, words and place") {
    SqliteClient client(loop(), ":memory:");
    const Failure failure = failure_of(client, "SELECT 1; SELECT '\xC3\xA9', nothing FROM sqlite_schema");
    CHECK(failure.code == "SQLITE_ERROR");
    CHECK(failure.position == 23);
    rows(client, "CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)");
    CHECK(failure_of(client, "INSERT INTO t VALUES (1)").code == "SQLITE_CONSTRAINT");
    CHECK(failure_of(client, std::string("SELECT\0 1", 9)).kind == FailureKind::Refused);
    SqliteClient nowhere(loop(), "/no/such/directory/x.db");
    CHECK(failure_of(nowhere, "SELECT 1").kind == FailureKind::Connect);
    const std::string path = file("no-database");
    std::ofstream(path) << std::string(5000, 'x');
    SqliteClient text(loop(), path);
    CHECK(failure_of(text, "SELECT * FROM sqlite_schema").kind == FailureKind::Connect);
}

TEST_CASE_FIXTURE(SqliteTest, "a query that is timed out or cancelled is interrupted, the next one is not") {
    SqliteClient client(loop(), ":memory:");
    for (int i = 0; i < 10; ++i) {
        CHECK(failure_of(client, kEndless, 10ms).kind == FailureKind::TimedOut);
        CHECK(rows(client, "SELECT 1 AS a").dump() == "[{\"a\":1}]");
    }
    Cancellation cancellation;
    std::optional<Answer<SqliteResult>> first;
    std::optional<Answer<SqliteResult>> second;
    std::optional<Answer<SqliteResult>> third;
    start(client.query(kEndless, CallLimits(kLong, &cancellation)), first);
    start(client.query("SELECT 2", CallLimits(kLong, &cancellation)), second);
    start(client.query("SELECT 3 AS a", CallLimits(kLong)), third);
    later(20ms, [&] { cancellation.cancel(); });
    run_until([&] { return first && second && third; });
    CHECK(first->error().kind == FailureKind::Cancelled);
    CHECK(second->error().kind == FailureKind::Cancelled);
    CHECK_MESSAGE(third->operator bool(), explain(*third));
}

TEST_CASE_FIXTURE(SqliteTest, "an interrupted change is rolled back") {
    SqliteClient client(loop(), ":memory:");
    rows(client, "CREATE TABLE t (a)");
    failure_of(
        client,
        "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
        50ms);
    CHECK(rows(client, "SELECT count(*) AS n FROM t").dump() == "[{\"n\":0}]");
}

TEST_CASE_FIXTURE(SqliteTest, "a locked database: waited for, for so long, and given up at the deadline") {
    const std::string path = file("locked.db");
    SqliteClient holder(loop(), path);
    rows(holder, "CREATE TABLE t (a); BEGIN IMMEDIATE");
    SqliteDatabase::Limits limits;
    limits.busy = 30ms;
    SqliteClient impatient(loop(), path, limits);
    CHECK(failure_of(impatient, "INSERT INTO t VALUES (1)").code == "SQLITE_BUSY");
    limits.busy = kLong;
    SqliteClient patient(loop(), path, limits);
    CHECK(failure_of(patient, "INSERT INTO t VALUES (1)", 30ms).kind == FailureKind::TimedOut);
    std::optional<Answer<SqliteResult>> waiting;
    start(patient.query("INSERT INTO t VALUES (2)", CallLimits(kLong)), waiting);
    rows(holder, "COMMIT");
    run_until([&] { return waiting.has_value(); });
    REQUIRE_MESSAGE(*waiting, explain(*waiting));
    CHECK(rows(holder, "SELECT a FROM t").dump() == "[{\"a\":2}]");
}

TEST_CASE_FIXTURE(SqliteTest, "results up to the limit; a file is there for the next client") {
    const std::string path = file("kept.db");
    SqliteDatabase::Limits limits;
    limits.result = 1 << 20;
    {
        SqliteClient client(loop(), path, limits);
        CHECK(failure_of(client, "SELECT zeroblob(2000000)").kind == FailureKind::TooLarge);
        CHECK(failure_of(client,
                         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
                  .kind == FailureKind::TooLarge);
        rows(client, "CREATE TABLE t AS SELECT 5 AS a");
    }
    SqliteClient client(loop(), "file:" + path + "?mode=ro");
    CHECK(rows(client, "SELECT a FROM t").dump() == "[{\"a\":5}]");
    CHECK(failure_of(client, "DELETE FROM t").code == "SQLITE_READONLY");
}

TEST_CASE_FIXTURE(SqliteTest,
                  "the loop goes on while SQLite works, and clients of a running statement can end") {
    SqliteClient client(loop(), ":memory:");
    int turns = 0;
    for (int i = 1; i <= 5; ++i)
        later(i * 5ms, [&] { ++turns; });
    CHECK(failure_of(client, kEndless, 100ms).kind == FailureKind::TimedOut);
    CHECK(turns == 5);
    // The statement that was given up may still run when the client ends.
    CHECK(failure_of(client, kEndless, 1ms).kind == FailureKind::TimedOut);
}
