// YAML text to a tree of typed nodes. The one place that knows yaml-cpp; none of its exceptions leaves it.
// What it lets pass is checked here: bytes that are no text, quotes that never end, text after the end of a
// document, duplicate keys, aliases that multiply. Scalars get the types of YAML 1.2's core schema. Knows
// nothing of workflows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "frontend/workflow/place.h"
#include "frontend/workflow/problem.h"

namespace relux::workflow {

/// A scalar with its type; null is std::monostate. Integers that need it are unsigned.
using Scalar = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string>;

struct NodeEntry;

struct Node {
    enum class Kind : std::uint8_t { Leaf, List, Map };

    Kind kind = Kind::Leaf;
    std::uint16_t height = 0;  ///< of the tree below: 0 for a scalar
    Place place;               ///< where it begins; a copy made by an alias has the place of the original
    std::uint32_t offset = 0;  ///< in the file's text, for TextPlaces
    Scalar scalar;
    std::string text;             ///< a scalar as written, without quotes and escapes
    const char* fault = nullptr;  ///< why the scalar cannot be used (static text); reported by parse_yaml
    std::vector<Node> items;      ///< of a list
    std::vector<NodeEntry>
        entries;  ///< of a map, in order; keys are scalars and unique, merge keys are resolved

    bool is_map() const { return kind == Kind::Map; }
    bool is_list() const { return kind == Kind::List; }
    bool is_null() const { return kind == Kind::Leaf && std::holds_alternative<std::monostate>(scalar); }
    const std::string* string() const {
        return kind == Kind::Leaf ? std::get_if<std::string>(&scalar) : nullptr;
    }
    /// The value of a map's key, null when it has none.
    const Node* find(std::string_view key) const;
};

struct NodeEntry {
    Node key;
    Node value;
};

/// `a map`, `the integer 5`, `nothing`: for messages that say what was found.
std::string describe(const Node& node);

struct YamlDocument {
    unsigned number = 1;  ///< among the file's non-empty documents
    Node root;
    bool damaged = false;  ///< a syntax error: root holds nothing
};

struct YamlFile {
    std::string name;
    std::uint32_t index = 0;  ///< for places
    std::string text;         ///< without a byte-order mark; every line break is `\n`
    std::vector<std::uint32_t> line_starts;
    std::vector<YamlDocument> documents;  ///< empty ones are left out

    Place place(std::size_t offset) const;
};

/// Where the bytes of one scalar's text stand in the file; where the scalar begins, when escapes or folded
/// lines make that unclear. File and node must outlive it.
class TextPlaces {
  public:
    TextPlaces(const YamlFile& file, const Node& node);
    Place operator()(std::size_t offset) const;

  private:
    std::optional<std::size_t> offset_in_block(std::size_t offset) const;

    const YamlFile& file_;
    const Node& node_;
    std::size_t content_ = 0;                 ///< where the text begins in the file
    std::size_t same_ = 0;                    ///< so many bytes stand in the file as they are in the text
    std::vector<std::size_t> line_starts_{};  ///< in the text of a block scalar
};

/// Limits of one file, that keep a hostile or broken one from taking the machine's time and memory.
struct YamlLimits {
    std::size_t file_bytes = std::size_t{16} << 20;
    std::size_t documents = 10'000;
    std::size_t nodes = 500'000;                     ///< aliases expanded
    std::size_t text_bytes = std::size_t{64} << 20;  ///< of all scalars, aliases expanded
    std::uint16_t depth = 100;
};

/// Parses every document; after a syntax error it goes on with the next `---`.
YamlFile parse_yaml(std::string name, std::uint32_t index, std::string text, Problems& problems,
                    const YamlLimits& limits = {});

/// The value of a plain (not quoted) scalar in YAML 1.2's core schema. Null, or why JSON cannot hold it: an
/// integer beyond 64 bits, an infinity, not-a-number.
const char* core_scalar(std::string_view text, Scalar& value);

}  // namespace relux::workflow
