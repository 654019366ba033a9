// libpq's own parser; its lists of hosts, addresses and ports belong together by position.
#include "vm/clients/postgres_dsn.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdlib>
#include <memory>

#include "vm/clients/late_library.h"

namespace relux::clients {

namespace {

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { pq().PQconninfoFree(options); }
};

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> result;
    std::size_t start = 0;
    for (;;) {
        const std::size_t comma = list.find(',', start);
        result.push_back(list.substr(start, comma - start));
        if (comma == std::string::npos) return result;
        start = comma + 1;
    }
}

std::string joined(const std::vector<std::string>& list) {
    std::string result;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0) result += ',';
        result += list[i];
    }
    return result;
}

bool is_machine_name(const std::string& host) {
    in6_addr address{};
    return !host.empty() && host.front() != '/' && host.front() != '@' &&
           ::inet_pton(AF_INET, host.c_str(), &address) != 1 &&
           ::inet_pton(AF_INET6, host.c_str(), &address) != 1;
}

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string trimmed_line(std::string text) {
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

}  // namespace

Result<PostgresDsn> PostgresDsn::parse(const std::string& text) {
    if (text.find('\0') != std::string::npos)
        return Error{"there is a zero byte in the connection string of PostgreSQL"};
    char* problem = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(
        pq().PQconninfoParse(text.c_str(), &problem));
    if (options == nullptr) {
        const std::string reason = trimmed_line(problem == nullptr ? "no memory" : problem);
        pq().PQfreemem(problem);
        return Error{"the connection string of PostgreSQL is wrong: " + reason};
    }
    PostgresDsn dsn;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) dsn.values_.emplace_back(option->keyword, option->val);
    }
    if (!dsn.split_hosts())
        return Error{"the connection string of PostgreSQL is wrong: not as many ports as hosts"};
    return dsn;
}

std::string PostgresDsn::value(const std::string& key) const {
    for (const auto& [name, value] : values_) {
        if (name == key) return value;
    }
    return {};
}

bool PostgresDsn::split_hosts() {
    std::string hosts = value("host");
    if (hosts.empty() && value("service").empty()) hosts = from_environment("PGHOST");
    // With addresses given, libpq does not look up names.
    if (!value("hostaddr").empty() || !from_environment("PGHOSTADDR").empty()) return true;
    if (hosts.empty()) return true;
    std::string ports = value("port");
    if (ports.empty()) ports = from_environment("PGPORT");
    const std::vector<std::string> host_list = split(hosts);
    const std::vector<std::string> port_list = split(ports);
    if (port_list.size() != 1 && port_list.size() != host_list.size()) return false;
    for (std::size_t i = 0; i < host_list.size(); ++i) {
        const std::string& port = port_list.size() == 1 ? port_list.front() : port_list[i];
        hosts_.push_back({host_list[i], port, is_machine_name(host_list[i])});
    }
    return true;
}

std::string PostgresDsn::shown() const {
    std::string result = "PostgreSQL at ";
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        result += (i == 0 ? "" : ", ") + hosts_[i].name;
        result += ":" + (hosts_[i].port.empty() ? "5432" : hosts_[i].port);
    }
    if (hosts_.empty()) result += value("hostaddr").empty() ? "its default socket" : value("hostaddr");
    const std::string database = value("dbname");
    return database.empty() ? result : result + "/" + database;
}

PostgresDsn::Parameters PostgresDsn::parameters(
    const std::vector<std::vector<std::string>>& addresses) const {
    Parameters result;
    for (const auto& [name, value] : values_) {
        const bool replaced = !hosts_.empty() && (name == "host" || name == "port");
        if (!replaced && name != "client_encoding") result.emplace_back(name, value);
    }
    result.emplace_back("client_encoding", "UTF8");
    result.emplace_back("fallback_application_name", "relux");
    if (hosts_.empty()) return result;
    std::vector<std::string> host_list;
    std::vector<std::string> address_list;
    std::vector<std::string> port_list;
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        for (const std::string& address : addresses[i]) {
            host_list.push_back(hosts_[i].name);
            address_list.push_back(address);
            port_list.push_back(hosts_[i].port);
        }
    }
    result.emplace_back("host", joined(host_list));
    result.emplace_back("hostaddr", joined(address_list));
    result.emplace_back("port", joined(port_list));
    return result;
}

}  // namespace relux::clients
