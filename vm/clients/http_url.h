// Addresses of HTTP requests, as curl reads them.
#pragma once

#include <string>
#include <string_view>

#include "vm/base/result.h"

namespace relux::clients {

class HttpUrl {
  public:
    /// An absolute http or https URL. Spaces and bytes beyond ASCII, which must not stand in one, are
    /// encoded; whatever is encoded already stays as it is.
    static Result<HttpUrl> parse(std::string_view text);
    /// Where a Location header leads from here.
    Result<HttpUrl> resolve(std::string_view location) const;

    const std::string& text() const { return text_; }
    /// Without user, password and fragment, for messages.
    const std::string& shown() const { return shown_; }
    /// Scheme, host and port.
    const std::string& origin() const { return origin_; }

  private:
    static Result<HttpUrl> read(std::string_view base, std::string_view text);
    std::string text_;
    std::string shown_;
    std::string origin_;
};

}  // namespace relux::clients
