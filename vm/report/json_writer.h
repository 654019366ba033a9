// JSON written straight into a file, or a text, a value at a time: nothing of a big log is held in memory
// twice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/duration.h"
#include "vm/report/report_file.h"

namespace relux::report {

/// For what is put together before it is written.
struct TextBuffer {
    std::string text;
    void write(std::string_view bytes) { text.append(bytes); }
};

template <class Sink>
class BasicJsonWriter {
  public:
    /// `file` must outlive this.
    explicit BasicJsonWriter(Sink& file) : file_(file) {}

    // Containers nest; every value in an object follows its key().
    void begin_object();
    void end_object();
    void begin_array();
    void end_array();
    void key(std::string_view name);
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
    /// The next value or key begins on a line of its own.
    void new_line() { new_line_ = true; }

  private:
    void separate();
    void open(char bracket);
    void close(char bracket);
    void fraction(std::int64_t count, std::int64_t unit);

    Sink& file_;
    std::vector<bool> has_members_;
    bool after_key_ = false;
    bool new_line_ = false;
};

using JsonWriter = BasicJsonWriter<ReportFile>;
extern template class BasicJsonWriter<ReportFile>;
extern template class BasicJsonWriter<TextBuffer>;

}  // namespace relux::report
