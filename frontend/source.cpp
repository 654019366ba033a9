// Normalises the text of a file once, so that every later stage sees `\n` only and a newline at the very end,
// and indexes its lines.
#include "frontend/source.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "vm/base/assert.h"

namespace relux::frontend {

namespace {

void normalize(std::string& text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (text.find('\r') != std::string::npos) {
        std::size_t out = 0;
        for (std::size_t in = 0; in < text.size(); ++in) {
            if (text[in] == '\r' && in + 1 < text.size() && text[in + 1] == '\n') continue;
            text[out++] = text[in];
        }
        text.resize(out);
    }
    if (text.empty() || text.back() != '\n') text.push_back('\n');
}

}  // namespace

Source::Source(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
    RELUX_ASSERT(text_.size() < UINT32_MAX - 1, "a source file must be smaller than 4 GiB");
    normalize(text_);
    line_starts_.push_back(0);
    const char* begin = text_.data();
    const char* end = begin + text_.size();
    for (const char* at = begin; at < end;) {
        const auto* newline =
            static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
        at = newline + 1;  // there is one: the text ends with a newline
        if (at < end) line_starts_.push_back(static_cast<std::uint32_t>(at - begin));
    }
}

LineColumn Source::position(std::uint32_t offset) const {
    auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    auto line = static_cast<std::uint32_t>(after - line_starts_.begin());
    return {line, offset - line_starts_[line - 1] + 1};
}

LineColumn Source::position_near(std::uint32_t offset, std::uint32_t line) const {
    const auto holds = [&](std::uint32_t number) {
        return number <= line_starts_.size() && line_starts_[number - 1] <= offset &&
               (number == line_starts_.size() || offset < line_starts_[number]);
    };
    for (const auto number : {line, line + 1}) {
        if (holds(number)) return {number, offset - line_starts_[number - 1] + 1};
    }
    return position(offset);
}

std::string_view Source::line(std::uint32_t line) const {
    RELUX_ASSERT(line >= 1 && line <= line_starts_.size(), "the line exists");
    auto begin = line_starts_[line - 1];
    auto end = line < line_starts_.size() ? line_starts_[line] : static_cast<std::uint32_t>(text_.size());
    return std::string_view(text_).substr(begin, end - begin - 1);
}

}  // namespace relux::frontend
