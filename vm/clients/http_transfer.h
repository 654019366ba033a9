// One request and its response, without redirects: what curl is told, and what it hands over piece by piece.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "vm/clients/call_guard.h"
#include "vm/clients/http_connections.h"
#include "vm/clients/http_message.h"
#include "vm/clients/http_url.h"
#include "vm/clients/late_library.h"

namespace relux::clients {

class HttpTransfer {
  public:
    /// All must outlive this object.
    HttpTransfer(HttpConnections& connections, CallGuard& guard, const HttpRequest& request,
                 const HttpUrl& url);
    HttpTransfer(const HttpTransfer&) = delete;
    HttpTransfer& operator=(const HttpTransfer&) = delete;
    ~HttpTransfer();

    /// Decoded bytes of the body. Before start().
    void limit_body(std::size_t bytes) { body_limit_ = bytes; }
    /// A file of certificates to trust instead of the system's. Before start().
    void trust(const std::string& file);
    void start();
    bool finished() const { return finished_; }
    bool succeeded() const { return finished_ && code_ == CURLE_OK; }
    /// Says why one has finished that did not succeed.
    Failure failure(const std::string& call) const;
    /// How far one has got that has not finished.
    std::string progress() const;
    HttpResponse& response() { return response_; }

  private:
    static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
    void set_behaviour();
    void set_method(const HttpRequest& request);
    void set_headers(const HttpRequest& request);
    bool take_header(std::string_view line);
    bool take_body(std::string_view bytes);

    struct FreeHandle {
        void operator()(CURL* handle) const { curl().curl_easy_cleanup(handle); }
    };
    struct FreeList {
        void operator()(curl_slist* list) const { curl().curl_slist_free_all(list); }
    };

    HttpConnections& connections_;
    CallGuard& guard_;
    std::unique_ptr<curl_slist, FreeList> headers_;
    std::unique_ptr<CURL, FreeHandle> handle_;
    char error_[CURL_ERROR_SIZE] = {};
    std::size_t body_limit_ = 0;
    std::size_t header_bytes_ = 0;
    bool started_ = false;
    bool finished_ = false;
    bool too_large_ = false;
    CURLcode code_ = CURLE_OK;
    HttpResponse response_;
};

}  // namespace relux::clients
