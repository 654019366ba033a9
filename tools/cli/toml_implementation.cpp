// toml++ is compiled here, once; elsewhere only its declarations are seen.
// Its assertions are left out: one of them holds for no `[` before a line that begins with a brace, where the
// code behind it finds the mistake and says so.
#define TOML_ASSERT(expr) static_cast<void>(0)
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>
