// The `config` of a workflow and the config file with its profiles and presets, each by itself;
// config_merge.h puts them together.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "frontend/workflow/document_reader.h"

namespace relux::workflow {

/// A name that stands in `config.vars.presets`.
struct PresetName {
    std::string name;
    Place place;
    std::string path;
};

/// One source of configuration.
struct ConfigLayer {
    Config config;
    /// The presets that it opts into; nothing when it does not say.
    std::optional<std::vector<PresetName>> presets;
};

/// `{http: {base_url, headers}, postgres: {dsn}, sqlite: {path}, redis: {addr}, vars}`
ConfigLayer read_config(const DocumentContext& context, const Node& node, const KeyPath& path);

/// A file that holds `config`, `profiles` and `presets`.
struct ConfigFile {
    std::string name;  ///< empty: there is none
    ConfigLayer base;
    std::vector<std::pair<std::string, ConfigLayer>> profiles;
    std::vector<std::pair<std::string, ConfigLayer>> presets;
};
ConfigFile read_config_file(const DocumentContext& context, const Node& node);

}  // namespace relux::workflow
