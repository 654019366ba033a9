// The keys of a parsed document: scalars, unique, with merge keys resolved.
#pragma once

#include <functional>
#include <string>

#include "frontend/workflow/problem.h"
#include "frontend/workflow/yaml.h"

namespace relux::workflow {

using ReportAt = std::function<void(const KeyPath& path, Place place, std::string message)>;

/// Brings every map below `node` into the form that Node promises, and reports what cannot be: keys that are
/// lists or maps, duplicates, merges of something else, scalars with a fault. A null value gets the place of
/// its key.
void settle_keys(Node& node, const YamlFile& file, const KeyPath& path, const ReportAt& report);

}  // namespace relux::workflow
