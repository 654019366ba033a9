// Asks the world what the steps of one workflow want: requests as the bytecode puts them together, answers as
// paths see them (workflows 3). Connections are made when they are first needed, used again, and closed with
// this object.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "vm/clients/call_guard.h"
#include "vm/data/json.h"
#include "vm/io/task.h"
#include "vm/report/secrets.h"

namespace relux::clients {
class HttpClient;
class PostgresClient;
class RedisClient;
class SqliteClient;
class ProcessRunner;
}  // namespace relux::clients

namespace relux::run {

/// The document, or what went wrong: a line for each part of it.
using Document = Result<data::Json>;

/// Holds what the commands of a step have printed.
struct CommandOutcome {
    data::Json outputs;  ///< `stdout_0`, `stderr_0` and so on, `stdout`, `stderr`: of those that ran
    Document document = data::Json();
};

class WorkflowClients {
  public:
    /// `environment`: NAME=value, of commands. `owner_mark` as in clients::ProcessRequest.
    WorkflowClients(io::Loop& loop, std::vector<std::string> environment, std::string owner_mark);
    WorkflowClients(const WorkflowClients&) = delete;
    WorkflowClients& operator=(const WorkflowClients&) = delete;
    ~WorkflowClients();

    // Requests and connections must live as long as the call.

    /// {method, url, headers, body}; relative URLs start from connections.base_url.
    io::Task<Document> http(const data::Json& request, const data::Json& connections,
                            clients::CallLimits limits);
    /// {engine, query} or {engine: "redis", command}.
    io::Task<Document> query(const data::Json& request, const data::Json& connections,
                             clients::CallLimits limits);
    /// {commands, parallel, dir}. The limits are those of all commands together.
    io::Task<CommandOutcome> commands(const data::Json& request, clients::CallLimits limits);
    /// Ends what commands have left in the background.
    io::Task<void> end(Duration grace);

  private:
    struct CommandRun;
    io::Task<void> run_command(CommandRun& run, clients::CallLimits limits);
    io::Task<Document> query_sqlite(const std::string& sql, const data::Json& connections,
                                    clients::CallLimits limits);
    io::Task<Document> query_postgres(const std::string& sql, const data::Json& connections,
                                      clients::CallLimits limits);
    io::Task<Document> ask_redis(const data::Json& request, const data::Json& connections,
                                 clients::CallLimits limits);

    io::Loop& loop_;
    std::vector<std::string> environment_;
    std::string owner_mark_;
    std::unique_ptr<clients::HttpClient> http_;
    std::map<std::string, std::unique_ptr<clients::PostgresClient>> postgres_;
    std::map<std::string, std::unique_ptr<clients::SqliteClient>> sqlite_;
    /// By address, database and password.
    std::map<std::array<std::string, 3>, std::unique_ptr<clients::RedisClient>> redis_;
    std::unique_ptr<clients::ProcessRunner> processes_;
};

/// How a message shows what is sent: `POST http://...`, the query, the commands; shortened.
std::string describe_http(const data::Json& request);
std::string describe_query(const data::Json& request);
std::string describe_commands(const data::Json& request);

/// Lists what the headers of a request or of connections hold that is to be kept secret, whatever its name.
std::vector<std::string> authorising_values(const data::Json& request, const report::Secrets& secrets);
/// Shows what is sent and what has come back, line by line, for people; headers that authorise have a mask
/// for a value. Other secrets are in it still. Nothing for a request that can't be sent.
std::vector<std::string> debug_request(const data::Json& request, const data::Json& connections,
                                       const report::Secrets& secrets);
std::vector<std::string> debug_response(const data::Json& response, const report::Secrets& secrets);

}  // namespace relux::run
