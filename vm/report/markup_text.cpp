#include "vm/report/markup_text.h"

#include "vm/base/plain_run.h"
#include "vm/base/text.h"
#include "vm/report/json_writer.h"
#include "vm/report/report_file.h"

namespace relux::report {

namespace {

template <class Sink>
void write_hexadecimal(Sink& sink, std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const char escape[] = {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
        sink.write(std::string_view(escape, sizeof escape));
    }
}

/// Writes what stands for the ASCII character at the front of `bytes`.
template <class Sink>
void write_special(Sink& sink, std::string_view bytes, bool one_line) {
    switch (bytes[0]) {
        case '&':
            return sink.write("&amp;");
        case '<':
            return sink.write("&lt;");
        case '>':
            return sink.write("&gt;");
        case '"':
            return sink.write("&quot;");
        case '\n':
            return sink.write(one_line ? "\\n" : "\n");
        case '\t':
            return sink.write(one_line ? "\\t" : "\t");
        case '\r':
            return sink.write(bytes.starts_with("\r\n") ? "" : "\\r");
        default:
            return write_hexadecimal(sink, bytes.substr(0, 1));
    }
}

// U+FFFE and U+FFFF are characters of UTF-8 but not of XML.
bool is_forbidden_character(std::string_view character) {
    return character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf";
}

/// How display_control()s are written, which browsers obey also as references.
enum class Controls : bool { Visible, Reference };

// As `\u202e` and `\xc2\x9b`, or as `&#x202e;` and `&#x009b;`.
template <class Sink>
void write_control(Sink& sink, std::string_view character, Controls controls) {
    if (controls == Controls::Visible) return sink.write(visible(character, false));
    const auto escape = code_point_escape(display_control(character));
    sink.write("&#x");
    sink.write(std::string_view(escape.data(), escape.size()).substr(2));
    sink.write(";");
}

template <class Sink>
void write_markup(Sink& sink, std::string_view bytes, bool one_line, Controls controls) {
    for (;;) {
        const auto plain = plain_run<'&', '<', '>', '"'>(bytes);
        sink.write(bytes.substr(0, plain));
        if (plain == bytes.size()) return;
        bytes.remove_prefix(plain);
        std::size_t size = 1;
        if (static_cast<unsigned char>(bytes.front()) < 0x80) {
            write_special(sink, bytes, one_line);
        } else {
            size = utf8_character_size(bytes);
            const bool shown = size != 0 && !is_forbidden_character(bytes.substr(0, size));
            if (size == 0) size = 1;
            if (display_control(bytes.substr(0, size)) != 0) {
                write_control(sink, bytes.substr(0, size), controls);
            } else if (shown) {
                sink.write(bytes.substr(0, size));
            } else {
                write_hexadecimal(sink, bytes.substr(0, size));
            }
        }
        bytes.remove_prefix(size);
    }
}

std::string markup(std::string_view bytes, bool one_line, Controls controls = Controls::Visible) {
    TextBuffer out;
    out.text.reserve(bytes.size() + bytes.size() / 8);
    write_markup(out, bytes, one_line, controls);
    return std::move(out.text);
}

}  // namespace

std::string markup_text(std::string_view bytes) {
    return markup(bytes, false);
}

std::string markup_line(std::string_view bytes) {
    return markup(bytes, true);
}

std::string xml_attribute(std::string_view bytes) {
    return markup(bytes, true, Controls::Reference);
}

std::string url_path(std::string_view path) {
    return percent_encoded(path, "/-._~+,@:");
}

template <class Sink>
void write_markup_text(Sink& sink, std::string_view bytes) {
    if (constexpr std::size_t kShort = 256; bytes.size() <= kShort) {
        char* const begin = sink.room(bytes.size());
        const bool plain = copy_if_plain<'&', '<', '>', '"'>(bytes, begin);
        sink.filled(plain ? begin + bytes.size() : begin);
        if (plain) return;
    }
    write_markup(sink, bytes, false, Controls::Visible);
}
template void write_markup_text(ReportFile& sink, std::string_view bytes);
template void write_markup_text(TextBuffer& sink, std::string_view bytes);

}  // namespace relux::report
