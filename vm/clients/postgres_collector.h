// Puts the pieces of the answer to one query together: of several results the last one, or the first error.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "vm/clients/failure.h"
#include "vm/clients/postgres_result.h"

struct pg_result;

namespace relux::clients {

/// A message of libpq on one line.
std::string words_of_libpq(const char* message);

class PostgresCollector {
  public:
    PostgresCollector(std::string call, std::size_t limit);

    /// Takes and frees a result of PQgetResult(). False when it was the null that ends them.
    bool take(pg_result* piece);
    /// Too much came, or what this client does not do (COPY): the query must be abandoned.
    bool must_stop() const { return must_stop_; }
    bool failed() const { return failure_.has_value(); }
    const Failure& failure() const { return *failure_; }
    PostgresResult& result() { return result_; }
    /// Says what has come so far, for messages.
    std::string progress() const;

  private:
    void begin_result(const pg_result* piece);
    void take_rows(const pg_result* piece);
    void take_error(const pg_result* piece);
    void stop(FailureKind kind, const std::string& reason);

    std::string call_;
    std::size_t limit_;
    std::size_t bytes_ = 0;
    bool within_result_ = false;
    bool must_stop_ = false;
    PostgresResult result_;
    std::optional<Failure> failure_;
};

}  // namespace relux::clients
