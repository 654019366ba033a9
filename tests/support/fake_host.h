// A Host and a ScopeContext without a world: a table as environment, a counter as randomness, and a search
// that knows only plain text and groups in the form `(text)`.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "vm/exec/fiber.h"
#include "vm/exec/host.h"
#include "vm/exec/interp.h"

namespace relux::test_support {

class FakeHost : public exec::Host {
  public:
    std::map<std::string, std::string, std::less<>> environment;
    std::vector<std::string> notes;  ///< "kind name=value" while `keep_notes`
    bool keep_notes = true;
    std::int64_t now = 0;
    int port = 4711;
    unsigned char next_byte = 0;

    std::optional<std::string_view> base_environment(std::string_view name) override {
        auto found = environment.find(name);
        if (found == environment.end()) return std::nullopt;
        return found->second;
    }
    Result<int> available_port() override {
        if (port == 0) return Error{"no port is free"};
        return port;
    }
    std::int64_t wall_clock_nanoseconds() override { return now; }
    void random_bytes(std::span<unsigned char> bytes) override {
        for (auto& byte : bytes)
            byte = next_byte++;
    }
    /// `*` is an invalid regex, `!` one that is too complex, anything else is looked for as it stands; its
    /// last byte is group 1.
    Result<exec::SearchAnswer> search(std::string_view pattern, std::string_view subject) override {
        if (pattern == "*") return Error{"invalid regex: nothing to repeat"};
        if (pattern == "!") return Error{"pattern is too complex"};
        std::optional<std::vector<exec::Value>> captures;
        if (subject.find(pattern) != std::string_view::npos) {
            captures.emplace();
            captures->emplace_back(pattern);
            captures->emplace_back(pattern.substr(pattern.empty() ? 0 : pattern.size() - 1));
        }
        return exec::SearchAnswer{std::move(captures)};
    }
    void note(const exec::Note& note) override {
        if (!keep_notes) return;
        constexpr const char* kNames[] = {"let",           "assign",   "read",         "string",
                                          "interpolation", "native",   "assert-start", "assert-done",
                                          "assert-failed", "decision", "pure-enter",   "pure-leave",
                                          "native-enter"};
        static_assert(std::size(kNames) == static_cast<std::size_t>(exec::Note::Kind::NativeEnter) + 1);
        std::string value(note.value);
        if (note.kind == exec::Note::Kind::Interpolation) {
            for (const auto& part : note.arguments)
                value += part.view();
        }
        notes.push_back(std::string(kNames[static_cast<int>(note.kind)]) + " " + std::string(note.name) +
                        "=" + value);
    }
};

class FakeScope : public exec::ScopeContext {
  public:
    explicit FakeScope(std::size_t slot_count) { slots.resize(slot_count); }
    std::map<std::string, std::string, std::less<>> overlays;

    exec::Value environment(std::string_view name) override {
        auto found = overlays.find(name);
        return found == overlays.end() ? exec::Value() : exec::Value(found->second);
    }
    exec::Value alias_variable(const bytecode::AliasVariable& variable) override {
        return exec::Value("alias " + std::to_string(variable.start));
    }
};

}  // namespace relux::test_support
