#include "vm/run/prompt_watch.h"

#include <algorithm>

#include "vm/run/unfinished_line.h"

namespace relux::run {

namespace {

/// Enough for whatever is sent between two matches; the oldest ones go.
constexpr std::size_t kMostWaits = 1024;
/// Escape sequences that a shell writes behind its prompt have so many bytes at most.
constexpr std::size_t kMostBehind = 64;

bool is_line(char byte) {
    return byte == '\n' || byte == '\r' || (static_cast<unsigned char>(byte) < ' ' && byte != '\t');
}

}  // namespace

void PromptWatch::sent(std::string_view bytes, const match::OutputBuffer& buffer) {
    typed_at_ = buffer.end();
    typed_ += static_cast<std::size_t>(std::count_if(bytes.begin(), bytes.end(), is_line));
}

void PromptWatch::seen_waiting(match::Position end) {
    const bool typed_ahead = std::exchange(typed_, 0) > 1;
    if (!waits_.empty() && waits_.back().end >= end) return;
    if (waits_.size() == kMostWaits) waits_.erase(waits_.begin());
    waits_.push_back({end, typed_ahead});
}

void PromptWatch::consumed(match::Position cursor) {
    const auto first = std::find_if(waits_.begin(), waits_.end(),
                                    [cursor](const Waiting& waiting) { return waiting.end > cursor; });
    waits_.erase(waits_.begin(), first);
}

std::optional<match::Position> PromptWatch::find(const match::OutputBuffer& buffer) const {
    for (const auto& waiting : waits_) {
        if (waiting.end <= buffer.cursor() || waiting.end > buffer.end()) continue;
        const auto text = buffer.view(buffer.cursor(), waiting.end);
        const auto at = text.rfind(prompt_);
        if (at == std::string_view::npos) continue;
        return waiting.typed_ahead ? pick(buffer, text, at) : buffer.cursor() + at + prompt_.size();
    }
    return std::nullopt;
}

// Behind a prompt comes what was typed, not the end of the line.
match::Position PromptWatch::pick(const match::OutputBuffer& buffer, std::string_view text,
                                  std::size_t last) const {
    for (std::size_t at = text.find(prompt_); at < last; at = text.find(prompt_, at + 1)) {
        const auto behind = text.substr(at + prompt_.size());
        if (!behind.starts_with("\r\n") && !behind.starts_with('\n'))
            return buffer.cursor() + at + prompt_.size();
    }
    return buffer.cursor() + last + prompt_.size();
}

bool PromptWatch::at_prompt(const match::OutputBuffer& buffer) const {
    const auto size = buffer.end() - buffer.begin();
    return buffer.end() > typed_at_ && size >= prompt_.size() &&
           buffer.view(buffer.end() - prompt_.size(), buffer.end()) == prompt_;
}

bool PromptWatch::shows_prompt(const match::OutputBuffer& buffer) const {
    if (at_prompt(buffer)) return true;
    if (buffer.end() <= typed_at_) return false;
    const auto size = std::min<match::Position>(buffer.end() - buffer.begin(), prompt_.size() + kMostBehind);
    const auto text = buffer.view(buffer.end() - size, buffer.end());
    const auto at = text.rfind(prompt_);
    if (at == std::string_view::npos) return false;
    const auto behind = text.substr(at + prompt_.size());
    return behind.starts_with('\x1b') && behind.find('\n') == std::string_view::npos &&
           unfinished_line(behind).empty();
}

}  // namespace relux::run
