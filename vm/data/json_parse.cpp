// Reading JSON text: a builder of our own for the library's reader, because the library's own knows no bound
// on depth and takes quadratic time for the members of a large map.
#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vm/base/utf8.h"
#include "vm/data/json.h"

namespace relux::data {

namespace {

/// Up to this many members, comparing each with each costs less than an index.
constexpr std::size_t kFewMembers = 16;

bool has_repeated_keys(const Json::object_t& members) {
    if (members.size() <= kFewMembers) {
        for (auto at = members.begin(); at != members.end(); ++at) {
            auto same = [&](const auto& other) { return other.first == at->first; };
            if (std::any_of(members.begin(), at, same)) return true;
        }
        return false;
    }
    std::unordered_map<std::string_view, bool> seen;
    return std::any_of(members.begin(), members.end(),
                       [&](const auto& entry) { return !seen.emplace(entry.first, true).second; });
}

void keep_last_values(Json::object_t& members) {
    if (!has_repeated_keys(members)) return;
    using Entry = Json::object_t::value_type;
    std::vector<Entry>& entries = members;
    std::unordered_map<std::string, std::size_t> places;
    Json::object_t kept;
    std::vector<Entry>& kept_entries = kept;
    for (auto& entry : entries) {
        auto [place, is_new] = places.emplace(entry.first, kept_entries.size());
        if (is_new) {
            kept_entries.push_back(std::move(entry));
        } else {
            kept_entries[place->second].second = std::move(entry.second);
        }
    }
    members = std::move(kept);
}

/// Puts a document together from what the reader reports. A handler that returns false ends the reading.
class Builder {
  public:
    explicit Builder(std::string_view text) : text_(text) {}

    Json take() { return std::move(document_); }
    const Error& error() const { return error_; }

    bool null() { return add(Json(nullptr)); }
    bool boolean(bool value) { return add(Json(value)); }
    bool number_integer(std::int64_t value) { return add(Json(value)); }
    bool number_unsigned(std::uint64_t value) { return add(Json(value)); }
    bool number_float(double value, const std::string&) { return add(Json(value)); }
    bool string(std::string& value) { return add(Json(std::move(value))); }
    bool binary(Json::binary_t&) { return false; }  // JSON text has none
    bool start_object(std::size_t) { return open(Json::object()); }
    bool start_array(std::size_t) { return open(Json::array()); }
    bool key(std::string& name) {
        key_ = std::move(name);
        return true;
    }
    bool end_object() {
        keep_last_values(*open_.back()->get_ptr<Json::object_t*>());
        open_.pop_back();
        return true;
    }
    bool end_array() {
        open_.pop_back();
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& problem) {
        // The library counts from 1 and stops after the byte that it could not take.
        auto offset = std::min(position == 0 ? 0 : position - 1, text_.size());
        error_ = error_at(offset, wording(offset, problem));
        return false;
    }
    Error error_at(std::size_t offset, std::string_view what) const {
        return Error{place(offset) + ": " + std::string(what), static_cast<int>(offset)};
    }

  private:
    bool add(Json value) {
        if (open_.empty()) {
            document_ = std::move(value);
            return true;
        }
        insert(std::move(value));
        return true;
    }

    /// A pointer to what is open stays good: nothing is added beside it before it is closed.
    Json* insert(Json value) {
        if (auto* list = open_.back()->get_ptr<Json::array_t*>()) {
            list->push_back(std::move(value));
            return &list->back();
        }
        std::vector<Json::object_t::value_type>& members = *open_.back()->get_ptr<Json::object_t*>();
        members.emplace_back(std::move(key_), std::move(value));
        return &members.back().second;
    }

    bool open(Json value) {
        if (open_.size() == kMaximumDepth) {
            error_.message =
                "more than " + std::to_string(kMaximumDepth) + " lists and maps within each other";
            return false;
        }
        if (open_.empty()) {
            document_ = std::move(value);
            open_.push_back(&document_);
        } else {
            open_.push_back(insert(std::move(value)));
        }
        return true;
    }

    std::string place(std::size_t offset) const {
        auto before = text_.substr(0, offset);
        auto line = 1 + std::count(before.begin(), before.end(), '\n');
        auto line_start = before.rfind('\n');
        auto in_line = line_start == std::string_view::npos ? before : before.substr(line_start + 1);
        auto column = 1 + count_characters(in_line);
        return "line " + std::to_string(line) + ", column " + std::to_string(column);
    }

    std::string wording(std::size_t offset, const nlohmann::detail::exception& problem) const {
        if (offset >= text_.size()) return "the JSON ends too early";
        // "[json.exception...] parse error at line 1, column 2: syntax error while parsing value - invalid
        // literal; last read: 'x'": the part after the dash is for people.
        std::string_view words = problem.what();
        if (auto dash = words.find(" - "); dash != std::string_view::npos) {
            words.remove_prefix(dash + 3);
        } else if (auto bracket = words.find("] "); bracket != std::string_view::npos) {
            words.remove_prefix(bracket + 2);
        }
        return "not JSON: " + std::string(words);
    }

    std::string_view text_;  ///< the caller's, for as long as parse_json runs
    Json document_;
    std::vector<Json*> open_;  ///< within document_, the innermost last
    std::string key_;
    Error error_;
};

}  // namespace

Result<Json> parse_json(std::string_view text) {
    Builder builder(text);
    // The library takes a zero byte for the end of the text.
    if (auto zero = text.find('\0'); zero != std::string_view::npos)
        return builder.error_at(zero, "not JSON: a zero byte");
    if (!Json::sax_parse(text.begin(), text.end(), &builder)) return builder.error();
    return builder.take();
}

}  // namespace relux::data
