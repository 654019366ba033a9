#include "frontend/workflow/yaml_text.h"

#include <array>
#include <cstdio>

#include "vm/base/text.h"

namespace relux::workflow {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/// `---` or `...` alone or followed by white space: only that begins or ends a document, wherever it stands.
bool is_marker(std::string_view line, std::string_view marker) {
    return line.starts_with(marker) && (line.size() == 3 || is_blank(line[3]));
}

/// Blank or a comment.
bool is_void(std::string_view line) {
    auto first = line.find_first_not_of(" \t");
    return first == std::string_view::npos || line[first] == '#';
}

std::string hexadecimal(char c) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "0x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    return text.data();
}

/// Collects the documents line by line.
class Splitter {
  public:
    explicit Splitter(std::string_view text) : text_(text) {}

    std::vector<DocumentText> split() {
        for (std::size_t begin = 0; begin < text_.size();) {
            auto newline = text_.find('\n', begin);
            auto end = newline == std::string_view::npos ? text_.size() : newline;
            auto next = newline == std::string_view::npos ? text_.size() : newline + 1;
            take(text_.substr(begin, end - begin), begin, next);
            begin = next;
        }
        close(text_.size());
        return std::move(documents_);
    }

  private:
    void take(std::string_view line, std::size_t begin, std::size_t next) {
        if (is_marker(line, "---")) {
            // Comments and directives in front of the marker belong to the document that it begins.
            if (started_) close(begin);
            started_ = true;
            if (!is_void(line.substr(3))) empty_ = false;
        } else if (is_marker(line, "...")) {
            close(next);
        } else if (!is_void(line) && (started_ || line.front() != '%')) {
            started_ = true;
            empty_ = false;
        }
    }

    void close(std::size_t end) {
        if (end > begin_) documents_.push_back({begin_, end, empty_});
        begin_ = end;
        started_ = false;
        empty_ = true;
    }

    std::string_view text_;
    std::vector<DocumentText> documents_;
    std::size_t begin_ = 0;
    bool started_ = false;
    bool empty_ = true;
};

}  // namespace

void normalize_text(std::string& text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (text.find('\r') == std::string::npos) return;
    std::size_t out = 0;
    for (std::size_t in = 0; in < text.size(); ++in) {
        if (text[in] == '\r' && in + 1 < text.size() && text[in + 1] == '\n') continue;
        text[out++] = text[in] == '\r' ? '\n' : text[in];
    }
    text.resize(out);
}

std::optional<TextFault> find_text_fault(std::string_view text) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        return TextFault{0, "the file is UTF-16; save it as UTF-8"};
    }
    auto invalid = find_invalid_utf8(text);
    for (std::size_t i = 0; i < text.size() && i < invalid; ++i) {
        auto byte = static_cast<unsigned char>(text[i]);
        if (byte == 0) return TextFault{i, "a NUL byte: this is no text file"};
        bool control = (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F;
        if (control)
            return TextFault{i, "the control byte " + hexadecimal(text[i]) + " is not allowed in YAML"};
    }
    if (invalid == std::string_view::npos) return std::nullopt;
    return TextFault{invalid, "the byte " + hexadecimal(text[invalid]) + " is not valid UTF-8"};
}

std::vector<DocumentText> split_documents(std::string_view text) {
    return Splitter(text).split();
}

std::size_t skip_properties(std::string_view text, std::size_t offset) {
    while (offset < text.size() && (text[offset] == '!' || text[offset] == '&')) {
        auto end = text.find_first_of(" \t\n", offset);
        auto next = text.find_first_not_of(" \t\n", end);
        if (next == std::string_view::npos) return offset;
        offset = next;
    }
    return offset;
}

bool quote_ends(std::string_view text, std::size_t offset) {
    if (offset >= text.size() || (text[offset] != '"' && text[offset] != '\'')) return true;
    char quote = text[offset];
    for (std::size_t i = offset + 1; i < text.size(); ++i) {
        if (text[i] == '\\' && quote == '"') {
            ++i;
        } else if (text[i] == quote) {
            bool doubled = quote == '\'' && i + 1 < text.size() && text[i + 1] == quote;
            if (!doubled) return true;
            ++i;
        }
    }
    return false;
}

}  // namespace relux::workflow
