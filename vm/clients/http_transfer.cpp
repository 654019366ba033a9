// The options of libcurl 7.88. Redirects are not left to curl: it repeats a custom method where the protocol
// asks for GET.
#include "vm/clients/http_transfer.h"

#include <system_error>

namespace relux::clients {

namespace {

// Below curl's own, whose error does not tell what it is.
constexpr std::size_t kHeaderLimit = std::size_t{256} << 10;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

FailureKind kind_of(CURLcode code) {
    static constexpr CURLcode kConnecting[] = {
        CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST,     CURLE_COULDNT_CONNECT,
        CURLE_SSL_CONNECT_ERROR,     CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
        CURLE_SSL_CACERT_BADFILE,    CURLE_INTERFACE_FAILED,         CURLE_PROXY};
    for (const CURLcode connecting : kConnecting) {
        if (code == connecting) return FailureKind::Connect;
    }
    if (code == CURLE_OPERATION_TIMEDOUT) return FailureKind::TimedOut;
    if (code == CURLE_FILESIZE_EXCEEDED) return FailureKind::TooLarge;
    if (code == CURLE_URL_MALFORMAT) return FailureKind::Refused;
    return FailureKind::Protocol;
}

}  // namespace

HttpTransfer::HttpTransfer(HttpConnections& connections, CallGuard& guard, const HttpRequest& request,
                           const HttpUrl& url)
    : connections_(connections), guard_(guard), handle_(curl().curl_easy_init()) {
    RELUX_ASSERT(handle_ != nullptr, "curl has no memory");
    set_behaviour();
    set_method(request);
    set_headers(request);
    curl().curl_easy_setopt(handle_.get(), CURLOPT_URL, url.text().c_str());
    response_.url = url.text();
}

HttpTransfer::~HttpTransfer() {
    if (started_) connections_.stop(handle_.get());
}

void HttpTransfer::set_behaviour() {
    CURL* handle = handle_.get();
    curl().curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    // Else removing a transfer waits for the thread that looks up its name.
    curl().curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
    curl().curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl().curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl().curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl().curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
    curl().curl_easy_setopt(handle, CURLOPT_USERAGENT, "relux");
    curl().curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_);
    curl().curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
    curl().curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
    curl().curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
    curl().curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
}

void HttpTransfer::set_method(const HttpRequest& request) {
    CURL* handle = handle_.get();
    const std::string& method = request.method;
    // Servers expect a length with these, if only zero.
    const bool has_length = method == "POST" || method == "PUT" || method == "PATCH";
    if (request.body || has_length) {
        static constexpr char kNothing[] = "";
        const std::size_t size = request.body ? request.body->size() : 0;
        curl().curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(size));
        curl().curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body ? request.body->data() : kNothing);
        curl().curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
    } else if (method == "HEAD") {
        curl().curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    } else {
        curl().curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
        if (method != "GET") curl().curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
    }
}

void HttpTransfer::set_headers(const HttpRequest& request) {
    curl_slist* list = nullptr;
    // curl would name its own type for a body, and wait for leave to send a long one.
    for (const std::string_view unwanted : {"Content-Type", "Expect"}) {
        if (find_header(request.headers, unwanted) == nullptr)
            list = curl().curl_slist_append(list, (std::string(unwanted) + ":").c_str());
    }
    for (const HttpHeader& header : request.headers) {
        // curl's form for a header without a value.
        const std::string line = header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
        list = curl().curl_slist_append(list, line.c_str());
    }
    headers_.reset(list);
    curl().curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, list);
}

void HttpTransfer::trust(const std::string& file) {
    curl().curl_easy_setopt(handle_.get(), CURLOPT_CAINFO, file.c_str());
}

void HttpTransfer::start() {
    // Nothing is read of a body that is announced as too long.
    curl().curl_easy_setopt(handle_.get(), CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(body_limit_));
    started_ = true;
    connections_.start(handle_.get(), [this](CURLcode code) {
        finished_ = true;
        code_ = code;
        guard_.wake();
    });
}

std::size_t HttpTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
    return static_cast<HttpTransfer*>(self)->take_header({bytes, size * count}) ? size * count : 0;
}

std::size_t HttpTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
    const std::size_t length = size * count;
    // Any other number than the length stops the transfer; for an empty piece zero would not.
    return static_cast<HttpTransfer*>(self)->take_body({bytes, length}) ? length : length + 1;
}

bool HttpTransfer::take_header(std::string_view line) {
    header_bytes_ += line.size();
    too_large_ = too_large_ || header_bytes_ > kHeaderLimit;
    if (too_large_) return false;
    if (line.starts_with("HTTP/")) {
        // Another response begins: what came before was an interim one.
        response_.headers.clear();
        long status = 0;
        curl().curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
        response_.status = static_cast<int>(status);
        return true;
    }
    const bool continues = line.starts_with(' ') || line.starts_with('\t');
    const std::size_t colon = line.find(':');
    if (continues && !response_.headers.empty()) {
        response_.headers.back().value.append(" ").append(trimmed(line));
    } else if (colon != std::string_view::npos) {
        response_.headers.push_back(
            {std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
    }
    return true;
}

bool HttpTransfer::take_body(std::string_view bytes) {
    too_large_ = too_large_ || bytes.size() > body_limit_ - response_.body.size();
    if (!too_large_) response_.body.append(bytes);
    return !too_large_;
}

Failure HttpTransfer::failure(const std::string& call) const {
    if (too_large_ && header_bytes_ > kHeaderLimit)
        return {FailureKind::TooLarge, call + ": the headers of the response are larger than 256 KiB"};
    if (too_large_ || code_ == CURLE_FILESIZE_EXCEEDED) {
        return {FailureKind::TooLarge, call + ": the body of the response is larger than the limit of " +
                                           std::to_string(body_limit_) + " bytes"};
    }
    std::string reason = error_[0] != '\0' ? error_ : curl().curl_easy_strerror(code_);
    long system_code = 0;
    curl().curl_easy_getinfo(handle_.get(), CURLINFO_OS_ERRNO, &system_code);
    if (code_ == CURLE_COULDNT_CONNECT && system_code != 0)
        reason += ": " + std::generic_category().message(static_cast<int>(system_code));
    if (response_.status != 0) reason += " (" + progress() + ")";
    return {kind_of(code_), call + ": " + reason};
}

std::string HttpTransfer::progress() const {
    if (response_.status != 0) {
        return "after status " + std::to_string(response_.status) + " and " +
               std::to_string(response_.body.size()) + " bytes of the body";
    }
    curl_off_t connected = 0;
    curl().curl_easy_getinfo(handle_.get(), CURLINFO_PRETRANSFER_TIME_T, &connected);
    return connected > 0 ? "connected, without a response" : "not connected";
}

}  // namespace relux::clients
