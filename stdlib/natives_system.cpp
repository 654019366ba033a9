// Built-ins that ask the world: which, available_port, sha1. Files are looked at, never opened.
#include <openssl/evp.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "stdlib/natives_pure.h"

namespace relux::exec {

namespace {

bool is_executable_file(const std::string& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

NativeResult native_which(NativeCall& call) {
    std::string name(call.arguments[0].view());
    // A zero byte would cut the path that the system sees.
    if (name.empty() || name.find('\0') != std::string::npos) return Value();
    if (name.find('/') != std::string::npos) return is_executable_file(name) ? call.arguments[0] : Value();
    auto rest = call.host.base_environment("PATH").value_or("");
    while (!rest.empty()) {
        auto colon = rest.find(':');
        auto directory = rest.substr(0, colon);
        rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
        // An empty entry means the current directory.
        std::string path(directory.empty() ? std::string_view(".") : directory);
        if (!path.ends_with('/')) path += '/';
        path += name;
        if (is_executable_file(path)) return Value(path);
    }
    return Value();
}

NativeResult native_available_port(NativeCall& call) {
    auto port = call.host.available_port();
    if (!port) return Error{"available_port: " + port.error().message, port.error().code};
    return Value(std::to_string(*port));
}

NativeResult native_sha1(NativeCall& call) {
    auto text = call.arguments[0].view();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int done = EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
    // A system policy may forbid SHA-1.
    if (done != 1) return Error{"sha1: this system's OpenSSL refuses to compute SHA-1"};
    constexpr char kDigits[] = "0123456789abcdef";
    std::string hexadecimal;
    for (unsigned i = 0; i < size; ++i) {
        hexadecimal += kDigits[digest[i] >> 4];
        hexadecimal += kDigits[digest[i] & 15];
    }
    return Value(hexadecimal);
}

}  // namespace relux::exec
