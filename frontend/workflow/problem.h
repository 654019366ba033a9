// Problems say what is wrong with workflow files, as data and as lines for people. Reporting never stops the
// reader: one run finds every independent mistake in every file. The same mistake, met twice because its file
// is used twice, is one problem.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "frontend/workflow/place.h"

namespace relux::workflow {

struct Problem {
    std::string file;       ///< as given or as reached from there; empty when no file is to blame
    unsigned document = 0;  ///< 1-based number of the non-empty document; 0 when it is about the whole file
    std::string path;       ///< `steps[0].type`; may be empty
    Place place;
    std::string message;  ///< one clause or sentence, lower case, without a full stop
};

/// `tests/all.yaml#2: steps[0].type: unknown type `htp`; did you mean `http`? (line 7, column 11)`
std::string render(const Problem& problem);

/// Collects problems.
class Problems {
  public:
    void add(Problem problem);
    bool empty() const { return problems_.empty(); }
    /// By file in order of first use, then by place.
    std::vector<Problem> take_sorted();

  private:
    std::vector<Problem> problems_;
    std::set<std::tuple<Place, std::string, std::string>> seen_;
};

/// Where in a document something stands, as a chain from the inside to the root. Lives on the stack: a path
/// must not outlive its parent, nor the key it was made with.
class KeyPath {
  public:
    KeyPath() = default;
    KeyPath key(std::string_view name) const { return {this, name, 0, true}; }
    KeyPath item(std::size_t index) const { return {this, {}, index, false}; }
    /// `config.http.headers["X y"]`, `steps[0].then[1]`; empty for the root.
    std::string text() const;

  private:
    KeyPath(const KeyPath* parent, std::string_view name, std::size_t index, bool is_key)
        : parent_(parent), name_(name), index_(index), is_key_(is_key) {}

    const KeyPath* parent_ = nullptr;
    std::string_view name_;
    std::size_t index_ = 0;
    bool is_key_ = false;
};

/// A name or value as messages show it: in backquotes, control bytes visible, cut when long.
std::string shown(std::string_view text);

/// `; did you mean `x`?` when one of the known names is near, else `; use a, b or c` when they are few, else
/// nothing.
std::string suggestion(std::string_view name, std::span<const std::string_view> known);

/// `a, b or c`
std::string alternatives(std::span<const std::string_view> known);

}  // namespace relux::workflow
