// One document to one workflow, by itself: other files and merged configuration come later.
#pragma once

#include <string>
#include <vector>

#include "frontend/workflow/config_reader.h"
#include "frontend/workflow/document_reader.h"

namespace relux::workflow {

/// A document as read. `workflow.config` is not merged yet: see `layer`.
struct WorkflowDocument {
    Workflow workflow;
    ConfigLayer layer;
    std::vector<StepName> step_names;  ///< those of included files are not among them
};

/// A workflow to run needs a name; a file that is called or included need not have one.
enum class Role : std::uint8_t { Run, Library };

WorkflowDocument read_workflow(DocumentContext& context, const Node& node, Role role);

}  // namespace relux::workflow
