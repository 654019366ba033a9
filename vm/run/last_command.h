// What a shell was given last at its prompt: the command that an exit code is of. A line that is sent while
// no prompt stands at the end of the output goes to the command, or is a part of it, such as a here-document.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vm/match/output_buffer.h"
#include "vm/report/outcome.h"
#include "vm/report/secret_search.h"

namespace relux::run {

class LastCommand {
  public:
    /// Has the shell print the exit code of the command before. The echo of it has `$?` between the colons,
    /// so it can't be taken for the answer.
    static constexpr std::string_view kQuestion = "echo ::$?::";

    /// These bytes are written now, when so much output had come; `at_prompt`: it ended with the prompt.
    void sent(std::string_view bytes, bool at_prompt, match::Position output_end);
    /// Something has been given to the shell, and its exit code has not been asked for.
    bool is_unasked() const { return known_ && !asked_at_; }
    /// The command that the last question was about, as messages have it: "`./migrate.sh`", or "the last
    /// command" if it can't be told.
    std::string asked_about(const report::SecretSearch& secrets) const;
    /// Shows in `failure` what that command has printed, its last lines, in the place of the output after the
    /// cursor. Leaves it as it is if it can't be told.
    void describe_output(report::Failure& failure, const match::OutputBuffer& buffer, std::string_view prompt,
                         const report::SecretSearch& secrets) const;
    /// The command as messages have it, masked and shortened.
    std::string shown(const report::SecretSearch& secrets) const;

  private:
    bool is_question(std::string_view bytes) const;

    std::string text_;  ///< as sent, without the last newline; the beginning of a long one
    match::Position begin_ = 0;
    std::optional<match::Position> asked_at_;  ///< the end of the output at the question
    bool known_ = false;
    bool open_ = false;  ///< the line has not been ended yet
};

}  // namespace relux::run
