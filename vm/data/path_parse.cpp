// Reading the text of a path, character by character, with the column of what is wrong.
#include <charconv>

#include "vm/base/text.h"
#include "vm/data/path.h"
#include "vm/data/path_names.h"

namespace relux::data {

namespace {

/// Reads one path. The first thing that is wrong is kept; everything after it does nothing.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    Result<Path> read() {
        skip_blanks();
        read_start();
        while (!failed_ && !at_end())
            read_next();
        if (failed_) return error_;
        return std::move(path_);
    }

  private:
    bool at_end() {
        auto place = text_.find_first_not_of(" \t\r\n", at_);
        return place == std::string_view::npos;
    }
    bool take(std::string_view expected) {
        if (text_.substr(at_, expected.size()) != expected) return false;
        at_ += expected.size();
        return true;
    }
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
            ++at_;
    }

    void fail(std::size_t offset, std::string_view what) {
        if (failed_) return;
        failed_ = true;
        int column = 1;
        for (char c : text_.substr(0, offset))
            column += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
        error_ = Error{"column " + std::to_string(column) + ": " + std::string(what), column};
    }
    void fail_expected(std::string_view expected) {
        fail(at_, "expected " + std::string(expected) + ", got " + next_character());
    }
    /// Says what stands here, for a message.
    std::string next_character() const {
        if (at_ >= text_.size()) return "the end";
        auto size = at_ + 1;
        while (size < text_.size() && (static_cast<unsigned char>(text_[size]) & 0xC0) == 0x80)
            ++size;
        return "`" + visible(text_.substr(at_, size - at_), false) + "`";
    }

    void read_start() {
        if (at_end()) {
            fail(at_, "the path is empty; `$` is the whole document");
        } else if (take("$")) {
            if (!at_end() && text_[at_] != '.' && text_[at_] != '[') fail_expected("`.` or `[` after `$`");
        } else if (text_[at_] != '[' && text_.substr(at_, 2) != "..") {
            read_name_or_star();
            path_.response = !failed_ && path_.steps.front().name == "res";
        }
    }

    void read_next() {
        if (take("..")) {
            add(Step::Kind::Descend);
            if (take("[")) {
                read_bracket();
            } else {
                read_name_or_star();
            }
        } else if (take(".")) {
            read_name_or_star();
        } else if (take("[")) {
            read_bracket();
        } else {
            fail_expected("`.`, `..` or `[`");
        }
    }

    void read_name_or_star() {
        if (take("*")) {
            add(Step::Kind::Wildcard);
        } else {
            read_name();
        }
    }

    void read_name() {
        auto begin = at_;
        while (at_ < text_.size() && is_name_character(text_[at_]))
            ++at_;
        if (at_ == begin) {
            fail_expected("a name");
        } else {
            path_.steps.push_back(Step::member(std::string(text_.substr(begin, at_ - begin))));
        }
    }

    void read_bracket() {
        skip_blanks();
        if (take("*")) {
            add(Step::Kind::Wildcard);
        } else if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
            read_quoted();
        } else if (at_ < text_.size() && text_[at_] == '?') {
            fail(at_, "filters (`[?...]`) are not supported");
        } else {
            read_index_or_slice();
        }
        skip_blanks();
        if (!failed_ && at_ < text_.size() && text_[at_] == ',')
            fail(at_, "lists of indexes are not supported");
        if (!failed_ && !take("]")) fail_expected("`]`");
    }

    void read_index_or_slice() {
        auto begin = read_integer();
        skip_blanks();
        if (failed_) return;
        if (!take(":")) {
            if (!begin) {
                fail_expected("an index, `*`, a slice or a quoted name");
            } else {
                path_.steps.push_back(Step::element(*begin));
            }
            return;
        }
        skip_blanks();
        auto end = read_integer();
        skip_blanks();
        if (!failed_ && at_ < text_.size() && text_[at_] == ':')
            fail(at_, "a slice has no step: `[from:to]`");
        add(Step::Kind::Slice);
        path_.steps.back().begin = begin;
        path_.steps.back().end = end;
    }

    /// Nothing when none stands here, or when it is too large, which is said.
    std::optional<std::int64_t> read_integer() {
        std::int64_t number = 0;
        auto rest = text_.substr(at_);
        auto result = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        if (result.ec == std::errc::invalid_argument) return std::nullopt;
        if (result.ec == std::errc::result_out_of_range) fail(at_, "the index is too large");
        at_ += static_cast<std::size_t>(result.ptr - rest.data());
        return number;
    }

    /// A JSON string, or the same in single quotes. Between the quotes only `\` and the quote are special
    /// here; the rest is the JSON reader's.
    void read_quoted() {
        auto begin = at_;
        char quote = text_[at_++];
        std::string json = "\"";
        while (at_ < text_.size() && text_[at_] != quote) {
            char c = text_[at_++];
            bool escaped = c == '\\' && at_ < text_.size();
            if (escaped && text_[at_] == '\'') {
                json += text_[at_++];
            } else if (escaped) {
                json += c;
                json += text_[at_++];
            } else {
                json += c == '"' ? "\\\"" : std::string(1, c);
            }
        }
        if (!take(std::string_view(&quote, 1))) {
            fail(begin, "the quoted name does not end");
            return;
        }
        auto name = parse_json(json + "\"");
        if (!name) {
            fail(begin, "the quoted name is not a JSON string");
        } else {
            path_.steps.push_back(Step::member(*text_of(*name)));
        }
    }

    void add(Step::Kind kind) {
        Step step;
        step.kind = kind;
        path_.steps.push_back(step);
    }

    std::string_view text_;  ///< the caller's, for as long as parse_path runs
    std::size_t at_ = 0;
    Path path_;
    Error error_;
    bool failed_ = false;
};

}  // namespace

Result<Path> parse_path(std::string_view text) {
    return Reader(text).read();
}

}  // namespace relux::data
