// A trace in the format of Chrome's and Perfetto's viewers, `{"traceEvents":[…]}`, written while the run goes
// on: nothing but one block is held in memory. What has been written is a whole document at every moment, so
// a run that is killed leaves a valid file too. Knows tracks and spans, not what they mean.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "vm/base/duration.h"
#include "vm/base/fd.h"
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
    ~TraceFile();
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

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

    /// Writes what is held. After an error the rest of the trace is dropped.
    void flush();
    /// Once, at the end: flushes, and gives the first error there was, which names the file. The document is
    /// whole in any case, up to where the error came.
    Status close();

  private:
    TraceFile(const std::filesystem::path& file, Fd fd, std::int64_t process);
    void begin_event(std::string_view phase, std::uint32_t track);
    void begin_event(std::string_view phase, std::uint32_t track, Duration time);
    void end_event(TraceArguments arguments);
    void metadata(std::string_view what, std::uint32_t track, std::string_view name);
    bool write_at(std::string_view bytes);

    std::filesystem::path file_;
    Fd fd_;
    std::int64_t process_;
    bool can_seek_;
    std::int64_t written_ = 0;  ///< bytes, without the end of the document
    TextBuffer held_;
    BasicJsonWriter<TextBuffer> json_;
    std::optional<Error> error_;
};

}  // namespace relux::report
