#include "vm/report/test_report.h"

#include <cerrno>
#include <limits>
#include <system_error>

#include "vm/base/files.h"
#include "vm/report/event_page.h"
#include "vm/report/events_json.h"
#include "vm/report/masked_log.h"
#include "vm/report/report_file.h"

namespace relux::report {

namespace {

namespace fs = std::filesystem;

Status mask_file(const fs::path& file, const SecretSearch& secrets) {
    // The test could put anything in its place; of a log no size would be a surprise.
    auto opened = open_to_read(file, std::numeric_limits<std::size_t>::max());
    if (!opened) return opened.error();
    const Fd source = std::move(opened->descriptor);
    ReportFile target(file);
    SecretStream stream(secrets);
    std::string block(64 * 1024, '\0');
    std::string masked;
    for (;;) {
        const auto count = ::read(source.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("cannot read " + file.string(), errno);
        masked.clear();
        if (count == 0) break;
        stream.feed(std::string_view(block).substr(0, static_cast<std::size_t>(count)), masked);
        target.write(masked);
    }
    stream.finish(masked);
    target.write(masked);
    return target.commit(false);
}

// A value may have been in the output before a variable got it, `let token = $1`.
Status mask_shell_logs(const TestRecord& record) {
    std::error_code error;
    Status status = Done{};
    for (const auto& entry : fs::directory_iterator(record.directory, error)) {
        const auto extension = entry.path().extension();
        if (extension != ".raw" && extension != ".log") continue;
        auto masked = mask_file(entry.path(), record.secrets.search());
        if (status && !masked) status = std::move(masked);
    }
    return status;
}

}  // namespace

Status write_test_report(const TestRecord& record) {
    const MaskedLog log(record);
    Status written[] = {
        record.secrets.learned() ? mask_shell_logs(record) : Status(Done{}),
        write_events_json(record, log, record.directory / "events.json"),
        write_event_page(record, log, record.directory / "event.html"),
    };
    for (auto& status : written) {
        if (!status) return std::move(status);
    }
    return Done{};
}

}  // namespace relux::report
