// Reads what a shell is sent for what it names: files, programs, variables of its environment. For
// incremental runs, which may skip a test only while these are the same; no other run looks.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/shell_words.h"
#include "vm/report/outcome.h"
#include "vm/report/secrets.h"

namespace relux::run {

class SentLines {
  public:
    /// `environment` is that of the shell, NAME=value. `secrets` and `names`, which gets what is found,
    /// outlive this. What holds a secret is left out.
    SentLines(std::vector<std::string> environment, const report::Secrets& secrets, report::SentNames& names);

    /// In pieces cut anywhere.
    void add(std::string_view bytes);
    /// Takes what has come after the last end of a line as a line too.
    void finish();

  private:
    std::optional<std::string> variable(std::string_view name);
    std::optional<std::string> from_environment(std::string_view name) const;
    void read(std::string_view line);
    void note(const ShellWord& word);
    void note_command(const std::string& command);

    std::vector<std::string> environment_;
    const report::Secrets& secrets_;
    report::SentNames& names_;
    std::map<std::string, std::string, std::less<>> set_;  ///< by the lines themselves
    std::string line_;
    bool to_directory_ = false;  ///< the next word is where relative paths begin
};

}  // namespace relux::run
