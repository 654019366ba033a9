// One shell on the libuv loop: its terminal's bytes in and out, its process's end, its family's end.
// Guarantees of the interface (no callback from inside a call, none after destruction, destruction inside a
// callback) rest on the poll handle: it outlives this object and knows whether the object is still there.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <uv.h>

#include "vm/io/loop.h"
#include "vm/io/output_turns.h"
#include "vm/io/terminal.h"
#include "vm/io/terminal_reader.h"
#include "vm/io/timed_ending.h"
#include "vm/io/uv_child.h"

namespace relux::io {

class UvLoop;

class UvShell final : public ShellIo, public UvChild {
  public:
    /// The process runs on the terminal already. Everything given by reference must outlive this object.
    UvShell(UvLoop& loop, Terminal terminal, ShellIdentity identity, ShellListener& listener);
    UvShell(const UvShell&) = delete;
    UvShell& operator=(const UvShell&) = delete;
    ~UvShell() override;

    int pid() const override { return identity_.pid; }
    void adopt(ShellListener& listener) override;
    void write(std::string_view bytes) override;
    std::size_t unwritten() const override { return outgoing_.size() - written_; }
    ReaderState reader_state() override;
    bool reader_waits() const override { return reader_.waiting_reader() != 0; }
    bool shell_waits() const override { return reader_.shell_waits(); }
    bool is_relayed() const override { return reader_.is_relayed(); }
    std::string foreground() const override { return reader_.foreground(); }
    void set_statement(std::uint32_t number) override;
    bool output_waits() const override;
    bool take_output() override;
    std::size_t line_limit() const override { return terminal_line_limit(master()); }
    void end(Duration grace) override;
    bool ended() const override { return ended_; }
    const std::vector<LeftProcess>& killed() const override { return ending_.killed(); }
    const std::vector<LeftProcess>& daemons() const override { return ending_.daemons(); }

    pid_t process() const override { return identity_.pid; }
    bool waits_for_others() const override { return ending_.waits_for_others(); }
    std::optional<ExitStatus> collect_exit() override;
    void children_changed(std::optional<ExitStatus> status) override;

  private:
    struct PollHandle final : OutputSource {
        explicit PollHandle(UvShell* shell) : owner(shell) {}
        void look() override;
        uv_poll_t poll{};
        UvShell* owner;
    };
    enum class ReadResult : std::uint8_t { Drained, MoreLeft, Closed };
    enum class Reading : std::uint8_t { WhatIsThere, All };

    static void on_ready(uv_poll_t* poll, int status, int events);
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

    UvLoop& loop_;
    Terminal terminal_;
    ShellIdentity identity_;
    ShellListener* listener_;
    PollHandle* handle_;  // freed by its close callback
    TerminalReader reader_;
    TimedEnding ending_;
    std::unique_ptr<Timer> write_timer_;
    std::string outgoing_;
    std::size_t written_ = 0;
    int watched_events_ = 0;
    bool flooding_ = false;  ///< it is looked at in turn with others that print much
    int small_looks_ = 0;    ///< in a row, while it is
    bool output_closed_ = false;
    bool exited_ = false;
    bool ended_ = false;
};

}  // namespace relux::io
