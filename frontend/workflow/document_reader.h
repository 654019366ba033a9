// From nodes to checked values: the small readers that all others are made of. Each reports what is wrong and
// gives nothing then, so that the caller can go on with the next key.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/workflow/problem.h"
#include "frontend/workflow/syntax.h"
#include "frontend/workflow/yaml.h"

namespace relux::workflow {

/// A use of another file, as a document has it.
struct FileUse {
    enum class Kind : std::uint8_t { Include, Call };
    Kind kind;
    std::string file;  ///< as written
    Place place;
    std::string path;    ///< of the key
    std::string target;  ///< of a call; may be empty
    Place target_place;
    std::string target_path;
    std::string prefix{};  ///< of an include: what its steps' names begin with
};

/// A step's name and where it is.
struct StepName {
    std::string name;
    Place place;
    std::string path;
};

/// Holds everything that the readers of one document share.
struct DocumentContext {
    const YamlFile& file;
    unsigned document;
    Problems& problems;
    /// Gives the index in the library of the file that is used.
    std::function<std::size_t(const FileUse& use)> use_file;
    std::vector<StepName> step_names{};
    std::string step_prefix{};  ///< of the names of all its steps

    void report(const KeyPath& path, Place place, std::string message) const;
    /// `must be a string, not the integer 5`
    void report_type(const KeyPath& path, const Node& node, std::string_view wanted) const;
};

/// A map whose keys are known. Reports at once when the node is no map, or has other keys.
class MapReader {
  public:
    /// `what`: `a workflow`, for messages. Path and node must outlive it.
    MapReader(const DocumentContext& context, const Node& node, const KeyPath& path, std::string_view what,
              std::span<const std::string_view> known);

    /// Null when the key is not there.
    const Node* find(std::string_view key) const { return node_.find(key); }
    /// The same, and reports it, unless the node is no map at all.
    const Node* require(std::string_view key) const;
    KeyPath path(std::string_view key) const { return path_.key(key); }
    Place place() const { return node_.place; }

  private:
    const DocumentContext& context_;
    const Node& node_;
    const KeyPath& path_;
};

/// A string that is taken as it stands. Not empty.
std::optional<std::string> read_name(const DocumentContext& context, const Node& node, const KeyPath& path);
std::optional<bool> read_boolean(const DocumentContext& context, const Node& node, const KeyPath& path);
/// A string with templates.
std::optional<Template> read_template(const DocumentContext& context, const Node& node, const KeyPath& path);
/// The same, and numbers and booleans as they are written: header values, words of a command.
std::optional<Template> read_text(const DocumentContext& context, const Node& node, const KeyPath& path);
std::optional<Value> read_value(const DocumentContext& context, const Node& node, const KeyPath& path);
/// A list of at least one.
std::vector<Template> read_texts(const DocumentContext& context, const Node& node, const KeyPath& path);
/// Variables and their values.
std::vector<NamedValue> read_variables(const DocumentContext& context, const Node& node, const KeyPath& path);
std::vector<NamedText> read_headers(const DocumentContext& context, const Node& node, const KeyPath& path);
std::optional<PathText> read_path(const DocumentContext& context, const Node& node, const KeyPath& path);
/// `extract`, `returns`: variables and paths.
std::vector<Extraction> read_extractions(const DocumentContext& context, const Node& node,
                                         const KeyPath& path);
/// The path of a called or included file: literal, because it is followed before anything runs.
std::optional<std::string> read_file_name(const DocumentContext& context, const Node& node,
                                          const KeyPath& path);
/// False, with a report, when a template could not name that variable.
bool check_variable_name(const DocumentContext& context, std::string_view name, Place place,
                         const KeyPath& path);

}  // namespace relux::workflow
