#include "vm/base/result.h"

#include <cstring>

namespace relux {

Error system_error(std::string what, int code) {
    what += ": ";
    what += std::strerror(code);
    return Error{std::move(what), code};
}

}  // namespace relux
