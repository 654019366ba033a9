// Several layers of configuration into one: a later layer wins, value by value.
#pragma once

#include <vector>

#include "frontend/workflow/syntax.h"

namespace relux::workflow {

/// Lowest layer first. Headers are the same whatever their case. Variables keep the place of their first
/// layer, so that a profile's `host` goes into the file's `url`; but what a variable uses of those before it
/// in its own layer comes before it in the result too.
Config merge_configs(const std::vector<const Config*>& layers);
/// A later rule for a variable stands in place of an earlier one. merge_configs() leaves rules alone.
void merge_rules(std::vector<VariableRule>& rules, const std::vector<VariableRule>& later);

}  // namespace relux::workflow
