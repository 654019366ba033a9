// toml++ is compiled here, once; elsewhere only its declarations are seen.
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>
