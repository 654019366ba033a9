// Which of the places where the prompt's text stands in the output is a prompt: the last one before the shell
// was seen to wait for input (language 14). A program that prints the text, such as one that shows its
// environment, prints no prompt. Knows no clock and no process: its owner looks, and tells what it has seen.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/match/output_buffer.h"

namespace relux::run {

class PromptWatch {
  public:
    explicit PromptWatch(std::string prompt) : prompt_(std::move(prompt)) {}

    const std::string& prompt() const { return prompt_; }
    /// This has been typed, when so much output had come.
    void sent(std::string_view bytes, const match::OutputBuffer& buffer);
    /// The shell waits for input, and has printed nothing behind `end`.
    void seen_waiting(match::Position end);
    /// The cursor has moved on to here.
    void consumed(match::Position cursor);
    /// The end of the first prompt behind the cursor at which the shell was seen to wait.
    std::optional<match::Position> find(const match::OutputBuffer& buffer) const;
    /// The output ends with the prompt's text, and has come since the last bytes were typed.
    bool at_prompt(const match::OutputBuffer& buffer) const;
    /// The same, though escape sequences may stand behind it, as zsh has them there.
    bool shows_prompt(const match::OutputBuffer& buffer) const;

  private:
    struct Waiting {
        match::Position end = 0;
        /// More than one line has been typed since it was seen to wait before, so it may have come by other
        /// prompts meanwhile.
        bool typed_ahead = false;
    };
    match::Position pick(const match::OutputBuffer& buffer, std::string_view text, std::size_t last) const;

    std::string prompt_;
    std::vector<Waiting> waits_;  ///< in order, those behind the cursor
    match::Position typed_at_ = 0;
    std::size_t typed_ = 0;  ///< lines and control bytes since it was seen to wait
};

}  // namespace relux::run
