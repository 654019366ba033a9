// A file's documents one after the other, and the way from bytes to lines and columns.
#include "frontend/workflow/yaml.h"

#include <algorithm>
#include <utility>

#include "frontend/workflow/yaml_events.h"
#include "frontend/workflow/yaml_keys.h"
#include "frontend/workflow/yaml_text.h"

namespace relux::workflow {

namespace {

std::vector<std::uint32_t> find_line_starts(std::string_view text) {
    std::vector<std::uint32_t> starts{0};
    for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
        starts.push_back(static_cast<std::uint32_t>(at + 1));
    return starts;
}

std::string_view line_text(const YamlFile& file, std::size_t line) {
    if (line >= file.line_starts.size()) return {};
    auto begin = file.line_starts[line];
    auto end = line + 1 < file.line_starts.size() ? file.line_starts[line + 1] - 1 : file.text.size();
    return std::string_view(file.text).substr(begin, end - begin);
}

class FileParser {
  public:
    FileParser(YamlFile& file, Problems& problems, const YamlLimits& limits)
        : file_(file), problems_(problems), limits_(limits) {}

    void parse() {
        if (file_.text.size() > limits_.file_bytes) {
            report_file("the file is larger than " + std::to_string(limits_.file_bytes >> 20) + " MiB");
            file_.text.clear();
            return;
        }
        normalize_text(file_.text);
        file_.line_starts = find_line_starts(file_.text);
        if (auto fault = find_text_fault(file_.text)) {
            report(0, {}, file_.place(fault->offset), fault->message);
            return;
        }
        parse_documents();
    }

  private:
    void parse_documents() {
        YamlBudget budget{limits_.nodes, limits_.text_bytes, limits_.depth};
        unsigned number = 0;
        for (const auto& text : split_documents(file_.text)) {
            if (text.empty) continue;
            if (number == limits_.documents) {
                report_file("the file has more than " + std::to_string(limits_.documents) + " documents");
                return;
            }
            auto parsed = parse_document(file_, text, budget);
            if (!parsed.root && !parsed.fault) continue;
            auto& document = file_.documents.emplace_back();
            document.number = ++number;
            if (parsed.fault) {
                document.damaged = true;
                report(number, {}, file_.place(parsed.fault->offset), "YAML: " + parsed.fault->message);
                continue;
            }
            document.root = std::move(*parsed.root);
            settle_keys(document.root, file_, {}, [&](const KeyPath& path, Place place, std::string message) {
                report(number, path, place, std::move(message));
            });
        }
    }

    void report(unsigned document, const KeyPath& path, Place place, std::string message) {
        problems_.add({file_.name, document, path.text(), place, std::move(message)});
    }
    void report_file(std::string message) { report(0, {}, {file_.index, 0, 0}, std::move(message)); }

    YamlFile& file_;
    Problems& problems_;
    const YamlLimits& limits_;
};

}  // namespace

Place YamlFile::place(std::size_t offset) const {
    auto after = std::upper_bound(line_starts.begin(), line_starts.end(), offset);
    auto line = static_cast<std::uint32_t>(after - line_starts.begin());
    return {index, line, static_cast<std::uint32_t>(offset - line_starts[line - 1] + 1)};
}

TextPlaces::TextPlaces(const YamlFile& file, const Node& node) : file_(file), node_(node) {
    if (node.kind != Node::Kind::Leaf || node.offset >= file.text.size()) return;
    auto source = std::string_view(file.text).substr(node.offset);
    std::size_t quote = source[0] == '"' || source[0] == '\'' ? 1 : 0;
    content_ = node.offset + quote;
    source.remove_prefix(quote);
    auto length = std::min(source.size(), node.text.size());
    auto differs = std::mismatch(source.begin(), source.begin() + length, node.text.begin());
    same_ = static_cast<std::size_t>(differs.first - source.begin());
    bool block = quote == 0 && !source.empty() && (source[0] == '|' || source[0] == '>');
    if (!block || same_ == node.text.size()) return;
    line_starts_.push_back(0);
    for (auto at = node.text.find('\n'); at != std::string::npos; at = node.text.find('\n', at + 1))
        line_starts_.push_back(at + 1);
}

Place TextPlaces::operator()(std::size_t offset) const {
    if (!line_starts_.empty()) {
        auto found = offset_in_block(offset);
        return found ? file_.place(*found) : node_.place;
    }
    return offset <= same_ && content_ != 0 ? file_.place(content_ + offset) : node_.place;
}

/// Where `offset` of a block scalar stands, if its line is in the file as it is in the text.
std::optional<std::size_t> TextPlaces::offset_in_block(std::size_t offset) const {
    auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    auto number = static_cast<std::size_t>(after - line_starts_.begin()) - 1;
    auto begin = line_starts_[number];
    auto end = after == line_starts_.end() ? node_.text.size() : *after - 1;
    auto line = std::string_view(node_.text).substr(begin, end - begin);
    auto source_line = node_.place.line + number;  // the first is the one after the indicator
    auto source = line_text(file_, source_line);
    if (line.empty() || !source.ends_with(line)) return std::nullopt;
    return file_.line_starts[source_line] + (source.size() - line.size()) + (offset - begin);
}

YamlFile parse_yaml(std::string name, std::uint32_t index, std::string text, Problems& problems,
                    const YamlLimits& limits) {
    YamlFile file;
    file.name = std::move(name);
    file.index = index;
    file.text = std::move(text);
    file.line_starts = {0};
    FileParser(file, problems, limits).parse();
    return file;
}

}  // namespace relux::workflow
