#include "vm/base/shortened_text.h"

#include "vm/base/text.h"

namespace relux {

std::string shortened_text(std::string_view text, std::size_t longest) {
    if (text.size() <= longest) return std::string(text);
    auto kept = text.substr(0, longest);
    kept.remove_suffix(incomplete_utf8_tail(kept));
    return std::string(kept) + "…";
}

}  // namespace relux
