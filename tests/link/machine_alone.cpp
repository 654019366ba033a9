// Proves that the machine stands alone: this program links the vm layers and nothing of the front end or the
// compiler. It reads and links an archive and prints the number of its modules.
#include <cstdio>
#include <memory>
#include <string>

#include "vm/bytecode/module_file.h"
#include "vm/exec/program.h"

namespace {

/// Empty when the file can't be read, which is no archive either.
std::string contents(const char* path) {
    std::string bytes;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "rb"), &std::fclose);
    if (!file) return bytes;
    char chunk[4096];
    while (auto size = std::fread(chunk, 1, sizeof chunk, file.get()))
        bytes.append(chunk, size);
    return bytes;
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count != 2) {
        std::fprintf(stderr, "usage: link_machine ARCHIVE\n");
        return 2;
    }
    auto archive = relux::bytecode::read_archive(contents(arguments[1]));
    if (!archive) {
        std::fprintf(stderr, "%s: %s\n", arguments[1], archive.error().message.c_str());
        return 1;
    }
    auto program = relux::exec::Program::link(std::move(archive->modules));
    if (!program) {
        std::fprintf(stderr, "%s: %s\n", arguments[1], program.error().message.c_str());
        return 1;
    }
    std::printf("%zu modules\n", (*program)->modules().size());
    return 0;
}
