#include "frontend/workflow/yaml_keys.h"

#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace relux::workflow {

namespace {

class KeySettler {
  public:
    KeySettler(const YamlFile& file, const ReportAt& report) : file_(file), report_(report) {}

    void settle(Node& node, const KeyPath& path) {
        if (node.fault != nullptr) report_(path, node.place, node.fault);
        for (std::size_t i = 0; i < node.items.size(); ++i)
            settle(node.items[i], path.item(i));
        if (!node.is_map()) return;
        drop_unusable(node, path);
        drop_duplicates(node, path);
        for (auto& [key, value] : node.entries) {
            if (value.is_null()) {
                value.place = key.place;
                value.offset = key.offset;
            }
            settle(value, path.key(key.text));
        }
        resolve_merges(node, path);
    }

  private:
    void drop_unusable(Node& map, const KeyPath& path) {
        std::erase_if(map.entries, [&](NodeEntry& entry) {
            if (entry.key.is_null()) entry.key.text = "null";
            if (entry.key.kind == Node::Kind::Leaf) return false;
            // `{{ name }}` without quotes is a map whose key is a map.
            report_(path, entry.key.place,
                    entry.key.is_map() ? "a key cannot be a map; a template needs quotes: \"{{ name }}\""
                                       : "a key cannot be a list");
            return true;
        });
    }

    void drop_duplicates(Node& map, const KeyPath& path) {
        std::unordered_map<std::string, Place> first;
        std::erase_if(map.entries, [&](const NodeEntry& entry) {
            auto [it, is_new] = first.emplace(entry.key.text, entry.key.place);
            if (is_new) return false;
            report_(path.key(entry.key.text), entry.key.place,
                    "duplicate key " + shown(entry.key.text) + "; it is there in line " +
                        std::to_string(it->second.line) + " already");
            return true;
        });
    }

    bool is_merge(const NodeEntry& entry) const {
        return entry.key.text == "<<" && file_.text.compare(entry.key.offset, 2, "<<") == 0;
    }

    void resolve_merges(Node& map, const KeyPath& path) {
        bool any = false;
        std::unordered_set<std::string> known;
        for (const auto& entry : map.entries) {
            any = any || is_merge(entry);
            known.insert(entry.key.text);
        }
        if (!any) return;
        std::vector<NodeEntry> entries;
        for (auto& entry : map.entries) {
            if (is_merge(entry)) {
                merge(entry, entries, known, path);
            } else {
                entries.push_back(std::move(entry));
            }
        }
        map.entries = std::move(entries);
    }

    /// Own keys win over merged ones, and the first merged map over the later.
    void merge(NodeEntry& entry, std::vector<NodeEntry>& entries, std::unordered_set<std::string>& known,
               const KeyPath& path) {
        std::vector<Node> maps;
        if (entry.value.is_list()) {
            maps = std::move(entry.value.items);
        } else {
            maps.push_back(std::move(entry.value));
        }
        for (auto& map : maps) {
            if (!map.is_map()) {
                report_(path.key("<<"), map.place, "only maps can be merged, not " + describe(map));
                continue;
            }
            for (auto& merged : map.entries) {
                if (known.insert(merged.key.text).second) entries.push_back(std::move(merged));
            }
        }
    }

    const YamlFile& file_;
    const ReportAt& report_;
};

}  // namespace

void settle_keys(Node& node, const YamlFile& file, const KeyPath& path, const ReportAt& report) {
    KeySettler(file, report).settle(node, path);
}

}  // namespace relux::workflow
