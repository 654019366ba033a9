// Finds the module of the library that a name was meant from, by a look at the files: those that nothing
// imports are not part of the program.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vm/base/result.h"

namespace relux::frontend {

class Exporters {
  public:
    using ReadFile = std::function<Result<std::string>(const std::filesystem::path&)>;
    /// `library` is the directory of the modules. Nothing is read before the first question.
    Exporters(std::filesystem::path library, std::function<std::vector<std::string>()> modules,
              ReadFile read);

    /// The import path of the only module that defines this: `f/2` for a function, `Db` for an effect. Empty:
    /// there is none, or more than one.
    std::string only_one_of(const std::string& name);

  private:
    void read_library();
    void add_definitions(const std::string& module, std::string_view text);

    std::filesystem::path library_;
    std::function<std::vector<std::string>()> modules_;
    ReadFile read_;
    bool known_ = false;
    std::unordered_map<std::string, std::vector<std::string>> modules_by_name_;
};

}  // namespace relux::frontend
