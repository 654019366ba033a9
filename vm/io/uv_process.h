// One process with its output on pipes, on the libuv loop. As for shells, callbacks never come from inside a
// call and may destroy the object.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "vm/io/output_pipes.h"
#include "vm/io/process_io.h"
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

    ProcessListener& listener_;
    std::array<OpenStream, 2> streams_;
};

}  // namespace relux::io
