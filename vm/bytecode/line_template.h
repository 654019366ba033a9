// One record on a line of its own, after a template of records.def or module.def:
//
//   {name}    the field of that name; {} a value that has none
//   {#}       the size of a value, in place of the value
//   [...]     left out when the first field in it holds nothing; [...|other] is `other` then
//   {!name}   that field is not shown
//
// A field that could not be read is left out together with the words before it, and with the brackets that it
// is the first field of. Private to vm/bytecode.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace relux::bytecode {

/// Fills one place of a template.
struct LineField {
    std::string_view name;
    std::string text;
    bool holds_nothing = false;  ///< an index that leads nowhere, 0, false, an empty text or list
    bool missing = false;        ///< could not be read
    bool named = false;          ///< by the template; set by fill_line
};

/// Fields that hold something and that the template does not name stand at the end: `, name text`.
std::string fill_line(std::string_view line, std::vector<LineField>& fields);

}  // namespace relux::bytecode
