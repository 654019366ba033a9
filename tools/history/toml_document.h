// TOML that we write from tables.
#pragma once

#include <string>

namespace relux::cli {

/// A toml::table, which no header includes, as TOML to be printed or kept: a character by which text would
/// show as something else is an escape.
template <class Table>
std::string toml_document(const Table& table);

}  // namespace relux::cli
