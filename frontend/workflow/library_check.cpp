#include "frontend/workflow/library_check.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "frontend/workflow/load.h"

namespace relux::workflow {

namespace {

void report(Problems& problems, const Unit& unit, const std::string& path, Place place, std::string message) {
    problems.add({unit.file, unit.document, path, place, std::move(message)});
}

std::string kind_name(FileUse::Kind kind) {
    return kind == FileUse::Kind::Call ? "call" : "include";
}

/// Circles and depths: one walk over the graph of uses, with a stack of its own.
class UseGraph {
  public:
    UseGraph(const std::vector<Unit>& library, std::size_t deepest, Problems& problems)
        : callees_(library),
          deepest_(deepest),
          problems_(problems),
          states_(library.size()),
          heights_(library.size()) {}

    /// Reports the circles that can be reached from the document, and a chain that is too long.
    void check(const Unit& document) {
        std::size_t longest = 0;
        const FileUse* culprit = nullptr;
        for (std::size_t i = 0; i < document.used.size(); ++i) {
            auto height = walk(document.used[i]) + 1;
            if (height <= longest) continue;
            longest = height;
            culprit = &document.uses[i];
        }
        if (longest <= deepest_) return;
        report(problems_, document, culprit->path, culprit->place, too_deep(deepest_));
    }

  private:
    enum class State : std::uint8_t { New, Active, Done };
    struct Visit {
        std::size_t unit;
        std::size_t next = 0;
    };

    std::size_t walk(std::size_t root) {
        if (states_[root] == State::New) enter(root);
        while (!path_.empty()) {
            auto index = path_.back().unit;
            const auto& unit = callees_[index];
            auto next = path_.back().next++;
            if (next < unit.used.size()) {
                follow(unit, next);
                continue;
            }
            states_[index] = State::Done;
            path_.pop_back();
            if (!path_.empty()) raise(path_.back().unit, heights_[index] + 1);
        }
        return heights_[root];
    }

    void enter(std::size_t index) {
        states_[index] = State::Active;
        path_.push_back({index});
    }

    void follow(const Unit& unit, std::size_t use) {
        auto target = unit.used[use];
        if (states_[target] == State::Active) {
            report_circle(unit, unit.uses[use], target);
        } else if (states_[target] == State::Done) {
            raise(path_.back().unit, heights_[target] + 1);
        } else {
            enter(target);
        }
    }

    void raise(std::size_t index, std::size_t height) { heights_[index] = std::max(heights_[index], height); }

    void report_circle(const Unit& unit, const FileUse& use, std::size_t target) {
        auto first = std::find_if(path_.begin(), path_.end(),
                                  [&](const Visit& visit) { return visit.unit == target; });
        std::string chain;
        for (auto it = first; it != path_.end(); ++it)
            chain += callees_[it->unit].file + " -> ";
        report(problems_, unit, use.path, use.place,
               kind_name(use.kind) + "s go in a circle: " + chain + callees_[target].file);
    }

    const std::vector<Unit>& callees_;
    std::size_t deepest_;
    Problems& problems_;
    std::vector<State> states_;
    std::vector<std::size_t> heights_;
    std::vector<Visit> path_;
};

void check_faults(const Unit& unit, const std::vector<Unit>& library, Problems& problems) {
    for (std::size_t i = 0; i < unit.uses.size(); ++i) {
        const auto& use = unit.uses[i];
        const auto& used = library[unit.used[i]];
        if (!used.fault.empty())
            report(problems, unit, use.path, use.place, shown(used.file) + ": " + used.fault);
    }
}

void check_target(const Unit& unit, const FileUse& use, const Unit& called, const std::vector<Unit>& library,
                  Problems& problems) {
    if (use.target.empty() || !called.fault.empty()) return;
    std::vector<std::string_view> names;
    auto add = [&](const Unit& part) {
        for (const auto& step : part.read.step_names)
            names.push_back(step.name);
    };
    for (const auto* part : included_units(called, library))
        add(*part);
    add(called);
    if (std::find(names.begin(), names.end(), use.target) != names.end()) return;
    report(problems, unit, use.target_path, use.target_place,
           shown(called.file) + " has no step " + shown(use.target) + suggestion(use.target, names));
}

/// Steps of included files and own ones are one list: their names must differ.
void check_names(const Unit& unit, const std::vector<Unit>& library, Problems& problems) {
    if (unit.read.workflow.includes.empty()) return;
    struct Owner {
        const Unit* unit;
        const StepName* step;
    };
    std::unordered_map<std::string_view, Owner> taken;
    auto add = [&](const Unit& part) {
        for (const auto& step : part.read.step_names) {
            auto [it, is_new] = taken.emplace(step.name, Owner{&part, &step});
            // A file that includes itself is met twice; that is a circle, not two steps of one name.
            if (is_new || it->second.step->place == step.place) continue;
            report(problems, part, step.path, step.place,
                   "the name " + shown(step.name) + " is taken by a step of " + it->second.unit->file +
                       ", line " + std::to_string(it->second.step->place.line) +
                       (&part == &unit ? ", which is included" : ", included by " + unit.file));
        }
    };
    for (const auto* part : included_units(unit, library))
        add(*part);
    add(unit);
}

/// A file that comes in twice brings its steps' names twice.
void check_twice(const Unit& unit, const std::vector<Unit>& library, Problems& problems) {
    std::unordered_set<std::size_t> seen;
    for (std::size_t i = 0; i < unit.uses.size(); ++i) {
        const auto& use = unit.uses[i];
        if (use.kind != FileUse::Kind::Include) continue;
        std::unordered_set<std::size_t> brought{unit.used[i]};
        for (const auto* part : included_units(library[unit.used[i]], library))
            brought.insert(static_cast<std::size_t>(part - library.data()));
        auto twice = std::find_if(brought.begin(), brought.end(),
                                  [&](std::size_t part) { return seen.contains(part); });
        if (twice != brought.end()) {
            // The least index: the set has no order of its own.
            std::size_t least = *twice;
            for (auto part : brought) {
                if (seen.contains(part)) least = std::min(least, part);
            }
            report(problems, unit, use.path, use.place,
                   shown(library[least].file) + " is included twice; step names would not be unique");
        }
        seen.merge(brought);
    }
}

void check_unit(const Unit& unit, const std::vector<Unit>& library, Problems& problems) {
    check_faults(unit, library, problems);
    check_names(unit, library, problems);
    check_twice(unit, library, problems);
    for (std::size_t i = 0; i < unit.uses.size(); ++i)
        check_target(unit, unit.uses[i], library[unit.used[i]], library, problems);
}

}  // namespace

std::string too_deep(std::size_t deepest) {
    return "calls and includes nest more than " + std::to_string(deepest) +
           " deep; --max-call-depth sets how deep they may";
}

void check_library(const std::vector<Unit>& documents, const std::vector<Unit>& library, std::size_t deepest,
                   Problems& problems) {
    UseGraph graph(library, deepest, problems);
    for (const auto& document : documents) {
        check_unit(document, library, problems);
        graph.check(document);
    }
    for (const auto& unit : library)
        check_unit(unit, library, problems);
}

std::vector<const Unit*> included_units(const Unit& unit, const std::vector<Unit>& library) {
    struct Visit {
        const Unit* unit;
        std::size_t next = 0;
    };
    std::vector<const Unit*> result;
    std::unordered_set<const Unit*> seen{&unit};
    std::vector<Visit> path{{&unit}};
    while (!path.empty()) {
        auto& [current, next] = path.back();
        while (next < current->uses.size() && current->uses[next].kind != FileUse::Kind::Include)
            ++next;
        if (next < current->uses.size()) {
            const auto* included = &library[current->used[next++]];
            if (seen.insert(included).second) path.push_back({included});
            continue;
        }
        if (current != &unit) result.push_back(current);
        path.pop_back();
    }
    return result;
}

}  // namespace relux::workflow
