// A trace in the format of Chrome's and Perfetto's viewers, `{"traceEvents":[…]}`, written while the run goes
// on: nothing but one block is held in memory. What has been written is a whole document at every moment, so
// a run that is killed leaves a valid file too. Knows tracks and spans, not what they mean.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "vm/base/background_work.h"
#include "vm/base/duration.h"
#include "vm/base/result.h"
#include "vm/report/event_log.h"
#include "vm/report/json_writer.h"

namespace relux::report {

struct TraceArgument {
    std::string_view name;
    Field value;  ///< a text or an integer; texts are views for the time of the call
};
using TraceArguments = std::initializer_list<TraceArgument>;

class TraceFile {
  public:
    /// Replaces what is there. The error names the file. `process` is the number under which the viewer shows
    /// the tracks.
    static Result<std::unique_ptr<TraceFile>> create(const std::filesystem::path& file, std::int64_t process);
    /// Without close() what has not been written by then may be missing.
    ~TraceFile();
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

    /// From now on nobody waits for the disk, or for whoever reads the trace: a thread writes it. Up to 16
    /// MiB wait; then the trace ends early.
    /// Writes first what is held, so that the file is a document from the beginning.
    void write_in_background() {
        flush();
        in_background_ = true;
    }

    // Times are since the start of the run, and none is before the one that was given last.
    void name_process(std::string_view name);
    /// Tracks are shown in the order of `rank`.
    void name_track(std::uint32_t track, std::string_view name, std::int64_t rank);
    /// Spans of one track nest: the one that began last ends first.
    void begin(std::uint32_t track, Duration time, std::string_view category, std::string_view name,
               TraceArguments arguments);
    void end(std::uint32_t track, Duration time, TraceArguments arguments);
    void instant(std::uint32_t track, Duration time, std::string_view category, std::string_view name,
                 TraceArguments arguments);
    /// A track of its own, which shows a line for each argument.
    void counter(Duration time, std::string_view name, TraceArguments arguments);

    /// Writes what is held, or has it written. After an error the rest of the trace is dropped.
    void flush();
    /// Once, at the end: flushes, and gives the first error there was, which names the file. The document is
    /// whole in any case, up to where the error came. Waits until all is written; `told_to_end` is asked now
    /// and then whether somebody wants it to end all the same, which it does as soon as nothing has been
    /// written for a second.
    Status close(const std::function<bool()>& told_to_end = {});

  private:
    struct Target;
    TraceFile(std::shared_ptr<Target> target, std::int64_t process);
    void begin_event(std::string_view phase, std::uint32_t track);
    void begin_event(std::string_view phase, std::uint32_t track, Duration time);
    void end_event(TraceArguments arguments);
    void metadata(std::string_view what, std::uint32_t track, std::string_view name);
    /// Now, or by the thread.
    void have_done(std::size_t size, std::function<void()> work);

    /// The file that is written to, owned by the thread too.
    std::shared_ptr<Target> target_;
    std::int64_t process_;
    bool in_background_ = false;
    bool too_far_behind_ = false;
    bool closed_ = false;
    BackgroundWork background_{"relux: trace"};
    TextBuffer held_;
    BasicJsonWriter<TextBuffer> json_;
};

}  // namespace relux::report
