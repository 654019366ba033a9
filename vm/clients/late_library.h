// Shared libraries that are loaded when a workflow first needs them: linking them would make every start of
// every program a few milliseconds longer. Whoever includes this calls their functions through curl() and
// pq().
#pragma once

// Its wrappers around variadic functions are macros, which no member of a struct can be called through.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <libpq-fe.h>

#include "vm/base/result.h"

namespace relux::clients {

struct CurlFunctions {
#define CURL_FUNCTION(name) decltype(&::name) name;
#include "vm/clients/late_library.def"
#undef CURL_FUNCTION
};
struct PqFunctions {
#define PQ_FUNCTION(name) decltype(&::name) name;
#include "vm/clients/late_library.def"
#undef PQ_FUNCTION
};

/// Loads libcurl, the first time. To be called before anything that uses it; the error says what is missing.
Status load_curl();
/// The same for libpq.
Status load_pq();

const CurlFunctions& curl();
const PqFunctions& pq();

}  // namespace relux::clients
