// Steps, assertions and conditions of a document.
#pragma once

#include <optional>
#include <vector>

#include "frontend/workflow/document_reader.h"

namespace relux::workflow {

/// A list of at least one step. The names go into the context; one that is taken is reported.
std::vector<Step> read_steps(DocumentContext& context, const Node& node, const KeyPath& path);
/// Says what an assertion's left side looks at. Against variables a template stands for its value, unless it
/// begins with `$`; against a document it is a path with templates in it, unless it is one expression alone.
enum class LeftSide : std::uint8_t { Document, Variables };
std::optional<Assertion> read_assertion(const DocumentContext& context, const Node& node, const KeyPath& path,
                                        LeftSide side);
std::optional<Duration> read_timeout(const DocumentContext& context, const Node& node, const KeyPath& path);
/// Reads what the step's type adds to the common keys. The node is a map. False when the type cannot be used.
bool read_action(DocumentContext& context, std::string_view type, const MapReader& reader,
                 const KeyPath& path, Step& step);

}  // namespace relux::workflow
