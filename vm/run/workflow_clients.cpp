#include "vm/run/workflow_clients.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "vm/base/text.h"
#include "vm/base/utf8.h"
#include "vm/clients/http_client.h"
#include "vm/clients/postgres_client.h"
#include "vm/clients/process_runner.h"
#include "vm/clients/redis_client.h"
#include "vm/clients/sqlite_client.h"
#include "vm/data/render.h"

namespace relux::run {

using data::Json;

namespace {

/// The text of a member; empty when there is none.
std::string member_text(const Json& map, std::string_view name) {
    const auto* member = data::find_member(map, name);
    return member == nullptr ? std::string() : data::render_text(*member);
}

constexpr std::size_t kLargestReply = std::size_t{64} << 20;

// HTTP

bool has_scheme(std::string_view url) {
    const auto colon = url.find("://");
    return colon != std::string_view::npos && colon < url.find_first_of("/?#");
}

/// `/login` below `http://host/api` is `http://host/api/login`.
Result<std::string> full_url(const std::string& url, const Json& connections) {
    if (has_scheme(url)) return url;
    auto base = member_text(connections, "base_url");
    if (base.empty()) {
        return Error{"the URL " + clients::excerpt(url) +
                     " is relative, and config.http.base_url is not set"};
    }
    while (base.ends_with('/'))
        base.pop_back();
    if (url.empty()) return base;
    const bool joins = url.starts_with('/') || url.starts_with('?') || url.starts_with('#');
    return base + (joins ? "" : "/") + url;
}

/// As most servers write it, so that paths do not depend on the server: `Content-Type`.
std::string header_name(std::string_view name) {
    std::string shown(name);
    bool first = true;
    for (auto& c : shown) {
        const auto byte = static_cast<unsigned char>(c);
        c = static_cast<char>(first ? std::toupper(byte) : std::tolower(byte));
        first = c == '-';
    }
    return shown;
}

void set_header(std::vector<clients::HttpHeader>& headers, const std::string& name, std::string value) {
    std::erase_if(headers, [&](const auto& header) { return clients::same_header_name(header.name, name); });
    headers.push_back({name, std::move(value)});
}

clients::HttpRequest http_request(const Json& request, const Json& connections, std::string url) {
    clients::HttpRequest made;
    made.method = member_text(request, "method");
    made.url = std::move(url);
    for (const auto* source : {&connections, &request}) {
        const auto* headers = data::find_member(*source, "headers");
        if (headers == nullptr) continue;
        for (const auto& [name, value] : headers->items())
            set_header(made.headers, name, data::render_text(value));
    }
    const auto* body = data::find_member(request, "body");
    if (body == nullptr) return made;
    if (const auto* text = data::text_of(*body)) {
        made.body = *text;
        return made;
    }
    made.body = data::compact_json(*body);
    if (clients::find_header(made.headers, "Content-Type") == nullptr)
        made.headers.push_back({"Content-Type", "application/json"});
    return made;
}

/// A list or a map is data whatever the server calls it, other values only when it calls them JSON.
Json body_document(const clients::HttpResponse& response) {
    const auto* type = clients::find_header(response.headers, "Content-Type");
    const bool is_json = type != nullptr && type->find("json") != std::string::npos;
    const auto first = response.body.find_first_not_of(" \t\r\n");
    const bool looks_like =
        first != std::string::npos && (response.body[first] == '{' || response.body[first] == '[');
    if (is_json || looks_like) {
        if (auto parsed = data::parse_json(response.body)) return std::move(*parsed);
    }
    return Json(clients::valid_utf8(response.body));
}

Json response_document(const clients::HttpResponse& response) {
    auto headers = Json::object();
    for (const auto& header : response.headers)
        headers[header_name(header.name)].push_back(clients::valid_utf8(header.value));
    auto document = Json::object();
    document["status"] = response.status;
    document["header"] = std::move(headers);
    document["data"] = body_document(response);
    return document;
}

Error error_of(const clients::Failure& failure) {
    return Error{failure.message};
}

// Commands

std::string without_trailing_newlines(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    return text;
}

/// The last lines of what a command has printed, for a message; empty when there is nothing.
std::string tail(std::string_view label, const std::string& printed) {
    constexpr std::size_t kMost = 1000, kMostLines = 10;
    auto text = without_trailing_newlines(printed);
    if (text.empty()) return {};
    std::string cut;
    auto from = text.size() > kMost ? text.size() - kMost : 0;
    std::size_t lines = 1;
    for (auto at = text.size(); at-- > from;) {
        if (text[at] == '\n' && ++lines > kMostLines) from = at + 1;
    }
    if (from > 0) {
        while (from < text.size() && continues_character(text[from]))
            ++from;
        cut = "... [" + std::to_string(from) + " bytes] ";
        text.erase(0, from);
    }
    return "\n" + std::string(label) + ": " + cut + clients::valid_utf8(text);
}

std::string how_it_ended(const io::ExitStatus& status) {
    return (status.signalled ? "was killed by signal " : "ended with status ") + std::to_string(status.code);
}

/// Returns what is left of the time that began at `started`.
clients::CallLimits rest_of(const clients::CallLimits& limits, io::Time started, io::Time now) {
    auto rest = limits;
    if (limits.timeout != Duration::max())
        // To the millisecond, as messages show it.
        rest.timeout = std::chrono::ceil<std::chrono::milliseconds>(
            std::max(Duration(0), limits.timeout - (now - started)));
    return rest;
}

}  // namespace

WorkflowClients::WorkflowClients(io::Loop& loop, std::vector<std::string> environment, std::string owner_mark)
    : loop_(loop), environment_(std::move(environment)), owner_mark_(std::move(owner_mark)) {}

WorkflowClients::~WorkflowClients() = default;

io::Task<Document> WorkflowClients::http(const Json& request, const Json& connections,
                                         clients::CallLimits limits) {
    auto url = full_url(member_text(request, "url"), connections);
    if (!url) co_return url.error();
    if (!http_) http_ = std::make_unique<clients::HttpClient>(loop_);
    auto made = http_request(request, connections, std::move(*url));
    auto answer = co_await http_->send(std::move(made), limits);
    if (!answer) co_return error_of(answer.error());
    co_return response_document(*answer);
}

// Databases

io::Task<Document> WorkflowClients::query(const Json& request, const Json& connections,
                                          clients::CallLimits limits) {
    const auto engine = member_text(request, "engine");
    if (engine == "redis") {
        auto reply = co_await ask_redis(request, connections, limits);
        co_return reply;
    }
    const auto sql = member_text(request, "query");
    if (engine == "sqlite") {
        auto rows = co_await query_sqlite(sql, connections, limits);
        co_return rows;
    }
    auto rows = co_await query_postgres(sql, connections, limits);
    co_return rows;
}

io::Task<Document> WorkflowClients::query_sqlite(const std::string& sql, const Json& connections,
                                                 clients::CallLimits limits) {
    auto path = member_text(connections, "sqlite_path");
    if (path.empty()) path = ":memory:";
    auto& client = sqlite_[path];
    if (!client) client = std::make_unique<clients::SqliteClient>(loop_, path);
    auto answer = co_await client->query(sql, limits);
    if (!answer) co_return error_of(answer.error());
    co_return clients::row_objects(answer->columns, answer->rows);
}

io::Task<Document> WorkflowClients::query_postgres(const std::string& sql, const Json& connections,
                                                   clients::CallLimits limits) {
    const auto dsn = member_text(connections, "postgres_dsn");
    if (dsn.empty()) {
        co_return Error{"config.postgres.dsn is not set; a db step without `engine` asks PostgreSQL"};
    }
    auto& client = postgres_[dsn];
    if (!client) client = std::make_unique<clients::PostgresClient>(loop_, dsn);
    auto answer = co_await client->query(sql, limits);
    if (!answer) co_return error_of(answer.error());
    co_return clients::postgres_rows(*answer);
}

io::Task<Document> WorkflowClients::ask_redis(const Json& request, const Json& connections,
                                              clients::CallLimits limits) {
    const auto address = member_text(connections, "redis_addr");
    if (address.empty()) co_return Error{"config.redis.addr is not set"};
    clients::RedisLogin login{member_text(connections, "redis_password"),
                              member_text(connections, "redis_db")};
    auto& client = redis_[{address, login.database, login.password}];
    if (!client)
        client = std::make_unique<clients::RedisClient>(loop_, address, kLargestReply, std::move(login));
    std::vector<std::string> words;
    if (const auto* command = data::find_member(request, "command"); command != nullptr) {
        for (const auto& word : *command)
            words.push_back(data::render_text(word));
    }
    auto answer = co_await client->command(std::move(words), limits);
    if (!answer) co_return error_of(answer.error());
    co_return std::move(*answer);
}

// Commands

struct WorkflowClients::CommandRun {
    clients::ProcessRequest request;
    clients::ProcessResult result;
    bool ran = false;

    bool failed() const {
        return ran && (result.failure || result.status.signalled || result.status.code != 0);
    }
};

io::Task<void> WorkflowClients::run_command(CommandRun& run, clients::CallLimits limits) {
    run.result = co_await processes_->run(run.request, limits);
    run.ran = true;
}

io::Task<CommandOutcome> WorkflowClients::commands(const Json& request, clients::CallLimits limits) {
    if (!processes_) processes_ = std::make_unique<clients::ProcessRunner>(loop_);
    if (const auto directory = member_text(request, "dir"); !directory.empty()) {
        std::error_code error;
        if (!std::filesystem::is_directory(directory, error)) {
            co_return CommandOutcome{Json::object(), Error{"dir: " + directory + " is no directory"}};
        }
    }
    const auto started = loop_.now();
    std::vector<CommandRun> runs;
    const auto* listed = data::find_member(request, "commands");
    for (const auto& command : listed == nullptr ? Json::array() : *listed) {
        auto& run = runs.emplace_back();
        run.request.command = data::render_text(command);
        run.request.directory = member_text(request, "dir");
        run.request.environment = environment_;
        run.request.owner_mark = owner_mark_;
    }
    if (member_text(request, "parallel") == "true") {
        io::Scope all;
        for (auto& run : runs)
            all.start(run_command(run, limits));
        co_await all.join();
    } else {
        for (auto& run : runs) {
            co_await run_command(run, rest_of(limits, started, loop_.now()));
            if (run.failed()) break;
        }
    }
    CommandOutcome outcome;
    outcome.outputs = Json::object();
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!runs[i].ran) continue;
        const auto output = clients::valid_utf8(without_trailing_newlines(runs[i].result.output));
        const auto errors = clients::valid_utf8(without_trailing_newlines(runs[i].result.errors));
        outcome.outputs["stdout_" + std::to_string(i)] = output;
        outcome.outputs["stderr_" + std::to_string(i)] = errors;
        outcome.outputs["stdout"] = output;
        outcome.outputs["stderr"] = errors;
    }
    const auto failed = std::find_if(runs.begin(), runs.end(), [](const auto& run) { return run.failed(); });
    if (failed != runs.end()) {
        const auto& result = failed->result;
        auto message =
            runs.size() > 1 ? "commands[" + std::to_string(failed - runs.begin()) + "]: " : std::string();
        message += result.failure
                       ? result.failure->message
                       : clients::excerpt(failed->request.command) + " " + how_it_ended(result.status);
        outcome.document = Error{message + tail("stderr", result.errors) + tail("stdout", result.output)};
    } else {
        const auto text = member_text(outcome.outputs, "stdout");
        auto parsed = data::parse_json(text);
        outcome.document = parsed ? std::move(*parsed) : Json(text);
    }
    co_return outcome;
}

io::Task<void> WorkflowClients::end(Duration grace) {
    if (processes_) co_await processes_->end_leftovers(grace);
}

// Messages

std::string describe_http(const Json& request) {
    return member_text(request, "method") + " " + clients::excerpt(member_text(request, "url"));
}

namespace {

/// More of a body than this shows nothing more.
constexpr std::size_t kMostOfBody = 4000;

void add_body(const std::string& mark, const std::string& body, std::vector<std::string>& lines) {
    if (body.empty()) return;
    auto text = clients::valid_utf8(std::string_view(body).substr(0, kMostOfBody));
    if (body.size() > kMostOfBody) text += "... (" + std::to_string(body.size()) + " bytes)";
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        lines.push_back(mark + text.substr(begin, end - begin));
        begin = end + 1;
    }
}

bool authorises(std::string_view header, std::string_view value, const report::Secrets& secrets) {
    constexpr std::string_view kNames[] = {"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"};
    return secrets.is_secret(header, value) ||
           std::any_of(std::begin(kNames), std::end(kNames),
                       [&](const auto& name) { return clients::same_header_name(header, name); });
}

}  // namespace

std::vector<std::string> authorising_values(const Json& request, const report::Secrets& secrets) {
    std::vector<std::string> values;
    const auto* headers = data::find_member(request, "headers");
    if (headers == nullptr) return values;
    for (const auto& [name, header] : headers->items()) {
        if (!authorises(name, data::render_text(header), secrets)) continue;
        values.push_back(data::render_text(header));
        // `Bearer TOKEN`: what follows the scheme is the secret.
        const auto blank = values.back().find(' ');
        if (blank != std::string::npos) values.push_back(values.back().substr(blank + 1));
    }
    return values;
}

std::vector<std::string> debug_request(const Json& request, const Json& connections,
                                       const report::Secrets& secrets) {
    const auto url = full_url(member_text(request, "url"), connections);
    if (!url) return {};
    const auto made = http_request(request, connections, *url);
    std::vector<std::string> lines = {"> " + made.method + " " + made.url};
    for (const auto& header : made.headers) {
        lines.push_back(
            "> " + header.name + ": " +
            (authorises(header.name, header.value, secrets) ? std::string(report::kMask) : header.value));
    }
    add_body("> ", made.body.value_or(std::string()), lines);
    return lines;
}

std::vector<std::string> debug_response(const Json& response, const report::Secrets& secrets) {
    std::vector<std::string> lines = {"< " + member_text(response, "status")};
    if (const auto* headers = data::find_member(response, "header"); headers != nullptr) {
        for (const auto& [name, values] : headers->items()) {
            for (const auto& value : values) {
                lines.push_back("< " + name + ": " +
                                (authorises(name, data::render_text(value), secrets)
                                     ? std::string(report::kMask)
                                     : data::render_text(value)));
            }
        }
    }
    add_body("< ", member_text(response, "data"), lines);
    return lines;
}

std::string describe_query(const Json& request) {
    if (member_text(request, "engine") != "redis") return clients::excerpt(member_text(request, "query"));
    std::string words;
    if (const auto* command = data::find_member(request, "command"); command != nullptr) {
        for (const auto& word : *command)
            words += (words.empty() ? "" : " ") + data::render_text(word);
    }
    return clients::excerpt(words);
}

std::string describe_commands(const Json& request) {
    std::string text;
    if (const auto* listed = data::find_member(request, "commands"); listed != nullptr) {
        for (const auto& command : *listed)
            text += (text.empty() ? "" : ", ") + clients::excerpt(data::render_text(command));
    }
    return text;
}

}  // namespace relux::run
