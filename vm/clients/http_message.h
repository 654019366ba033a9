// Requests to web servers and their responses, as data.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relux::clients {

struct HttpHeader {
    std::string name;
    std::string value;
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::vector<HttpHeader> headers;  ///< those that curl would add by itself, like Accept, are replaced
    std::optional<std::string> body;  ///< gets no Content-Type but what the headers say
};

struct HttpResponse {
    int status = 0;
    std::vector<HttpHeader> headers;  ///< as they came, repeated names too; of the last response only
    std::string body;                 ///< decoded when it was compressed
    std::string url;                  ///< the last one that was redirected to
};

bool same_header_name(std::string_view left, std::string_view right);
/// The first one with this name; null if there is none.
const std::string* find_header(const std::vector<HttpHeader>& headers, std::string_view name);

}  // namespace relux::clients
