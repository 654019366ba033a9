// One process with its output on pipes, on the libuv loop. As for shells, callbacks never come from inside a
// call and may destroy the object.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "vm/io/output_pipes.h"
#include "vm/io/process_io.h"
#include "vm/io/timed_ending.h"
#include "vm/io/uv_child.h"

namespace relux::io {

class UvLoop;

class UvProcess final : public ProcessIo, public UvChild {
  public:
    /// The process runs already. Everything given by reference must outlive this object.
    UvProcess(UvLoop& loop, OutputPipes pipes, ShellIdentity identity, ProcessListener& listener);
    UvProcess(const UvProcess&) = delete;
    UvProcess& operator=(const UvProcess&) = delete;
    ~UvProcess() override;

    int pid() const override { return identity_.pid; }
    bool has_members() override;
    void end(Duration grace) override;
    bool ended() const override { return ended_; }
    const std::vector<LeftProcess>& killed() const override { return ending_.killed(); }

    pid_t process() const override { return identity_.pid; }
    bool waits_for_others() const override { return ending_.waits_for_others(); }
    std::optional<ExitStatus> collect_exit() override;
    void children_changed(std::optional<ExitStatus> status) override;

  private:
    struct OpenStream {
        Fd descriptor;
        std::unique_ptr<DescriptorWatch> watch;
    };
    enum class Progress : std::uint8_t { Gone, Drained, MoreLeft };  // Gone: the listener destroyed us

    OpenStream& stream(Stream which) { return streams_[static_cast<std::size_t>(which)]; }
    void open(Stream which, Fd descriptor);
    Progress deliver(Stream which);
    Progress close(Stream which);
    void finish();

    UvLoop& loop_;
    ShellIdentity identity_;
    ProcessListener& listener_;
    TimedEnding ending_;
    std::array<OpenStream, 2> streams_;
    bool exited_ = false;
    bool ended_ = false;
    /// Owned here alone; whoever calls the listener holds a weak reference and sees whether we are still
    /// there.
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace relux::io
