// See trace_file.h. Each block that is written is followed by the end of the document, which the next block
// overwrites. What can't be written at a place of choice, such as a pipe, gets that end once.
#include "vm/report/trace_file.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace relux::report {

namespace {

constexpr std::size_t kBlockSize = 64 * 1024;
constexpr std::string_view kEndOfDocument = "\n]}\n";

}  // namespace

Result<std::unique_ptr<TraceFile>> TraceFile::create(const std::filesystem::path& file,
                                                     std::int64_t process) {
    Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd) return system_error("cannot write the trace " + file.string(), errno);
    return std::unique_ptr<TraceFile>(new TraceFile(file, std::move(fd), process));
}

TraceFile::TraceFile(const std::filesystem::path& file, Fd fd, std::int64_t process)
    : file_(file),
      fd_(std::move(fd)),
      process_(process),
      can_seek_(::lseek(fd_.get(), 0, SEEK_CUR) == 0),
      json_(held_) {
    json_.begin_object();
    json_.key("displayTimeUnit");
    json_.text("ms");
    json_.key("traceEvents");
    json_.begin_array();
}

TraceFile::~TraceFile() {
    static_cast<void>(close());
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

bool TraceFile::write_at(std::string_view bytes) {
    auto offset = written_;
    while (!bytes.empty()) {
        const auto count = can_seek_ ? ::pwrite(fd_.get(), bytes.data(), bytes.size(), offset)
                                     : ::write(fd_.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            error_ = system_error("cannot write the trace " + file_.string(), errno);
            return false;
        }
        offset += count;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void TraceFile::flush() {
    if (held_.text.empty() || error_ || !fd_) return held_.text.clear();
    const auto size = held_.text.size();
    if (can_seek_) held_.text += kEndOfDocument;
    const bool whole = write_at(held_.text);
    held_.text.clear();
    if (whole) {
        written_ += static_cast<std::int64_t>(size);
    } else if (can_seek_ && ::ftruncate(fd_.get(), written_) == 0 && written_ > 0) {
        // There was room for this a moment ago.
        const auto first = error_;
        write_at(kEndOfDocument);
        error_ = first;
    }
}

Status TraceFile::close() {
    if (fd_) {
        flush();
        if (!can_seek_ && !error_) write_at(kEndOfDocument);
        // Some file systems tell only now that there was no room.
        if (::close(fd_.release()) != 0 && !error_)
            error_ = system_error("cannot write the trace " + file_.string(), errno);
    }
    if (error_) return *error_;
    return Done{};
}

}  // namespace relux::report
