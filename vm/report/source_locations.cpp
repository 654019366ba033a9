#include "vm/report/source_locations.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "vm/report/json_writer.h"

namespace relux::report {

namespace {

std::vector<std::size_t> line_starts(std::string_view text) {
    std::vector<std::size_t> starts = {0};
    for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
        starts.push_back(at + 1);
    return starts;
}

/// A statement whose first line ends in a brace reaches to the line that begins with the closing one.
std::size_t end_of_statement(std::string_view text, std::size_t end) {
    if (end == 0 || text[end - 1] != '{' || end >= text.size() || (text[end] != '\n' && text[end] != '\r'))
        return end;
    for (auto at = text.find('\n', end); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        const auto first = text.find_first_not_of(" \t", at + 1);
        if (first == std::string_view::npos) break;
        if (text[first] == '}') return first + 1;
    }
    return end;
}

/// `7s 500ms`.
std::string spaced_duration(Duration duration) {
    const auto text = format_duration(duration);
    std::string spaced;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        const bool behind_unit = i > 0 && text[i - 1] >= 'a' && text[i - 1] <= 'z';
        if (digit && behind_unit) spaced += ' ';
        spaced += text[i];
    }
    return spaced;
}

}  // namespace

SourceLocations::Module& SourceLocations::module(std::uint32_t number) {
    if (number == last_module_number_) return *last_module_;
    auto& module = modules_[number];
    last_module_number_ = number;
    last_module_ = &module;
    if (module.lines.empty()) {
        module.file = record_.source(number);
        module.lines = line_starts(module.file.text);
        TextBuffer path;
        BasicJsonWriter<TextBuffer>(path).text(module.file.path);
        module.quoted_path = std::move(path.text);
        files_.emplace(module.file.path, module.file.text);
    }
    return module;
}

SourceRange SourceLocations::range(const EventPlace& place) {
    SourceRange range;
    range.line = place.line;
    if (place.module == 0 || place.line == 0) return range;
    const auto& of = module(place.module);
    const auto text = of.file.text;
    if (place.line > of.lines.size() || text.empty()) return range;
    const auto line = of.lines[place.line - 1];
    range.start = std::min(text.size(), line + (place.column == 0 ? 0 : place.column - 1));
    range.end =
        std::clamp(line + (place.end_column == 0 ? 0 : place.end_column - 1), range.start, text.size());
    range.end = end_of_statement(text, range.end);
    return range;
}

EventPlace SourceLocations::with_quotes(const EventPlace& place) {
    auto wider = place;
    const auto at = range(place);
    if (at.start == 0 || at.end == 0 || place.module == 0) return wider;
    const auto text = module(place.module).file.text;
    if (at.end >= text.size() || text[at.start - 1] != '"' || text[at.end] != '"') return wider;
    --wider.column;
    ++wider.end_column;
    return wider;
}

std::string_view SourceLocations::text(const EventPlace& place) {
    if (place.module == 0 || place.line == 0) return {};
    const auto at = range(place);
    return module(place.module).file.text.substr(at.start, at.end - at.start);
}

EventPlace SourceLocations::test_place() const {
    EventPlace place;
    place.module = record_.module;
    place.line = record_.line;
    place.column = record_.column;
    place.end_column = record_.end_column;
    return place;
}

const SourceLocations::Frame& SourceLocations::frame(Module& of, int indentation) {
    if (of.frame.indentation == indentation) return of.frame;
    const std::string end_of_line = "\n" + std::string(static_cast<std::size_t>(indentation) * 2, ' ');
    const std::string member = end_of_line + "  ";
    of.frame = {indentation,
                {"{" + member + "\"file\": " + of.quoted_path + "," + member + "\"line\": ",
                 "," + member + "\"start\": ", "," + member + "\"end\": ", end_of_line + "}"}};
    return of.frame;
}

void SourceLocations::write(const EventPlace& place, int indentation, std::string& json) {
    const auto at = range(place);
    const auto& pieces = frame(module(place.module), indentation).pieces;
    const std::array<std::size_t, 3> numbers = {at.line, at.start, at.end};
    json.clear();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), numbers[i]).ptr;
        json.append(pieces[i]).append(digits.data(), end);
    }
    json.append(pieces.back());
}

std::string timeout_json(const RecordedTimeout& timeout, SourceLocations& locations, int indentation) {
    TextBuffer text;
    BasicJsonWriter<TextBuffer> json(text, indentation);
    const auto member = [&json](std::string_view name, std::string_view value) {
        json.key(name);
        json.text(value);
    };
    json.begin_object();
    member("type", timeout.timeout().is_assertion() ? "assertion" : "tolerance");
    member("duration", spaced_duration(timeout.written));
    if (!timeout.timeout().is_assertion()) {
        std::array<char, 32> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), timeout.multiplier).ptr;
        member("multiplier", {digits.data(), end});
        member("total_duration", spaced_duration(timeout.timeout().effective(timeout.multiplier)));
    }
    json.key("source");
    EventPlace place;
    place.module = timeout.module;
    place.line = timeout.line;
    place.column = timeout.column;
    place.end_column = timeout.end_column;
    json.written(locations.json(place, indentation + 1), false);
    json.key("applied_ms");
    json.milliseconds(timeout.applied);
    json.end_object();
    return std::move(text.text);
}

}  // namespace relux::report
