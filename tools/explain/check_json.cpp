// Diagnostics as JSON. Keys stay as they are: scripts read them. Bytes that are no UTF-8 are replaced.
#include "tools/explain/check_json.h"

#include <nlohmann/json.hpp>

#include "tools/cli/output.h"
#include "tools/project/compilation.h"
#include "tools/project/project.h"

namespace relux::cli {

namespace {

using Json = nlohmann::ordered_json;

Json position(const frontend::Source& source, std::uint32_t offset) {
    auto at = source.position(offset);
    return {{"line", at.line}, {"column", at.column}};
}

void add_place(Json& json, const frontend::Source* source, frontend::SourceRange range) {
    if (source == nullptr) {
        json["file"] = nullptr;
        json["range"] = nullptr;
        return;
    }
    json["file"] = source->name();
    json["range"] = {{"start", position(*source, range.begin)}, {"end", position(*source, range.end)}};
}

Json diagnostic_json(const frontend::Diagnostic& diagnostic) {
    const auto& info = frontend::diagnostic_info(diagnostic.code);
    Json json;
    json["code"] = info.code;
    json["severity"] = info.severity == frontend::Severity::Error ? "error" : "warning";
    json["message"] = diagnostic.message;
    add_place(json, diagnostic.source, diagnostic.range);
    json["notes"] = Json::array();
    for (const auto& note : diagnostic.notes) {
        Json added;
        added["message"] = note.text;
        add_place(added, note.source, note.range);
        json["notes"].push_back(std::move(added));
    }
    json["hint"] = diagnostic.hint.empty() ? Json() : Json(diagnostic.hint);
    return json;
}

}  // namespace

std::string check_json(const std::filesystem::path& root, bool passed, const frontend::DiagnosticSink& sink,
                       const std::vector<SkippedTest>& skipped) {
    Json json;
    json["version"] = 1;
    json["root"] = root.string();
    json["passed"] = passed;
    json["errors"] = sink.error_count();
    json["warnings"] = warning_count(sink);
    json["diagnostics"] = Json::array();
    for (const auto& diagnostic : sink.diagnostics())
        json["diagnostics"].push_back(diagnostic_json(diagnostic));
    json["skipped"] = Json::array();
    for (const auto& test : skipped)
        json["skipped"].push_back({{"file", test.module}, {"test", test.test}, {"reason", test.reason}});
    auto text = json.dump(2, ' ', false, Json::error_handler_t::replace);
    // A character that would make a terminal show another text becomes an escape, and the rest with it.
    if (printable(text) != text) text = json.dump(2, ' ', true, Json::error_handler_t::replace);
    return text + "\n";
}

}  // namespace relux::cli
