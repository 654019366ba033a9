// The variables that every test of a run starts from (language 15.1): the host's, then `.env` of the
// project's root.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "vm/base/result.h"

namespace relux::cli {

using Environment = std::map<std::string, std::string>;

/// `NAME=value` a line, `#` comments, an optional `export`, values in single quotes as they are and in double
/// quotes with `\n \t \" \\ \$`. The error names `file` and the line.
Result<Environment> parse_dotenv(std::string_view text, std::string_view file);

/// The host's variables with those of `<root>/.env` over them; no such file is no error.
Result<Environment> base_environment(const std::filesystem::path& root);

/// Whether the runtime itself sets a name before a test starts.
bool is_runtime_variable(std::string_view name);

}  // namespace relux::cli
