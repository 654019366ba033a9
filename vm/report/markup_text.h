// Text inside XML and HTML: escaped, and without what XML 1.0 forbids, whatever bytes it was made from.
#pragma once

#include <string>
#include <string_view>

namespace relux::report {

/// For content and for attributes in double quotes. Forbidden control bytes and bytes that are not UTF-8 are
/// shown as \xNN, and so C1 controls, bidirectional controls as \u202e; a carriage return before a newline is
/// dropped.
std::string markup_text(std::string_view bytes);
/// The same on one line, for attributes: newlines and tabs are shown as \n and \t.
std::string markup_line(std::string_view bytes);
/// The same for XML that programs read: both are references, so that they stay data.
std::string xml_attribute(std::string_view bytes);
/// A path as links have it, relative or behind `file://`: what means something in URLs is encoded.
std::string url_path(std::string_view path);

/// markup_text(), written to a ReportFile or a TextBuffer.
template <class Sink>
void write_markup_text(Sink& sink, std::string_view bytes);

}  // namespace relux::report
