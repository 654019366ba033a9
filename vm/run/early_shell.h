// A shell that is started before the test that is going to need it, while the shells of the test before are
// ending. It has been sent nothing. The test takes it over only if it is what it would have started itself.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "vm/io/loop.h"
#include "vm/io/task.h"

namespace relux::run {

class EarlyShell final : public io::ShellListener {
  public:
    /// Null: the shell can't be opened, and whoever needs it will see why.
    static std::unique_ptr<EarlyShell> open(io::Loop& loop, io::ShellOptions options);
    /// After take() or end().
    ~EarlyShell() override = default;

    bool taken() const { return io_ == nullptr; }
    /// It runs, waits for its first command, and was started with these options.
    bool fits(const io::ShellOptions& options) const;
    /// Gives it away. `listener` hears from now on what happens; what was printed before is in `output`.
    std::unique_ptr<io::ShellIo> take(io::ShellListener& listener, std::string& output);
    /// Kills it. When it returns, no process of it is left; the object that it gives is to be destroyed
    /// outside the callbacks of shells.
    io::Task<std::unique_ptr<io::ShellIo>> end();

    void on_output(std::string_view bytes) override;
    void on_output_closed() override { usable_ = false; }
    void on_exit(io::ExitStatus) override { usable_ = false; }
    void on_ended() override { ended_.notify_all(); }

  private:
    explicit EarlyShell(io::ShellOptions options) : options_(std::move(options)) {}

    io::ShellOptions options_;
    std::unique_ptr<io::ShellIo> io_;
    std::string output_;
    bool usable_ = true;
    io::Signal ended_;
};

}  // namespace relux::run
