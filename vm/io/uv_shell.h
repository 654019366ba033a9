// One shell on the libuv loop: its terminal's bytes in and out, its process's end, its family's end.
// Guarantees of the interface: no callback from inside a call, none after destruction, and a callback may
// destroy the object.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "vm/io/loop.h"
#include "vm/io/output_turns.h"
#include "vm/io/terminal.h"
#include "vm/io/terminal_reader.h"
#include "vm/io/uv_child.h"

namespace relux::io {

class UvLoop;

class UvShell final : public ShellIo, public UvChild, private OutputSource {
  public:
    /// The process runs on the terminal already. Everything given by reference must outlive this object.
    UvShell(UvLoop& loop, Terminal terminal, ShellIdentity identity, ShellListener& listener);
    UvShell(const UvShell&) = delete;
    UvShell& operator=(const UvShell&) = delete;
    ~UvShell() override;

    /// False: the system refuses to tell when the terminal is ready, and nothing can be done with the shell.
    bool is_watched() const { return watch_ != nullptr; }

    int pid() const override { return identity_.pid; }
    void adopt(ShellListener& listener) override;
    void write(std::string_view bytes) override;
    std::size_t unwritten() const override { return outgoing_.size() - written_; }
    ReaderState reader_state() override;
    bool reader_waits() const override { return reader_.waiting_reader() != 0; }
    bool shell_waits() const override { return reader_.shell_waits(); }
    bool is_relayed() const override { return reader_.is_relayed(); }
    std::string foreground() const override { return reader_.foreground(); }
    TerminalJob terminal_job() const override;
    void set_statement(std::uint32_t number) override;
    bool output_waits() const override;
    bool take_output() override;
    std::size_t line_limit() const override { return terminal_line_limit(master()); }
    void end(Duration grace) override;
    bool ended() const override { return ended_; }
    const std::vector<LeftProcess>& killed() const override { return ending_.killed(); }
    const std::vector<LeftProcess>& daemons() const override { return ending_.daemons(); }

    void children_changed(std::optional<ExitStatus> status) override;

  private:
    enum class ReadResult : std::uint8_t { Drained, MoreLeft, Closed };
    enum class Reading : std::uint8_t { WhatIsThere, All };

    void on_ready(Readiness ready);
    void look() override;
    int master() const { return terminal_.master.get(); }
    void watch_terminal();
    ReadResult read_chunk(std::string_view& bytes, Reading reading);
    // These call the listener; false when it destroyed the object.
    bool deliver_output(Reading reading, ReadResult* result = nullptr);
    void follow_flow(std::size_t size);
    void set_flooding(bool flooding);
    bool close_output();
    bool drain_output();
    void flush();
    void finish();

    Terminal terminal_;
    ShellListener* listener_;
    TerminalReader reader_;
    std::unique_ptr<Timer> write_timer_;
    std::string outgoing_;
    std::size_t written_ = 0;
    Readiness watched_;
    std::unique_ptr<DescriptorWatch> watch_;
    bool flooding_ = false;  ///< it is looked at in turn with others that print much
    int small_looks_ = 0;    ///< in a row, while it is
    bool output_closed_ = false;
};

}  // namespace relux::io
