// The edge to yaml-cpp: the text of one document to a tree, or the one thing that stopped the parser.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "frontend/workflow/yaml.h"
#include "frontend/workflow/yaml_text.h"

namespace relux::workflow {

/// Counts what is left of a file's limits.
struct YamlBudget {
    std::size_t nodes;
    std::size_t text_bytes;
    std::uint16_t depth;
};

struct ParsedDocument {
    std::optional<Node> root;  ///< nothing when the document is empty or has a fault
    std::optional<TextFault> fault;
};

/// Parses what stands in `document`, a part of `file.text`. Keys of maps are whatever the file has; aliases
/// are copies.
ParsedDocument parse_document(const YamlFile& file, const DocumentText& document, YamlBudget& budget);

}  // namespace relux::workflow
