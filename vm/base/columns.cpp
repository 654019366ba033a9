#include "vm/base/columns.h"

#include <utf8proc.h>

namespace relux {

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        utf8proc_int32_t character = 0;
        const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                           static_cast<utf8proc_ssize_t>(text.size()), &character);
        columns += size > 0 ? static_cast<std::size_t>(utf8proc_charwidth(character)) : 1;
        text.remove_prefix(size > 0 ? static_cast<std::size_t>(size) : 1);
    }
    return columns;
}

}  // namespace relux
