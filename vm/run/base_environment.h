// The base environment of a test (language 15.1): the host's, then `.env` files, then what the runtime sets,
// which nothing shadows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vm/report/environment_variable.h"

namespace relux::run {

/// The tests of one directory start from this: the host's variables with `.env` files over them.
struct EnvironmentLayer {
    std::map<std::string, std::string> variables;  ///< all of them
    /// Which line set a variable, as `relux/tests/.env:3`; the host's are not in it.
    std::map<std::string, std::string, std::less<>> places;
};

class BaseEnvironment {
  public:
    /// `lower` is shared by the tests of a run and must outlive this, and so must `layer`. With a layer,
    /// `lower` is not looked at.
    explicit BaseEnvironment(const std::map<std::string, std::string>& lower,
                             const EnvironmentLayer* layer = nullptr)
        : lower_(layer == nullptr ? lower : layer->variables), layer_(layer) {}

    void set(std::string name, std::string value) {
        own_.insert_or_assign(std::move(name), std::move(value));
    }
    /// The view is valid as long as this object is not changed.
    std::optional<std::string_view> find(std::string_view name) const;
    /// The line of an `.env` file that set the variable, or empty: it is the host's, the runtime's, or unset.
    std::string_view provenance(std::string_view name) const;
    /// Whether the runtime has set it.
    bool is_own(std::string_view name) const { return own_.contains(name); }
    /// All of it, sorted; with names and values alone. Views are valid as long as this object is not changed.
    std::vector<report::EnvironmentVariable> variables() const;
    /// NAME=value for every variable; `over` (later entries win) lies above all but the runtime's own names.
    std::vector<std::string> list(const std::vector<std::pair<std::string, std::string>>& over) const;

  private:
    const std::map<std::string, std::string>& lower_;
    const EnvironmentLayer* layer_;
    std::map<std::string, std::string, std::less<>> own_;
};

}  // namespace relux::run
