// The end of the document follows each block that is written, and the next block overwrites it. A pipe and
// the like, where no place can be chosen, gets that end once.
#include "vm/report/trace_file.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <optional>
#include <unistd.h>
#include <utility>

#include "vm/base/fd.h"

namespace relux::report {

namespace {

constexpr std::size_t kBlockSize = 64 * 1024;
constexpr std::size_t kMostWaiting = 16 * 1024 * 1024;
constexpr std::string_view kEndOfDocument = "\n]}\n";

}  // namespace

/// The file and how far it is written. Whoever writes uses it alone.
struct TraceFile::Target {
    Target(std::filesystem::path its_file, Fd its_fd)
        : file(std::move(its_file)), fd(std::move(its_fd)), can_seek(::lseek(fd.get(), 0, SEEK_CUR) == 0) {}

    void write(std::string text);
    void close();
    bool write_at(std::string_view bytes);

    std::filesystem::path file;
    Fd fd;
    bool can_seek;
    std::int64_t written = 0;  ///< bytes, without the end of the document
    std::optional<Error> error;
};

Result<std::unique_ptr<TraceFile>> TraceFile::create(const std::filesystem::path& file,
                                                     std::int64_t process) {
    Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd) return system_error("cannot write the trace " + file.string(), errno);
    return std::unique_ptr<TraceFile>(new TraceFile(std::make_shared<Target>(file, std::move(fd)), process));
}

TraceFile::TraceFile(std::shared_ptr<Target> target, std::int64_t process)
    : target_(std::move(target)), process_(process), json_(held_) {
    json_.begin_object();
    json_.key("displayTimeUnit");
    json_.text("ms");
    json_.key("traceEvents");
    json_.begin_array();
}

TraceFile::~TraceFile() {
    static_cast<void>(close([] { return true; }));
}

void TraceFile::begin_event(std::string_view phase, std::uint32_t track) {
    json_.new_line();
    json_.begin_object();
    json_.key("ph");
    json_.text(phase);
    json_.key("pid");
    json_.number(process_);
    json_.key("tid");
    json_.number(track);
}

void TraceFile::begin_event(std::string_view phase, std::uint32_t track, Duration time) {
    begin_event(phase, track);
    json_.key("ts");
    json_.microseconds(time);
}

void TraceFile::end_event(TraceArguments arguments) {
    if (arguments.size() > 0) {
        json_.key("args");
        json_.begin_object();
        for (const auto& [name, value] : arguments) {
            json_.key(name);
            if (value.is_text) {
                json_.text(value.text);
            } else {
                json_.number(value.number);
            }
        }
        json_.end_object();
    }
    json_.end_object();
    if (held_.text.size() >= kBlockSize) flush();
}

void TraceFile::metadata(std::string_view what, std::uint32_t track, std::string_view name) {
    begin_event("M", track);
    json_.key("name");
    json_.text(what);
    end_event({{"name", name}});
}

void TraceFile::name_process(std::string_view name) {
    metadata("process_name", 0, name);
}

void TraceFile::name_track(std::uint32_t track, std::string_view name, std::int64_t rank) {
    metadata("thread_name", track, name);
    begin_event("M", track);
    json_.key("name");
    json_.text("thread_sort_index");
    end_event({{"sort_index", rank}});
}

void TraceFile::begin(std::uint32_t track, Duration time, std::string_view category, std::string_view name,
                      TraceArguments arguments) {
    begin_event("B", track, time);
    json_.key("cat");
    json_.text(category);
    json_.key("name");
    json_.text(name);
    end_event(arguments);
}

void TraceFile::end(std::uint32_t track, Duration time, TraceArguments arguments) {
    begin_event("E", track, time);
    end_event(arguments);
}

void TraceFile::instant(std::uint32_t track, Duration time, std::string_view category, std::string_view name,
                        TraceArguments arguments) {
    begin_event("i", track, time);
    json_.key("s");
    json_.text("t");  // of the track alone
    json_.key("cat");
    json_.text(category);
    json_.key("name");
    json_.text(name);
    end_event(arguments);
}

void TraceFile::counter(Duration time, std::string_view name, TraceArguments arguments) {
    begin_event("C", 0, time);
    json_.key("name");
    json_.text(name);
    end_event(arguments);
}

bool TraceFile::Target::write_at(std::string_view bytes) {
    auto offset = written;
    while (!bytes.empty()) {
        const auto count = can_seek ? ::pwrite(fd.get(), bytes.data(), bytes.size(), offset)
                                    : ::write(fd.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            error = system_error("cannot write the trace " + file.string(), errno);
            return false;
        }
        offset += count;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void TraceFile::Target::write(std::string text) {
    if (error) return;
    const auto size = text.size();
    if (can_seek) text += kEndOfDocument;
    if (write_at(text)) {
        written += static_cast<std::int64_t>(size);
    } else if (can_seek && ::ftruncate(fd.get(), written) == 0 && written > 0) {
        // There was room for this a moment ago.
        const auto first = error;
        write_at(kEndOfDocument);
        error = first;
    }
}

void TraceFile::Target::close() {
    if (!can_seek && !error) write_at(kEndOfDocument);
    // Some file systems tell only now that there was no room.
    if (::close(fd.release()) != 0 && !error)
        error = system_error("cannot write the trace " + file.string(), errno);
}

void TraceFile::have_done(std::size_t size, std::function<void()> work) {
    if (!in_background_ || !background_.add(size, std::move(work)))
        work();  // NOLINT(bugprone-use-after-move)
}

void TraceFile::flush() {
    if (held_.text.empty()) return;
    too_far_behind_ = too_far_behind_ || (in_background_ && background_.waiting() > kMostWaiting);
    auto text = std::exchange(held_.text, {});
    if (too_far_behind_ || closed_) return;
    const auto size = text.size();
    have_done(size,
              [target = target_, block = std::move(text)]() mutable { target->write(std::move(block)); });
}

Status TraceFile::close(const std::function<bool()>& told_to_end) {
    constexpr auto kPieceOfTime = std::chrono::milliseconds(10);
    constexpr int kPatience = 100;
    if (!closed_) {
        flush();
        have_done(0, [target = target_] { target->close(); });
        closed_ = true;
    }
    int idle = 0;
    for (auto waiting = background_.waiting(); !background_.wait_until_done(kPieceOfTime);) {
        idle = background_.waiting() == waiting ? idle + 1 : 0;
        waiting = background_.waiting();
        if (told_to_end && told_to_end() && idle >= kPatience) too_far_behind_ = true;
        if (too_far_behind_ && idle >= kPatience)
            return Error{"cannot write the trace " + target_->file.string() + ": nobody takes it", ETIMEDOUT};
    }
    if (target_->error) return *target_->error;
    if (too_far_behind_)
        return Error{"cannot write the trace " + target_->file.string() + ": it was taken too slowly",
                     ETIMEDOUT};
    return Done{};
}

}  // namespace relux::report
