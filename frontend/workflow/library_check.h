// Reports what can only be seen once all files are read: circles of calls, how deep they nest, steps of one
// name in several files, targets that are not there.
#pragma once

#include <string>
#include <vector>

#include "frontend/workflow/workflow_reader.h"

namespace relux::workflow {

/// A document and what it uses. An empty `fault`: it could be read.
struct Unit {
    std::string file;
    unsigned document = 0;
    WorkflowDocument read;
    std::vector<FileUse> uses;
    std::vector<std::size_t> used;  ///< for each use the index in the library
    /// Says of a part of the library why no use of it can work, as the end of a sentence (`there is no such
    /// file`).
    std::string fault;
    std::size_t depth = 0;        ///< fewest calls and includes that lead to it
    std::string prefix;           ///< of the library: what its steps' names begin with
    std::size_t user = SIZE_MAX;  ///< of the library: who uses it first, in the library; none: a document
};

/// Reports; changes nothing.
/// `deepest`: how deep calls and includes may nest.
void check_library(const std::vector<Unit>& documents, const std::vector<Unit>& library, std::size_t deepest,
                   Problems& problems);

std::string too_deep(std::size_t deepest);

/// The units that are included by `unit`, in the order in which their steps run: each after what it includes.
/// One that is reached twice is there once.
std::vector<const Unit*> included_units(const Unit& unit, const std::vector<Unit>& library);

}  // namespace relux::workflow
