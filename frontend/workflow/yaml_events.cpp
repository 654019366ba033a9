// The only file that includes yaml-cpp and the only one with exceptions. The parser's events are used, not
// its tree: that one forgets duplicate keys, and shares what an alias names. Every node is counted, an alias
// as all that it stands for, so that a file of a kilobyte cannot become a tree of gigabytes.
#include "frontend/workflow/yaml_events.h"

#include <algorithm>
#include <array>
#include <exception>
#include <sstream>
#include <string>
#include <utility>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace relux::workflow {

namespace {

/// Ends the parse from inside an event; caught below.
struct Stop {
    TextFault fault;
};

/// Builds one tree from the events of one document.
class TreeBuilder final : public YAML::EventHandler {
  public:
    TreeBuilder(const YamlFile& file, const DocumentText& document, YamlBudget& budget)
        : file_(file), document_(document), budget_(budget) {}

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) throw Stop{{offset(mark), "unexpected text after the end of the document"}};
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add_scalar(make(mark), anchor); }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        auto node = make(mark);
        if (!quote_ends(text(), node.offset)) throw Stop{{node.offset, "the quoted text is not ended"}};
        node.text = value;
        set_scalar(node, tag);
        add_scalar(std::move(node), anchor);
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto* original = anchor < anchors_.size() ? &anchors_[anchor] : nullptr;
        if (original == nullptr || !original->ended) {
            throw Stop{{offset(mark), "the alias stands inside what it names"}};
        }
        spend(original->size, offset(mark));
        add(original->node, original->size, offset(mark));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(Node::Kind::List, mark, tag, "tag:yaml.org,2002:seq", anchor);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(Node::Kind::Map, mark, tag, "tag:yaml.org,2002:map", anchor);
    }
    void OnMapEnd() override { close(); }

    /// Nothing when the document is empty.
    std::optional<Node> take_root() {
        if (!root_ || root_->is_null()) return std::nullopt;
        return std::move(root_);
    }

    /// In the file's text.
    std::size_t offset(const YAML::Mark& mark) const {
        return document_.begin + static_cast<std::size_t>(std::max(mark.pos, 0));
    }

  private:
    struct Size {
        std::size_t nodes = 1;
        std::size_t bytes = 0;
    };
    /// A list or map whose end has not come.
    struct Open {
        Node node;
        YAML::anchor_t anchor;
        Size size;
        std::optional<Node> key;  ///< of a map: the key whose value comes next
    };
    /// Keeps a node that an alias may name.
    struct Anchored {
        Node node;
        Size size;
        bool ended = false;
    };

    std::string_view text() const { return std::string_view(file_.text).substr(0, document_.end); }

    Node make(const YAML::Mark& mark) {
        Node node;
        auto at = skip_properties(text(), offset(mark));
        node.offset = static_cast<std::uint32_t>(at);
        node.place = file_.place(at);
        return node;
    }

    void set_scalar(Node& node, const std::string& tag) {
        if (tag == "?") {
            node.fault = core_scalar(node.text, node.scalar);
            if (node.fault != nullptr) node.scalar = node.text;
            return;
        }
        node.scalar = node.text;
        if (tag == "!" || tag == "tag:yaml.org,2002:str") return;
        constexpr std::array<std::string_view, 4> core_tags{"tag:yaml.org,2002:null",
                                                            "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int",
                                                            "tag:yaml.org,2002:float"};
        if (std::find(core_tags.begin(), core_tags.end(), tag) == core_tags.end()) refuse_tag(node, tag);
        node.fault = core_scalar(node.text, node.scalar);
        if (node.fault == nullptr && !fits(node.scalar, tag)) node.fault = "the value does not fit its tag";
        if (node.fault != nullptr) node.scalar = node.text;
    }

    static bool fits(Scalar& scalar, std::string_view tag) {
        bool integer =
            std::holds_alternative<std::int64_t>(scalar) || std::holds_alternative<std::uint64_t>(scalar);
        if (tag.ends_with(":null")) return std::holds_alternative<std::monostate>(scalar);
        if (tag.ends_with(":bool")) return std::holds_alternative<bool>(scalar);
        if (tag.ends_with(":int")) return integer;
        if (const auto* number = std::get_if<std::int64_t>(&scalar)) scalar = static_cast<double>(*number);
        return std::holds_alternative<double>(scalar);
    }

    [[noreturn]] static void refuse_tag(const Node& node, const std::string& tag) {
        throw Stop{
            {node.offset, "the tag " + shown(tag) + " is not known; quote a text that begins with `!`"}};
    }

    void spend(const Size& size, std::size_t at) {
        if (size.nodes > budget_.nodes || size.bytes > budget_.text_bytes) {
            throw Stop{{at, "the file has too many values; an alias counts as all that it stands for"}};
        }
        budget_.nodes -= size.nodes;
        budget_.text_bytes -= size.bytes;
    }

    void add_scalar(Node node, YAML::anchor_t anchor) {
        Size size{1, node.text.size()};
        auto at = node.offset;
        spend(size, at);
        keep(anchor, node, size);
        add(std::move(node), size, at);
    }

    void keep(YAML::anchor_t anchor, const Node& node, const Size& size) {
        if (anchor == 0) return;
        // The copy counts too.
        spend(size, node.offset);
        anchored(anchor) = {node, size, true};
    }

    /// A finished node goes to where it belongs.
    void add(Node node, const Size& size, std::size_t at) {
        if (node.height + open_.size() > budget_.depth) too_deep(at);
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        auto& parent = open_.back();
        parent.size.nodes += size.nodes;
        parent.size.bytes += size.bytes;
        parent.node.height = std::max(parent.node.height, static_cast<std::uint16_t>(node.height + 1));
        if (parent.node.is_list()) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.key) {
            parent.key = std::move(node);
        } else {
            parent.node.entries.push_back({std::move(*parent.key), std::move(node)});
            parent.key.reset();
        }
    }

    void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, std::string_view own_tag,
              YAML::anchor_t anchor) {
        auto node = make(mark);
        node.kind = kind;
        if (tag != "?" && tag != "!" && tag != own_tag) refuse_tag(node, tag);
        if (open_.size() >= budget_.depth) too_deep(node.offset);
        if (anchor != 0) anchored(anchor).ended = false;
        spend({}, node.offset);
        open_.push_back({std::move(node), anchor, {}, std::nullopt});
    }

    void close() {
        auto ended = std::move(open_.back());
        open_.pop_back();
        keep(ended.anchor, ended.node, ended.size);
        auto at = ended.node.offset;
        add(std::move(ended.node), ended.size, at);
    }

    [[noreturn]] void too_deep(std::size_t at) const {
        throw Stop{{at, "nested too deeply: at most " + std::to_string(budget_.depth) + " levels"}};
    }

    Anchored& anchored(YAML::anchor_t anchor) {
        if (anchor >= anchors_.size()) anchors_.resize(anchor + 1);
        return anchors_[anchor];
    }

    const YamlFile& file_;
    const DocumentText& document_;
    YamlBudget& budget_;
    int documents_ = 0;
    std::optional<Node> root_;
    std::vector<Open> open_;
    std::vector<Anchored> anchors_;
};

struct Advice {
    std::string_view message;  ///< yaml-cpp's
    std::string_view ours;
};
// Words that say what to do, for the mistakes that people make.
constexpr std::array<Advice, 14> advice{{
    {"illegal map value",
     "a `:` in the middle of a value, or a wrong indentation; quote a value that holds `: `"},
    {"unknown token", "a value cannot begin with this character; quote it"},
    {"end of map not found", "this does not belong to the map above: check the indentation"},
    {"end of sequence not found", "this does not belong to the list above: check the indentation"},
    {"end of map flow not found", "the map's `}` is missing, or a value that holds `[` or `{` needs quotes"},
    {"end of sequence flow not found",
     "the list's `]` is missing, or a value that holds `[` or `{` needs quotes"},
    {"illegal flow end", "a `]` or `}` that nothing opened"},
    {"illegal EOF in scalar", "the quoted text is not ended"},
    {"illegal document indicator in scalar", "the quoted text is not ended before the next document"},
    {"illegal block entry",
     "a list item `- ` cannot stand here: check the indentation, and that it has no tabs"},
    {"illegal tab when looking for indentation", "YAML is indented with spaces, not with tabs"},
    {"the referenced anchor is not defined",
     "the alias names no anchor before it; quote a text that begins with `*`"},
    {"cannot assign multiple anchors to the same node", "two anchors for one value"},
    {"cannot assign multiple tags to the same node", "two tags for one value"},
}};

std::string in_our_words(const std::string& message) {
    for (const auto& row : advice) {
        if (row.message == message) return std::string(row.ours);
    }
    return message.empty() ? "cannot be parsed" : message;
}

}  // namespace

ParsedDocument parse_document(const YamlFile& file, const DocumentText& document, YamlBudget& budget) {
    ParsedDocument parsed;
    TreeBuilder builder(file, document, budget);
    auto fault = [&](std::size_t at, std::string message) {
        parsed.fault = TextFault{std::min(at, document.end), std::move(message)};
    };
    try {
        std::istringstream input(file.text.substr(document.begin, document.end - document.begin));
        YAML::Parser parser(input);
        while (parser.HandleNextDocument(builder)) {
        }
        parsed.root = builder.take_root();
    } catch (const Stop& stop) {
        fault(stop.fault.offset, stop.fault.message);
    } catch (const YAML::DeepRecursion& deep) {
        fault(builder.offset(deep.mark),
              "nested too deeply: at most " + std::to_string(budget.depth) + " levels");
    } catch (const YAML::Exception& refused) {
        fault(builder.offset(refused.mark), in_our_words(refused.msg));
    } catch (const std::exception& other) {
        fault(document.begin, std::string("cannot be parsed: ") + other.what());
    }
    return parsed;
}

}  // namespace relux::workflow
