// A place in a source file as reports show it.
#pragma once

#include <cstdint>
#include <string>

namespace relux::report {

struct SourcePlace {
    std::string file;        ///< below the project root; empty when there is none
    std::uint32_t line = 0;  ///< 1-based
    std::uint32_t column = 0;
    std::uint32_t end_column = 0;
    std::string text;  ///< the source line, without its newline; empty when stripped
};

}  // namespace relux::report
