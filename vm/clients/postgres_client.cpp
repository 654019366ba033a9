// libpq 15, non-blocking, rows one by one.
#include "vm/clients/postgres_client.h"

#include <poll.h>
#include <utility>

#include "vm/clients/descriptor_ready.h"
#include "vm/clients/host_lookup.h"
#include "vm/clients/late_library.h"
#include "vm/clients/postgres_collector.h"
#include "vm/clients/quiet_thread.h"

namespace relux::clients {

namespace {

// Whether there is something to read, or the end.
bool is_readable(int descriptor) {
    pollfd state{descriptor, POLLIN, 0};
    return ::poll(&state, 1, 0) == 1;
}

}  // namespace

void PostgresClient::CloseConnection::operator()(pg_conn* connection) const {
    pq().PQfinish(connection);
}

PostgresClient::PostgresClient(io::Loop& loop, std::string dsn, std::size_t result_limit)
    : loop_(loop), dsn_(std::move(dsn)), result_limit_(result_limit) {}

io::Task<Answer<PostgresResult>> PostgresClient::query(std::string sql, CallLimits limits) {
    CallGuard guard(loop_, limits);
    CallQueue::Place place(queue_, guard);
    if (auto there = load_pq(); !there) co_return Failure{FailureKind::Refused, there.error().message};
    auto dsn = PostgresDsn::parse(dsn_);
    if (!dsn) co_return Failure{FailureKind::Refused, dsn.error().message};
    const std::string call = dsn->shown() + ", query " + excerpt(sql);
    if (sql.find('\0') != std::string::npos)
        co_return Failure{FailureKind::Refused, call + ": there is a zero byte in it"};
    const bool my_turn = co_await place.turn();
    if (!my_turn) co_return guard.failure(call, "waiting for an earlier query on the same connection");
    if (auto usable = check_idle_connection(call); !usable) co_return usable.error();
    if (connection_ == nullptr) {
        const auto connected = co_await connect(guard, call);
        if (!connected) {
            connection_.reset();
            co_return connected.error();
        }
    }
    const auto sent = co_await send(sql, guard, call);
    if (!sent) {
        abandon_query();
        co_return sent.error();
    }
    auto result = co_await receive(guard, call);
    co_return result;
}

// The server may have gone since the last query; nothing has been sent yet that could be lost with it.
Answer<Done> PostgresClient::check_idle_connection(const std::string& call) {
    if (connection_ == nullptr) return Done{};
    // A last word, if the server had one, and then the end; each is read by a call of its own.
    constexpr int kReads = 100;
    bool usable = true;
    for (int reads = 0; usable && reads < kReads && is_readable(pq().PQsocket(connection_.get())); ++reads)
        usable = pq().PQconsumeInput(connection_.get()) == 1 && pq().PQisBusy(connection_.get()) == 0;
    if (usable && pq().PQstatus(connection_.get()) == CONNECTION_OK) return Done{};
    const Failure failure = broken(call);
    connection_.reset();
    if (!std::exchange(in_transaction_, false)) return Done{};
    return Failure{failure.kind, failure.message + " (a transaction was open)"};
}

Failure PostgresClient::broken(const std::string& call) {
    return {FailureKind::Protocol, call + ": " + words_of_libpq(pq().PQerrorMessage(connection_.get()))};
}

// Connecting

io::Task<Answer<Done>> PostgresClient::connect(CallGuard& guard, const std::string& call) {
    const auto dsn = PostgresDsn::parse(dsn_);
    const auto addresses = co_await look_up(*dsn, guard, call);
    if (!addresses) co_return addresses.error();
    const PostgresDsn::Parameters parameters = dsn->parameters(*addresses);
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : parameters) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(pq().PQconnectStartParams(keywords.data(), values.data(), 0));
    RELUX_ASSERT(connection_ != nullptr, "libpq has no memory");
    const auto connected = co_await follow_connecting(guard, call);
    if (!connected) co_return connected.error();
    pq().PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    pq().PQsetnonblocking(connection_.get(), 1);
    co_return Done{};
}

io::Task<Answer<std::vector<std::vector<std::string>>>> PostgresClient::look_up(const PostgresDsn& dsn,
                                                                                CallGuard& guard,
                                                                                const std::string& call) {
    std::vector<std::vector<std::string>> result;
    std::optional<Failure> unknown;
    bool known = dsn.hosts().empty();
    for (const PostgresHost& host : dsn.hosts()) {
        if (!host.is_name) {
            result.push_back({""});
            known = true;
            continue;
        }
        auto addresses = co_await look_up_host(host.name, guard, call);
        if (!addresses && guard.stopped()) co_return addresses.error();
        if (!addresses) unknown = addresses.error();
        known = known || addresses;
        result.push_back(addresses ? std::move(*addresses) : std::vector<std::string>());
    }
    if (!known) co_return *unknown;
    co_return result;
}

io::Task<Answer<Done>> PostgresClient::follow_connecting(CallGuard& guard, const std::string& call) {
    PostgresPollingStatusType status =
        pq().PQstatus(connection_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        const bool reads = status == PGRES_POLLING_READING;
        const io::Readiness wanted{reads, !reads};
        const bool ready = co_await descriptor_ready(pq().PQsocket(connection_.get()), wanted, guard);
        if (!ready && guard.stopped()) co_return guard.failure(call, "while connecting");
        if (!ready) co_return Failure{FailureKind::Connect, call + ": the connection can't be waited for"};
        status = pq().PQconnectPoll(connection_.get());
    }
    if (status == PGRES_POLLING_OK) co_return Done{};
    co_return Failure{FailureKind::Connect,
                      call + ": " + words_of_libpq(pq().PQerrorMessage(connection_.get()))};
}

// Asking

io::Task<Answer<Done>> PostgresClient::send(const std::string& sql, CallGuard& guard,
                                            const std::string& call) {
    if (auto failure = query_too_long(sql)) {
        failure->message = call + ": " + failure->message;
        co_return *failure;
    }
    PGconn* connection = connection_.get();
    if (pq().PQsendQuery(connection, sql.c_str()) == 0) co_return broken(call);
    pq().PQsetSingleRowMode(connection);
    for (;;) {
        const int left = pq().PQflush(connection);
        if (left == 0) co_return Done{};
        if (left < 0) co_return broken(call);
        // The server may stop reading as long as nobody reads what it has to say.
        const io::Readiness both{true, true};
        const bool ready = co_await descriptor_ready(pq().PQsocket(connection), both, guard);
        if (!ready && guard.stopped()) co_return guard.failure(call, "while sending the query");
        if (!ready || pq().PQconsumeInput(connection) == 0) co_return broken(call);
    }
}

io::Task<Answer<PostgresResult>> PostgresClient::receive(CallGuard& guard, const std::string& call) {
    PGconn* connection = connection_.get();
    PostgresCollector collector(call, result_limit_);
    bool more = true;
    while (more && !collector.must_stop()) {
        bool readable = true;
        while (readable && pq().PQisBusy(connection) == 1) {
            const io::Readiness reading{true, false};
            const bool ready = co_await descriptor_ready(pq().PQsocket(connection), reading, guard);
            if (!ready && guard.stopped()) {
                abandon_query();
                co_return guard.failure(call, collector.progress());
            }
            readable = ready && pq().PQconsumeInput(connection) == 1;
        }
        more = collector.take(pq().PQgetResult(connection));
        // A server that sends without end must not keep the deadline from being seen.
        if (more && guard.stopped()) {
            abandon_query();
            co_return guard.failure(call, collector.progress());
        }
    }
    if (collector.must_stop()) {
        abandon_query();
        co_return collector.failure();
    }
    forget_notifications();
    const bool lost = pq().PQstatus(connection) != CONNECTION_OK;
    if (lost) {
        Failure failure = collector.failed() ? collector.failure() : broken(call);
        failure.kind = FailureKind::Protocol;
        connection_.reset();
        in_transaction_ = false;
        co_return failure;
    }
    in_transaction_ = pq().PQtransactionStatus(connection) != PQTRANS_IDLE;
    if (collector.failed()) co_return collector.failure();
    co_return collector.result();
}

void PostgresClient::forget_notifications() {
    while (PGnotify* notification = pq().PQnotifies(connection_.get()))
        pq().PQfreemem(notification);
}

// PQcancel makes a connection of its own and waits for its end, for minutes if the server is gone. So a
// thread does it, which touches nothing of ours; nobody needs to know how it went.
void PostgresClient::abandon_query() {
    if (PGcancel* cancel = pq().PQgetCancel(connection_.get())) {
        auto thread = start_quiet_thread([cancel] {
            char reason[256];
            pq().PQcancel(cancel, reason, sizeof reason);
            pq().PQfreeCancel(cancel);
        });
        if (thread) {
            thread->detach();
        } else {
            pq().PQfreeCancel(cancel);
        }
    }
    connection_.reset();
    in_transaction_ = false;
}

}  // namespace relux::clients
