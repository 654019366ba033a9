#include "vm/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace relux {

void assertion_failed(const char* file, int line, const char* expression, const char* reason) {
    std::fprintf(stderr, "%s:%d: assertion failed: %s (%s)\n", file, line, expression, reason);
    std::abort();
}

}  // namespace relux
