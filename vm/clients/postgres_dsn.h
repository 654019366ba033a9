// Where a PostgreSQL server is: the connection string taken apart, so that its host names can be looked up
// without blocking, as libpq would.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "vm/base/result.h"

namespace relux::clients {

struct PostgresHost {
    std::string name;      ///< as written; may be a directory of sockets, or empty
    std::string port;      ///< empty: the default
    bool is_name = false;  ///< of a machine, and so to be looked up
};

class PostgresDsn {
  public:
    /// `postgresql://…` or `key=value …`, completed by PGHOST and PGPORT.
    static Result<PostgresDsn> parse(const std::string& text);

    const std::vector<PostgresHost>& hosts() const { return hosts_; }
    /// For messages: hosts, ports and database, never the password.
    std::string shown() const;
    using Parameters = std::vector<std::pair<std::string, std::string>>;
    /// Tells libpq what to connect to when each host is at each of these addresses; none for a host without.
    Parameters parameters(const std::vector<std::vector<std::string>>& addresses) const;

  private:
    std::string value(const std::string& key) const;
    bool split_hosts();
    Parameters values_;
    std::vector<PostgresHost> hosts_;
};

}  // namespace relux::clients
