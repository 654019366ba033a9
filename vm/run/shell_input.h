// Sends to a shell, once somebody reads (language 6.1).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vm/io/task.h"
#include "vm/run/sent_lines.h"
#include "vm/run/shell_parts.h"
#include "vm/run/shell_reader.h"
#include "vm/run/shell_senders.h"

namespace relux::run {

class ShellInput {
  public:
    /// `shell` outlives this.
    explicit ShellInput(ShellParts& shell) : shell_(shell), reader_(shell) {}

    /// From here on all that is sent is read for what it names. `environment` is that of the shell.
    void note_lines(const std::vector<std::string>& environment);
    /// Waits for the reader, then writes. False when it failed or was stopped.
    io::Task<bool> send(std::string_view text, bool newline);
    /// Writes at once, whoever reads. Likewise.
    io::Task<bool> send_control(std::string_view bytes);
    /// `newline`: the last byte is one that the test did not write.
    void write(std::string_view bytes, bool newline = false);
    /// Nothing more is sent.
    void end();

    ShellReader& reader() { return reader_; }
    const ShellReader& reader() const { return reader_; }
    const ShellSenders& senders() const { return senders_; }

  private:
    /// `hold` is what a look has just found.
    io::Task<void> wait_for_reader(std::string_view text, ShellReader::Hold hold);
    bool put(std::string_view text, bool newline);
    bool line_fits(std::string_view text, bool newline);

    ShellParts& shell_;
    ShellReader reader_;
    ShellSenders senders_;
    std::unique_ptr<SentLines> sent_lines_;  ///< null: nobody wants to know
    std::size_t line_length_ = 0;            ///< bytes sent since the last newline
};

}  // namespace relux::run
