// Workflow files in memory, and what the loader says about them.
#pragma once

#include <cerrno>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "frontend/workflow/load.h"

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
    static String convert(const std::vector<std::string>& lines) {
        std::string text;
        for (const auto& line : lines)
            text += "\n    " + line;
        return text.c_str();
    }
};
}  // namespace doctest

namespace relux::workflow::test {

using Lines = std::vector<std::string>;

inline Lines rendered(const std::vector<Problem>& problems) {
    Lines lines;
    for (const auto& problem : problems)
        lines.push_back(render(problem));
    return lines;
}

struct MemoryFiles {
    std::map<std::string, std::string> files{};
    LoadOptions options{};

    WorkflowSet load(const std::vector<std::string>& names) {
        options.working_directory = "/w";
        options.read_file = [this](const std::filesystem::path& path) -> Result<std::string> {
            auto name = path.generic_string();
            if (name.starts_with("/w/")) name.erase(0, 3);
            auto found = files.find(name);
            if (found == files.end()) return Error{"no such file", ENOENT};
            if (found->second == "<unreadable>") return Error{"permission denied", EACCES};
            return found->second;
        };
        return load_workflows(names, options);
    }
    Lines problems(const std::vector<std::string>& names) { return rendered(load(names).problems); }
};

/// Lists what is wrong with one file, `a.yaml`.
inline Lines problems_of(const std::string& text) {
    return MemoryFiles{{{"a.yaml", text}}}.problems({"a.yaml"});
}

/// The only workflow of a file that must be right.
inline Workflow workflow_of(const std::string& text) {
    auto set = MemoryFiles{{{"a.yaml", text}}}.load({"a.yaml"});
    Workflow none;
    none.name = set.problems.empty() ? "no document" : render(set.problems[0]);
    return set.problems.empty() && set.documents.size() == 1 ? set.documents[0] : none;
}

/// A workflow around the keys of one step, which begin in line 5, column 5.
inline std::string around(const std::string& keys) {
    std::string text = "name: w\nsteps:\n  - name: s\n";
    std::size_t begin = 0;
    while (begin < keys.size()) {
        auto end = keys.find('\n', begin);
        if (end == std::string::npos) end = keys.size();
        text += "    " + keys.substr(begin, end - begin) + "\n";
        begin = end + 1;
    }
    return text;
}

/// The problems of a step, without `a.yaml#1: steps[0]` in front and the place at the end.
inline Lines step_problems(const std::string& keys) {
    Lines lines;
    for (auto line : problems_of(around(keys))) {
        constexpr std::string_view prefix = "a.yaml#1: steps[0]";
        if (line.starts_with(prefix)) line.erase(0, prefix.size());
        auto place = line.rfind(" (line ");
        if (place != std::string::npos) line.erase(place);
        lines.push_back(line);
    }
    return lines;
}

inline Step step_of(const std::string& keys) {
    auto workflow = workflow_of(around(keys));
    Step none;
    none.name = workflow.name;
    return workflow.steps.size() == 1 ? workflow.steps[0] : none;
}

/// The place as `line:column`.
inline std::string at(Place place) {
    return std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace relux::workflow::test
