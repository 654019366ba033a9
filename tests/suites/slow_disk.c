// A disk that takes its time, to be preloaded: a write to a file whose name has the one of a gate in it waits until
// that gate is open. SLOW_DISK is the directory of the gates. NAME.waits appears when somebody waits, NAME.open opens it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void wait_at(const char* directory, const char* name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.open", directory, name);
    if (access(path, F_OK) == 0) return;
    char waits[4096];
    snprintf(waits, sizeof waits, "%s/%s.waits", directory, name);
    close(open(waits, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    while (access(path, F_OK) != 0)
        usleep(1000);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
    static ssize_t (*next)(int, const void*, size_t);
    if (next == NULL) next = (ssize_t(*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
    const char* const directory = getenv("SLOW_DISK");
    char link[64];
    char file[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = directory == NULL ? -1 : readlink(link, file, sizeof file - 1);
    if (length > 0) {
        file[length] = '\0';
        if (strstr(file, "/slow/") != NULL && strstr(file, ".stdout.raw") != NULL) wait_at(directory, "log");
        if (strstr(file, "/slow/") != NULL && strstr(file, "events.json") != NULL) wait_at(directory, "events");
    }
    return next(descriptor, bytes, size);
}
