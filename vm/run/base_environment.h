// The base environment of a test (language 15.1): the host's, then what the runtime sets, which nothing
// shadows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relux::run {

class BaseEnvironment {
  public:
    /// `lower` is shared by all tests of a run and must outlive this.
    explicit BaseEnvironment(const std::map<std::string, std::string>& lower) : lower_(lower) {}

    void set(std::string name, std::string value) {
        own_.insert_or_assign(std::move(name), std::move(value));
    }
    /// The view is valid as long as this object is not changed.
    std::optional<std::string_view> find(std::string_view name) const;
    /// NAME=value for every variable; `over` (later entries win) lies above all but the runtime's own names.
    std::vector<std::string> list(const std::vector<std::pair<std::string, std::string>>& over) const;

  private:
    const std::map<std::string, std::string>& lower_;
    std::map<std::string, std::string, std::less<>> own_;
};

}  // namespace relux::run
