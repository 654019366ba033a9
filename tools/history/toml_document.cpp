#include "tools/history/toml_document.h"

#include <algorithm>
#include <sstream>
#include <string_view>

#include <toml++/toml.h>

#include "vm/base/text.h"

namespace relux::cli {

template <class Table>
std::string toml_document(const Table& table) {
    using Flags = toml::format_flags;
    // In strings of the one kind that is left every character may be an escape.
    const auto flags =
        toml::toml_formatter::default_flags &
        ~(Flags::allow_literal_strings | Flags::allow_multi_line_strings | Flags::allow_real_tabs_in_strings);
    std::ostringstream stream;
    stream << toml::toml_formatter(table, flags) << "\n";
    const auto written = stream.str();
    std::string text;
    text.reserve(written.size());
    for (std::string_view rest = written; !rest.empty();) {
        const auto character = rest.substr(0, std::max<std::size_t>(1, utf8_character_size(rest)));
        rest.remove_prefix(character.size());
        if (const auto control = display_control(character); control != 0) {
            const auto escape = code_point_escape(control);
            text.append(escape.data(), escape.size());
        } else {
            text += character;
        }
    }
    return text;
}
template std::string toml_document(const toml::table& table);

}  // namespace relux::cli
