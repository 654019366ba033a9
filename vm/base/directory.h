// A directory that is read, closed when it goes.
#pragma once

#include <dirent.h>
#include <memory>

namespace relux {

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};
/// Null where it can't be opened.
using Directory = std::unique_ptr<DIR, CloseDirectory>;

}  // namespace relux
