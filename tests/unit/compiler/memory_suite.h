// A project in memory for the tests of the compiler: paths below the suite's root and their texts.
#pragma once

#include <cerrno>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/compile.h"

struct MemorySuite {
    std::map<std::string, std::string> files;
    std::set<std::string, std::less<>> environment;
    relux::frontend::Edition edition = relux::frontend::Edition::V0_4;
    std::map<std::string, int> reads;                                      ///< how often each file was read
    std::shared_ptr<std::mutex> reading = std::make_shared<std::mutex>();  ///< shared with copies

    /// A suite of one test file.
    static MemorySuite of(std::string text) {
        return {{{"relux/tests/a.relux", std::move(text)}}, {}, {}, {}};
    }

    relux::compiler::CompileOptions options() {
        relux::compiler::CompileOptions options;
        options.edition = edition;
        options.suite_root = "/suite";
        options.environment_has = [this](std::string_view name, std::string_view) {
            return environment.contains(name);
        };
        options.read_file = [this](const std::filesystem::path& path) -> relux::Result<std::string> {
            std::string name = path.lexically_relative("/suite").generic_string();
            {
                const std::lock_guard lock(*reading);
                ++reads[name];
            }
            auto it = files.find(name);
            if (it == files.end()) return relux::Error{"no such file", ENOENT};
            return it->second;
        };
        return options;
    }

    /// Compiles every file below relux/tests.
    relux::compiler::CompiledSuite compile() {
        std::vector<std::filesystem::path> paths;
        for (const auto& [name, text] : files) {
            if (name.starts_with("relux/tests/")) paths.push_back("/suite/" + name);
        }
        return relux::compiler::compile_suite(options(), paths);
    }

    /// Every diagnostic as `file:line:column: error[E0101]: message`, notes and hint on lines of their own.
    std::string diagnostics() { return text_of(compile().diagnostics); }

    static std::string text_of(const relux::frontend::DiagnosticSink& sink) {
        std::string text;
        for (const auto& diagnostic : sink.diagnostics()) {
            const auto& info = relux::frontend::diagnostic_info(diagnostic.code);
            const bool error = info.severity == relux::frontend::Severity::Error;
            text += place(diagnostic.source, diagnostic.range) + (error ? "error[" : "warning[") +
                    std::string(info.code) + "]: " + diagnostic.message + "\n";
            for (const auto& note : diagnostic.notes)
                text += "  note: " + place(note.source, note.range) + note.text + "\n";
            if (!diagnostic.hint.empty()) text += "  hint: " + diagnostic.hint + "\n";
        }
        return text;
    }

    static std::string place(const relux::frontend::Source* source, relux::frontend::SourceRange range) {
        if (source == nullptr) return "";
        const auto at = source->position(range.begin);
        return source->name() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
    }

    /// The IR of a.relux without its first line.
    std::string ir() {
        relux::frontend::DiagnosticSink sink;
        std::vector<std::unique_ptr<relux::frontend::Source>> sources;
        std::string text = relux::compiler::dump_ir(options(), "/suite/relux/tests/a.relux", sink, sources);
        if (text.empty()) return text_of(sink);
        return text.substr(text.find('\n') + 1);
    }
};
