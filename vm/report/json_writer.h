// JSON written straight into a file, or a text, a value at a time: nothing of a big log is held in memory
// twice.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "vm/base/assert.h"
#include "vm/base/duration.h"
#include "vm/report/report_file.h"

namespace relux::report {

/// For what is put together before it is written.
struct TextBuffer {
    std::string text;
    void write(std::string_view bytes) { text.append(bytes); }
    void write(char byte) { text.push_back(byte); }
    // As those of ReportFile.
    char* room(std::size_t size) {
        const auto used = text.size();
        text.resize(used + size);
        return text.data() + used;
    }
    void filled(const char* end) { text.resize(static_cast<std::size_t>(end - text.data())); }
};

/// The digits of a number that is mostly the one of before or the one after that.
class RecentNumber {
  public:
    /// Valid until the next call.
    std::string_view text(std::int64_t value) {
        char& last = text_[size_ - 1];
        if (value == value_ + 1 && last != '9' && value_ >= 0) {
            ++last;
        } else if (value != value_) {
            write(value);
        }
        value_ = value;
        return {text_.data(), size_};
    }

  private:
    void write(std::int64_t value);

    std::int64_t value_ = 0;
    std::array<char, 24> text_ = {'0'};
    std::size_t size_ = 1;
};

template <class Sink>
class BasicJsonWriter {
  public:
    static constexpr int kCompact = -1;
    /// `file` must outlive this. With an indentation, a number of levels of two spaces, each member and
    /// element has a line of its own; else new_line() says where lines end.
    explicit BasicJsonWriter(Sink& file, int indentation = kCompact)
        : file_(file), indentation_(indentation) {}

    // Containers nest; every value in an object follows its key().
    void begin_object();
    void end_object();
    void begin_array();
    void end_array();
    void key(std::string_view name);
    /// A key or a whole member, escaped and with what separates it from the one before: `,"name":`. For what
    /// is written thousands of times. The object is not empty, and what follows a key is its value.
    void written(std::string_view json, bool is_key) {
        file_.write(json);
        after_key_ = is_key;
        has_members_ |= depth_ > 0 ? 1 : 0;
    }
    /// An object of a list or an object, from its bracket or key and what stands before that, but for the
    /// comma, to the key of its first member: `\n  {\n    "name": `. What follows is the value of that. For
    /// what is written thousands of times.
    void open_written(std::string_view json) {
        if ((has_members_ & 1) != 0) file_.write(',');
        file_.write(json);
        has_members_ = has_members_ << 1 | 3;
        RELUX_ASSERT(++depth_ < kMostDepth, "no report is that deep");
        after_key_ = true;
    }
    /// The end of such an object, with what stands before its bracket.
    void close_written(std::string_view json) {
        RELUX_ASSERT(--depth_ >= 0, "containers nest");
        has_members_ >>= 1;
        file_.write(json);
    }
    /// Bytes that are not UTF-8 become the four characters \xNN.
    void text(std::string_view value);
    void number(std::int64_t value);
    /// A factor, in the shortest form that says which double it is.
    void real(double value);
    /// Fractional milliseconds, exact.
    void milliseconds(Duration value);
    /// Fractional microseconds, exact.
    void microseconds(Duration value);
    void flag(bool value);
    void null();
    // Members of an object, key and value.
    void text_member(std::string_view name, std::string_view value) {
        key(name);
        text(value);
    }
    /// null when it is empty.
    void optional_text_member(std::string_view name, std::string_view value) {
        key(name);
        value.empty() ? null() : text(value);
    }
    void number_member(std::string_view name, std::int64_t value) {
        key(name);
        number(value);
    }
    void flag_member(std::string_view name, bool value) {
        key(name);
        flag(value);
    }
    /// Without indentation: the next value or key begins on a line of its own.
    void new_line() { new_line_ = indentation_ == kCompact; }

  private:
    static constexpr int kMostDepth = 64;

    void separate() {
        if (after_key_) {
            after_key_ = false;
            return;
        }
        if ((has_members_ & 1) != 0) file_.write(',');
        // Outside of all containers there is one value.
        has_members_ |= depth_ > 0 ? 1 : 0;
        if (indentation_ != kCompact && depth_ > 0) begin_line();
        if (new_line_) file_.write('\n');
        new_line_ = false;
    }
    void begin_line();
    void open(char bracket);
    void close(char bracket);
    void quoted_text(std::string_view value);

    Sink& file_;
    int indentation_;
    std::uint64_t has_members_ = 0;  ///< a bit for each open container, the lowest for the innermost
    int depth_ = 0;
    bool after_key_ = false;
    bool new_line_ = false;
    // The last milliseconds(), since what happens at one moment is written one after another.
    std::int64_t last_time_ = 0;
    std::size_t last_time_size_ = 3;
    std::array<char, 32> last_time_text_ = {'0', '.', '0'};
};

using JsonWriter = BasicJsonWriter<ReportFile>;

/// The JSON of a text, kept until another one is asked for: the event logs of a module's tests, which follow
/// each other, all hold its source.
class QuotedText {
  public:
    /// `text` must stay as it is, where it is, as long as this is used. Thread-safe.
    std::shared_ptr<const std::string> of(std::string_view text);

  private:
    std::mutex mutex_;
    std::string_view text_;
    std::shared_ptr<const std::string> json_;
};
extern template class BasicJsonWriter<ReportFile>;
extern template class BasicJsonWriter<TextBuffer>;

}  // namespace relux::report
