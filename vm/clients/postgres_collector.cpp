// Results of libpq in single-row mode: rows one by one, then an empty result that ends them.
#include "vm/clients/postgres_collector.h"

#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "vm/clients/late_library.h"

namespace relux::clients {

namespace {

struct Clear {
    void operator()(PGresult* result) const { pq().PQclear(result); }
};

std::string field(const PGresult* result, int code) {
    const char* text = pq().PQresultErrorField(result, code);
    return text == nullptr ? "" : text;
}

}  // namespace

std::string words_of_libpq(const char* message) {
    std::string_view text(message == nullptr ? "" : message);
    // libpq adds this when it is asked for more after the end.
    constexpr std::string_view kAfterEnd = "invalid socket\n";
    if (text.size() > kAfterEnd.size() && text.ends_with(kAfterEnd)) text.remove_suffix(kAfterEnd.size());
    std::string result;
    for (const char character : text) {
        const bool is_space = character == '\n' || character == '\t' || character == ' ';
        if (!is_space) {
            result += character;
        } else if (!result.empty() && result.back() != ' ') {
            result += ' ';
        }
    }
    while (result.ends_with(' '))
        result.pop_back();
    return result.empty() ? "the connection is closed" : result;
}

PostgresCollector::PostgresCollector(std::string call, std::size_t limit)
    : call_(std::move(call)), limit_(limit) {}

bool PostgresCollector::take(pg_result* piece) {
    if (piece == nullptr) return false;
    const std::unique_ptr<PGresult, Clear> owned(piece);
    switch (pq().PQresultStatus(piece)) {
        case PGRES_SINGLE_TUPLE:
            take_rows(piece);
            break;
        case PGRES_TUPLES_OK:
            take_rows(piece);
            result_.command_tag = pq().PQcmdStatus(piece);
            within_result_ = false;
            break;
        case PGRES_COMMAND_OK:
        case PGRES_EMPTY_QUERY:
            begin_result(piece);
            result_.command_tag = pq().PQcmdStatus(piece);
            within_result_ = false;
            break;
        case PGRES_COPY_OUT:
        case PGRES_COPY_IN:
        case PGRES_COPY_BOTH:
            stop(FailureKind::Refused, "COPY from or to the client is not supported");
            break;
        case PGRES_BAD_RESPONSE:
        case PGRES_NONFATAL_ERROR:
        case PGRES_FATAL_ERROR:
        case PGRES_PIPELINE_SYNC:
        case PGRES_PIPELINE_ABORTED:
            take_error(piece);
            break;
    }
    return true;
}

void PostgresCollector::begin_result(const pg_result* piece) {
    result_ = PostgresResult();
    bytes_ = 0;
    within_result_ = true;
    for (int column = 0; column < pq().PQnfields(piece); ++column)
        result_.columns.push_back({pq().PQfname(piece, column), pq().PQftype(piece, column)});
}

void PostgresCollector::take_rows(const pg_result* piece) {
    if (!within_result_) begin_result(piece);
    for (int row = 0; row < pq().PQntuples(piece) && !must_stop_; ++row) {
        std::vector<std::optional<std::string>> values;
        values.reserve(result_.columns.size());
        for (int column = 0; column < pq().PQnfields(piece); ++column) {
            if (pq().PQgetisnull(piece, row, column) == 1) {
                values.emplace_back();
                continue;
            }
            const auto length = static_cast<std::size_t>(pq().PQgetlength(piece, row, column));
            values.emplace_back(std::in_place, pq().PQgetvalue(piece, row, column), length);
            bytes_ += length;
        }
        // Rows without text cost memory too.
        bytes_ += sizeof values + values.size() * sizeof values.front();
        result_.rows.push_back(std::move(values));
        if (bytes_ > limit_) {
            stop(FailureKind::TooLarge, "the result is larger than the limit of " + std::to_string(limit_) +
                                            " bytes, after " + std::to_string(result_.rows.size()) + " rows");
        }
    }
}

void PostgresCollector::take_error(const pg_result* piece) {
    if (failure_) return;
    Failure failure{FailureKind::Refused};
    failure.code = field(piece, PG_DIAG_SQLSTATE);
    failure.position = std::atoi(field(piece, PG_DIAG_STATEMENT_POSITION).c_str());
    std::string text = field(piece, PG_DIAG_SEVERITY) + ": " + field(piece, PG_DIAG_MESSAGE_PRIMARY);
    if (failure.code.empty()) {
        // libpq's own words: the connection is gone, or what came is no answer.
        failure.kind = FailureKind::Protocol;
        text = words_of_libpq(pq().PQresultErrorMessage(piece));
    } else {
        text += " (SQLSTATE " + failure.code;
        if (failure.position > 0) text += ", at character " + std::to_string(failure.position);
        text += ")";
    }
    for (const auto& [code, name] :
         {std::pair(PG_DIAG_MESSAGE_DETAIL, "detail"), std::pair(PG_DIAG_MESSAGE_HINT, "hint")}) {
        const std::string more = field(piece, code);
        if (!more.empty()) text += std::string("; ") + name + ": " + more;
    }
    failure.message = call_ + ": " + text;
    failure_ = std::move(failure);
}

void PostgresCollector::stop(FailureKind kind, const std::string& reason) {
    must_stop_ = true;
    failure_ = Failure{kind, call_ + ": " + reason};
}

std::string PostgresCollector::progress() const {
    if (!within_result_ && result_.rows.empty()) return "without an answer";
    return "after " + std::to_string(result_.rows.size()) + " rows";
}

}  // namespace relux::clients
