// The variables of one workflow (workflows 4): the environment, then those of its configuration, then what
// its steps have set. The newest wins; values keep their type. A bag belongs to one workflow, so nothing
// leaks.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vm/base/result.h"
#include "vm/data/json.h"
#include "vm/data/path.h"

namespace relux::data {

class StateBag {
  public:
    /// Oldest first.
    enum class Layer : std::uint8_t { Environment, Configuration, Extracted };

    void set(Layer layer, std::string name, Json value);
    /// Takes a variable of that layer away; an older one of the name shows again.
    void remove(Layer layer, std::string_view name);

    /// The newest value, null when no variable has that name. Good until the bag changes.
    const Json* find(std::string_view name) const;
    /// The layer of the newest value; nothing when there is none.
    std::optional<Layer> layer_of(std::string_view name) const;
    /// All of them, the newest value of each.
    Json as_map() const;
    /// Follows a path whose first step is the variable's name: `user.names[0]`. The error names what is not
    /// there, and the nearest name that is: "undefined variable `tokn`; did you mean `token`?".
    Result<Json> lookup(const Path& variable) const;
    /// The same for a path as text.
    Result<Json> lookup(std::string_view variable) const;
    /// All names, sorted.
    std::vector<std::string_view> names() const;

  private:
    using Variables = std::map<std::string, Json, std::less<>>;
    std::array<Variables, 3> layers_;
};

}  // namespace relux::data
