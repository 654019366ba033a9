// The pipes of a process that has no terminal.
#pragma once

#include "vm/base/fd.h"
#include "vm/base/result.h"

namespace relux::io {

struct OutputPipe {
    Fd reading;  ///< does not block
    Fd writing;  ///< above 2, so that it can be made descriptor 1 or 2 of a child
};

struct OutputPipes {
    OutputPipe output;
    OutputPipe errors;
};

/// Inherited by nobody unless asked for.
Result<OutputPipes> open_output_pipes();

}  // namespace relux::io
