// Steps, assertions and conditions of a document.
#pragma once

#include <optional>
#include <vector>

#include "frontend/workflow/document_reader.h"

namespace relux::workflow {

/// A list of at least one step. The names go into the context; one that is taken is reported.
std::vector<Step> read_steps(DocumentContext& context, const Node& node, const KeyPath& path);
std::optional<Assertion> read_assertion(const DocumentContext& context, const Node& node,
                                        const KeyPath& path);
/// What the step's type adds to the common keys. The node is a map. Nothing when the type cannot be used.
bool read_action(DocumentContext& context, std::string_view type, const MapReader& reader,
                 const KeyPath& path, Step& step);

}  // namespace relux::workflow
