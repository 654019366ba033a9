// Writing, comparing and measuring JSON values.
#include "vm/data/json.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "vm/base/text.h"
#include "vm/data/number.h"

namespace relux::data {

namespace {

constexpr std::size_t kShownBytes = 300;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

void append_escaped(std::string& out, unsigned char c) {
    constexpr char kDigits[] = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\f':
            out += "\\f";
            break;
        default:
            if (c < 0x20) {
                out += "\\u00";
                out += kDigits[c >> 4];
                out += kDigits[c & 15];
            } else {
                out += static_cast<char>(c);
            }
    }
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    while (true) {
        auto invalid = find_invalid_utf8(text);
        for (char c : text.substr(0, invalid))
            append_escaped(out, static_cast<unsigned char>(c));
        if (invalid == std::string_view::npos) break;
        out += kReplacement;
        text.remove_prefix(invalid + 1);
    }
    out += '"';
}

void append_number(std::string& out, const Json& value) {
    if (const auto* number = value.get_ptr<const Json::number_unsigned_t*>()) {
        out += std::to_string(*number);
    } else if (const auto* whole = value.get_ptr<const Json::number_integer_t*>()) {
        out += std::to_string(*whole);
    } else if (const auto* fraction = value.get_ptr<const Json::number_float_t*>()) {
        out += std::isfinite(*fraction) ? number_text(*fraction) : "null";
    }
}

bool same_members(const Json::object_t& left, const Json::object_t& right) {
    if (left.size() != right.size()) return false;
    auto sorted = [](const Json::object_t& members) {
        std::vector<const Json::object_t::value_type*> entries;
        entries.reserve(members.size());
        for (const auto& entry : members)
            entries.push_back(&entry);
        std::sort(entries.begin(), entries.end(), [](auto* a, auto* b) { return a->first < b->first; });
        return entries;
    };
    auto left_entries = sorted(left);
    auto right_entries = sorted(right);
    return std::equal(left_entries.begin(), left_entries.end(), right_entries.begin(), [](auto* a, auto* b) {
        return a->first == b->first && same_value(a->second, b->second);
    });
}

bool same_numbers(const Json& left, const Json& right) {
    auto left_number = decimal_of(left);
    auto right_number = decimal_of(right);
    if (!left_number || !right_number) return !left_number && !right_number;
    return compare(*left_number, *right_number) == 0;
}

/// Adds up what a value takes, and gives up as soon as that is too much.
class Measure {
  public:
    bool add(const Json& value, std::size_t depth) {
        bytes_ += sizeof(Json);
        if (const auto* text = text_of(value)) bytes_ += text->size();
        too_deep_ = too_deep_ || (value.is_structured() && depth >= kMaximumDepth);
        if (!within()) return false;
        if (const auto* list = value.get_ptr<const Json::array_t*>()) {
            return std::all_of(list->begin(), list->end(),
                               [&](const Json& element) { return add(element, depth + 1); });
        }
        if (const auto* map = value.get_ptr<const Json::object_t*>()) {
            return std::all_of(map->begin(), map->end(), [&](const auto& entry) {
                bytes_ += sizeof entry - sizeof(Json) + entry.first.size();
                return add(entry.second, depth + 1);
            });
        }
        return true;
    }
    bool within() const { return !too_deep_ && bytes_ <= kMaximumBytes; }
    bool too_deep() const { return too_deep_; }

  private:
    std::size_t bytes_ = 0;
    bool too_deep_ = false;
};

}  // namespace

void append_compact_json(std::string& out, const Json& value) {
    if (const auto* text = text_of(value)) {
        append_quoted(out, *text);
    } else if (const auto* list = value.get_ptr<const Json::array_t*>()) {
        out += '[';
        for (const auto& element : *list) {
            if (&element != list->data()) out += ',';
            append_compact_json(out, element);
        }
        out += ']';
    } else if (const auto* map = value.get_ptr<const Json::object_t*>()) {
        char before = '{';
        for (const auto& [name, member] : *map) {
            out += std::exchange(before, ',');
            append_quoted(out, name);
            out += ':';
            append_compact_json(out, member);
        }
        out += map->empty() ? "{}" : "}";
    } else if (value.is_number()) {
        append_number(out, value);
    } else if (const auto* truth = value.get_ptr<const bool*>()) {
        out += *truth ? "true" : "false";
    } else {
        out += "null";
    }
}

std::string compact_json(const Json& value) {
    std::string out;
    append_compact_json(out, value);
    return out;
}

std::string number_text(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    return Decimal::of(number).text();
}

std::string shown(const Json& value) {
    auto text = compact_json(value);
    if (text.size() <= kShownBytes) return text;
    auto size = text.size();
    text.resize(kShownBytes);
    text.resize(text.size() - incomplete_utf8_tail(text));
    return text + "... (" + std::to_string(size) + " bytes)";
}

std::string_view type_name(const Json& value) {
    if (value.is_boolean()) return "boolean";
    if (value.is_number()) return "number";
    if (value.is_string()) return "string";
    if (value.is_array()) return "list";
    return value.is_object() ? "map" : "null";
}

std::string type_with_article(const Json& value) {
    auto name = type_name(value);
    return name == "null" ? "null" : "a " + std::string(name);
}

const Json* find_member(const Json& value, std::string_view name) {
    const auto* map = value.get_ptr<const Json::object_t*>();
    if (map == nullptr) return nullptr;
    auto found =
        std::find_if(map->begin(), map->end(), [&](const auto& entry) { return entry.first == name; });
    return found == map->end() ? nullptr : &found->second;
}

const std::string* text_of(const Json& value) {
    return value.get_ptr<const Json::string_t*>();
}

bool same_value(const Json& left, const Json& right) {
    if (left.is_number() && right.is_number()) return same_numbers(left, right);
    if (left.type() != right.type()) return false;
    if (const auto* list = left.get_ptr<const Json::array_t*>()) {
        const auto* other = right.get_ptr<const Json::array_t*>();
        return std::equal(list->begin(), list->end(), other->begin(), other->end(), same_value);
    }
    if (const auto* map = left.get_ptr<const Json::object_t*>()) {
        return same_members(*map, *right.get_ptr<const Json::object_t*>());
    }
    return left == right;
}

Status check_size(const Json& value) {
    Measure measure;
    measure.add(value, 0);
    if (measure.within()) return Done{};
    if (measure.too_deep()) {
        return Error{"more than " + std::to_string(kMaximumDepth) + " lists and maps within each other"};
    }
    return Error{"a value larger than 64 MiB"};
}

}  // namespace relux::data
