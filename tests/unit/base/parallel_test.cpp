#include "vm/base/parallel.h"

#include <vector>

#include <doctest/doctest.h>

namespace relux {

TEST_CASE("everything is done once, whatever the count") {
    for (const std::size_t count : {0, 1, 3, 15, 16, 17, 31, 32, 33, 1000, 4097}) {
        std::vector<int> done(count, 0);
        parallel_for(count, [&](std::size_t i) { ++done[i]; });
        CHECK(done == std::vector<int>(count, 1));
    }
}

}  // namespace relux
