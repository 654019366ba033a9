#include "vm/clients/late_library.h"

#include <dlfcn.h>
#include <string>

#include "vm/base/assert.h"

namespace relux::clients {

namespace {

struct Symbol {
    const char* name;
    void* place;  ///< a pointer to the pointer to the function
};

/// The library stays loaded: there is no state in which nobody uses it any more.
Status load(const char* library, const char* package, std::initializer_list<Symbol> symbols) {
    const auto missing = [&](const char* why) {
        return Error{std::string(library) +
                     " can't be loaded: " + (why == nullptr ? "no reason is known" : why) +
                     "; Debian's package " + package + " has it"};
    };
    void* handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return missing(::dlerror());
    for (const auto& symbol : symbols) {
        void* function = ::dlsym(handle, symbol.name);
        if (function == nullptr) return missing(::dlerror());
        *static_cast<void**>(symbol.place) = function;
    }
    return Done{};
}

CurlFunctions curl_functions;
PqFunctions pq_functions;
bool curl_is_there = false;
bool pq_is_there = false;

}  // namespace

Status load_curl() {
    if (curl_is_there) return Done{};
    auto loaded = load("libcurl.so.4", "libcurl4",
                       {
#define CURL_FUNCTION(name) {#name, &curl_functions.name},
#include "vm/clients/late_library.def"
#undef CURL_FUNCTION
                       });
    curl_is_there = static_cast<bool>(loaded);
    return loaded;
}

Status load_pq() {
    if (pq_is_there) return Done{};
    auto loaded = load("libpq.so.5", "libpq5",
                       {
#define PQ_FUNCTION(name) {#name, &pq_functions.name},
#include "vm/clients/late_library.def"
#undef PQ_FUNCTION
                       });
    pq_is_there = static_cast<bool>(loaded);
    return loaded;
}

const CurlFunctions& curl() {
    RELUX_ASSERT(curl_is_there, "load_curl() has been called");
    return curl_functions;
}

const PqFunctions& pq() {
    RELUX_ASSERT(pq_is_there, "load_pq() has been called");
    return pq_functions;
}

}  // namespace relux::clients
