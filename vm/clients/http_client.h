// HTTP and HTTPS on the loop, any number of calls at once, with connections that are used again.
//
// Guarantees: certificates are verified; the proxy variables of the environment are honoured as curl does; no
// cookie, cache or file of the user is read or written. Credentials stay with the origin they were given for.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "vm/clients/call_guard.h"
#include "vm/clients/http_message.h"
#include "vm/clients/http_url.h"
#include "vm/io/task.h"

namespace relux::clients {

class HttpConnections;

struct HttpClientOptions {
    std::size_t body_limit = std::size_t{64} << 20;  ///< of a response, in bytes, decoded
    int redirect_limit = 10;
    std::string certificates;  ///< a file of those to trust; empty: the system's
};

class HttpClient {
  public:
    explicit HttpClient(io::Loop& loop);
    HttpClient(io::Loop& loop, HttpClientOptions options);
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    ~HttpClient();

    /// Any response is a success, whatever its status. Must not outlive the client.
    io::Task<Answer<HttpResponse>> send(HttpRequest request, CallLimits limits);

  private:
    io::Task<Answer<HttpResponse>> send_once(const HttpRequest& request, const HttpUrl& url, CallGuard& guard,
                                             const std::string& call);

    io::Loop& loop_;
    HttpClientOptions options_;
    /// Made by the first call: it needs the library.
    std::unique_ptr<HttpConnections> connections_;
};

}  // namespace relux::clients
