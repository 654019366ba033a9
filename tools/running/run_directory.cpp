// Creation of run directories. Two runs at once never share one, and `latest` is never missing between two
// runs.
#include "tools/running/run_directory.h"

#include <array>
#include <cerrno>
#include <ctime>
#include <sys/random.h>
#include <unistd.h>

namespace relux::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRunIdLength = 10;

Result<std::string> random_run_id() {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string id;
    std::array<unsigned char, 32> bytes{};
    while (id.size() < kRunIdLength) {
        if (::getrandom(bytes.data(), bytes.size(), 0) < 0) {
            if (errno == EINTR) continue;
            return system_error("no random bytes for the run's name", errno);
        }
        for (auto byte : bytes) {
            auto index = static_cast<std::size_t>(byte & 63);
            if (index < kAlphabet.size() && id.size() < kRunIdLength) id += kAlphabet[index];
        }
    }
    return id;
}

std::string format_time(const char* format, std::chrono::system_clock::time_point now) {
    auto seconds = std::chrono::system_clock::to_time_t(now);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    auto size = std::strftime(text.data(), text.size(), format, &parts);
    return std::string(text.data(), size);
}

Status point_latest_at(const fs::path& out, const std::string& name, const std::string& run_id) {
    auto temporary = out / ("latest-" + run_id);
    std::error_code error;
    fs::create_symlink(name, temporary, error);
    if (!error) fs::rename(temporary, out / "latest", error);
    if (!error) return Done{};
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return Error{"cannot replace " + (out / "latest").string() + ": " + error.message(), error.value()};
}

}  // namespace

Result<RunDirectory> create_run_directory(const fs::path& root, std::chrono::system_clock::time_point now,
                                          mode_t mode) {
    auto run_id = random_run_id();
    if (!run_id) return run_id.error();
    auto name = format_time("run-%Y-%m-%d-%H-%M-%S-", now) + *run_id;
    auto out = root / "relux" / "out";
    std::error_code error;
    if (fs::exists(fs::symlink_status(out / name, error)))
        return Error{(out / name).string() + " exists already", EEXIST};
    error = report::make_directories(out / name, mode);
    if (error) return Error{"cannot create " + (out / name).string() + ": " + error.message(), error.value()};
    error = report::make_directories(out / name / "artifacts", mode);
    if (error)
        return Error{"cannot create " + (out / name / "artifacts").string() + ": " + error.message(),
                     error.value()};
    auto pointed = point_latest_at(out, name, *run_id);
    if (!pointed) return pointed.error();
    return RunDirectory{out / name, *run_id, format_time("%Y-%m-%dT%H:%M:%SZ", now)};
}

}  // namespace relux::cli
