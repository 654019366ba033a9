// A trial does to a module what it must stand once it has passed the verifier: it can be shown, written,
// linked and digested, and each of its chunks runs to an end, a failure or a limit without leaving its frame.
// A broken promise is an assertion. Files that were damaged get their hashes made right, so that the reader
// does not stop there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/choices.h"
#include "vm/bytecode/module.h"

namespace relux::test_support {

/// Makes the hash of a module file or archive that of its bytes, if it is long enough to have one.
void mend_hash(std::string& bytes);
/// Also those of the modules in an archive, as far as they can be found.
void mend_archive(std::string& bytes);

/// Modules that have passed the verifier, in any order; `choices` answers what they wait for. Whether they
/// could be linked and were run.
bool try_modules(std::vector<bytecode::Module> modules, Choices& choices);

/// Reads a module file or archive and tries what is in it. Whether it was accepted and run.
bool try_module_file(std::string_view bytes, Choices& choices);
bool try_archive(std::string_view bytes, Choices& choices);

}  // namespace relux::test_support
