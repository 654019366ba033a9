// Header names are compared without regard to case.
#include "vm/clients/http_message.h"

#include <algorithm>
#include <strings.h>

namespace relux::clients {

bool same_header_name(std::string_view left, std::string_view right) {
    return left.size() == right.size() && ::strncasecmp(left.data(), right.data(), left.size()) == 0;
}

const std::string* find_header(const std::vector<HttpHeader>& headers, std::string_view name) {
    const auto found = std::find_if(headers.begin(), headers.end(), [&](const HttpHeader& header) {
        return same_header_name(header.name, name);
    });
    return found == headers.end() ? nullptr : &found->value;
}

}  // namespace relux::clients
