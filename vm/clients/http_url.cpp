// curl's own parser, so that what is checked is what is requested.
#include "vm/clients/http_url.h"

#include <memory>

#include "vm/clients/failure.h"
#include "vm/clients/late_library.h"

namespace relux::clients {

namespace {

struct FreeUrl {
    void operator()(CURLU* url) const { curl().curl_url_cleanup(url); }
};
using CurlUrl = std::unique_ptr<CURLU, FreeUrl>;

std::string part_of(CURLU* url, CURLUPart part, unsigned flags) {
    char* text = nullptr;
    if (curl().curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    std::string result(text);
    curl().curl_free(text);
    return result;
}

// As it was given, for messages, but for user and password.
std::string quoted_url(std::string_view text) {
    const std::size_t authority = text.find("://");
    if (authority == std::string_view::npos) return excerpt(text);
    const std::size_t start = authority + 3;
    const std::size_t at = text.substr(0, text.find_first_of("/?#", start)).rfind('@');
    if (at == std::string_view::npos || at < start) return excerpt(text);
    return excerpt(std::string(text.substr(0, start)) + std::string(text.substr(at + 1)));
}

CURLUcode set(CURLU* url, std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return CURLUE_MALFORMED_INPUT;
    return curl().curl_url_set(url, CURLUPART_URL, std::string(text).c_str(),
                               CURLU_ALLOW_SPACE | CURLU_URLENCODE);
}

}  // namespace

Result<HttpUrl> HttpUrl::read(std::string_view base, std::string_view text) {
    const CurlUrl url(curl().curl_url());
    CURLUcode code = base.empty() ? CURLUE_OK : set(url.get(), base);
    if (code == CURLUE_OK) code = set(url.get(), text);
    const std::string quoted = quoted_url(text);
    if (code == CURLUE_BAD_SCHEME || code == CURLUE_UNSUPPORTED_SCHEME)
        return Error{quoted + " is no URL that begins with http:// or https://"};
    if (code != CURLUE_OK) return Error{quoted + " is no URL: " + curl().curl_url_strerror(code)};
    const std::string scheme = part_of(url.get(), CURLUPART_SCHEME, 0);
    if (scheme != "http" && scheme != "https")
        return Error{quoted + " is no URL that begins with http:// or https://"};
    HttpUrl result;
    result.origin_ = scheme + "://" + part_of(url.get(), CURLUPART_HOST, 0) + ":" +
                     part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
    result.text_ = part_of(url.get(), CURLUPART_URL, 0);
    for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT})
        curl().curl_url_set(url.get(), part, nullptr, 0);
    result.shown_ = part_of(url.get(), CURLUPART_URL, 0);
    return result;
}

Result<HttpUrl> HttpUrl::parse(std::string_view text) {
    return read({}, text);
}

Result<HttpUrl> HttpUrl::resolve(std::string_view location) const {
    return read(text_, location);
}

}  // namespace relux::clients
