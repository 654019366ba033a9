// Redirects as RFC 9110 15.4 has them.
#include "vm/clients/http_client.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "vm/clients/http_connections.h"
#include "vm/clients/http_transfer.h"
#include "vm/clients/late_library.h"

namespace relux::clients {

namespace {

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char character) {
        return std::isalnum(static_cast<unsigned char>(character)) != 0 ||
               std::string_view("!#$%&'*+-.^_`|~").find(character) != std::string_view::npos;
    });
}

// Why this can't be sent; empty if it can.
std::string objection(const HttpRequest& request) {
    if (!is_token(request.method)) return "`" + request.method + "` is no method";
    if (request.method == "HEAD" && request.body) return "a HEAD request has no body";
    for (const HttpHeader& header : request.headers) {
        if (!is_token(header.name)) return "`" + header.name + "` is no name of a header";
        if (header.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
            return "the header `" + header.name + "` has a line break in its value";
    }
    return {};
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

template <std::size_t Size>
void remove_headers(HttpRequest& request, const std::string_view (&names)[Size]) {
    std::erase_if(request.headers, [&](const HttpHeader& header) {
        return std::any_of(std::begin(names), std::end(names),
                           [&](std::string_view name) { return same_header_name(header.name, name); });
    });
}

// Changes the request into what is asked of the next server after this status.
void adapt(HttpRequest& request, int status, bool other_origin) {
    static constexpr std::string_view kOfBody[] = {"Content-Type", "Content-Encoding", "Content-Language",
                                                   "Transfer-Encoding"};
    static constexpr std::string_view kOfOrigin[] = {"Authorization", "Cookie", "Host"};
    const bool see_other = status == 303 && request.method != "HEAD";
    const bool was_post = (status == 301 || status == 302) && request.method == "POST";
    if (see_other || was_post) {
        request.method = "GET";
        request.body.reset();
        remove_headers(request, kOfBody);
    }
    if (other_origin) remove_headers(request, kOfOrigin);
}

}  // namespace

HttpClient::HttpClient(io::Loop& loop) : HttpClient(loop, HttpClientOptions()) {}

HttpClient::HttpClient(io::Loop& loop, HttpClientOptions options)
    : loop_(loop), options_(std::move(options)) {}

HttpClient::~HttpClient() = default;

io::Task<Answer<HttpResponse>> HttpClient::send(HttpRequest request, CallLimits limits) {
    CallGuard guard(loop_, limits);
    if (auto there = load_curl(); !there) co_return Failure{FailureKind::Refused, there.error().message};
    if (connections_ == nullptr) connections_ = std::make_unique<HttpConnections>(loop_);
    auto url = HttpUrl::parse(request.url);
    if (!url) co_return Failure{FailureKind::Refused, request.method + " request: " + url.error().message};
    std::string call = request.method + " " + url->shown();
    if (const std::string reason = objection(request); !reason.empty())
        co_return Failure{FailureKind::Refused, call + ": " + reason};
    // curl counts the body itself.
    static constexpr std::string_view kLength[] = {"Content-Length"};
    remove_headers(request, kLength);

    for (int redirects = 0;; ++redirects) {
        auto response = co_await send_once(request, *url, guard, call);
        if (!response || !is_redirect(response->status)) co_return response;
        const std::string* location = find_header(response->headers, "Location");
        if (location == nullptr) co_return response;
        if (redirects == options_.redirect_limit) {
            co_return Failure{FailureKind::Refused, call + ": more than " +
                                                        std::to_string(options_.redirect_limit) +
                                                        " redirects, the next one to " + excerpt(*location)};
        }
        auto next = url->resolve(*location);
        if (!next)
            co_return Failure{FailureKind::Refused, call + ": redirected, but " + next.error().message};
        adapt(request, response->status, next->origin() != url->origin());
        if (redirects < 3) {
            call += " -> " + next->shown();
        } else if (redirects == 3) {
            call += " -> ...";
        }
        url = std::move(*next);
    }
}

io::Task<Answer<HttpResponse>> HttpClient::send_once(const HttpRequest& request, const HttpUrl& url,
                                                     CallGuard& guard, const std::string& call) {
    HttpTransfer transfer(*connections_, guard, request, url);
    transfer.limit_body(options_.body_limit);
    if (!options_.certificates.empty()) transfer.trust(options_.certificates);
    transfer.start();
    while (!transfer.finished()) {
        if (guard.stopped()) co_return guard.failure(call, transfer.progress());
        co_await guard.wait();
    }
    if (!transfer.succeeded()) co_return transfer.failure(call);
    co_return std::move(transfer.response());
}

}  // namespace relux::clients
