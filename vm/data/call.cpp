#include "vm/data/call.h"

#include "vm/data/render.h"

namespace relux::data {

namespace {

/// Says what an argument is, for a message: a string with its text, since "a string" alone says nothing about
/// why it is no number.
std::string described(const Json& value) {
    constexpr std::size_t kLongest = 60;
    const auto* text = text_of(value);
    if (text == nullptr) return type_with_article(value);
    return text->size() > kLongest ? "a string of " + std::to_string(text->size()) + " bytes"
                                   : "the string " + compact_json(value);
}

}  // namespace

Error Call::failure(std::string_view what) const {
    return Error{std::string(called_.name) + ": " + std::string(what)};
}

void Call::note(std::size_t position, std::string_view what) {
    // Arguments are not always read in order: C++ does not say in which order it evaluates theirs.
    if (position >= first_refused_) return;
    first_refused_ = position;
    error_ = failure("argument " + std::to_string(position + 1) + std::string(what));
}

void Call::refuse(std::size_t position, std::string_view expected) {
    note(position, " must be " + std::string(expected) + ", got " + described(arguments_[position]));
}

void Call::refuse_because(std::size_t position, std::string_view what) {
    note(position, ": " + std::string(what));
}

Result<Json> Call::finish(Result<Json> result) const {
    if (first_refused_ != SIZE_MAX) return error_;
    return result;
}

std::string_view Call::text(std::size_t position) {
    const auto& argument = arguments_[position];
    if (const auto* string = text_of(argument)) return *string;
    if (argument.is_number()) return digits_.emplace_back(render_text(argument));
    refuse(position, "a string");
    return {};
}

Number Call::number(std::size_t position) {
    auto read = number_of(arguments_[position]);
    if (read) return *read;
    if (read.error().message.empty()) {
        refuse(position, "a number");
    } else {
        refuse_because(position, "the number is " + read.error().message);
    }
    return Wide(0);
}

std::int64_t Call::whole(std::size_t position, std::int64_t smallest, std::int64_t largest) {
    auto read = number_of(arguments_[position]);
    auto number = read ? whole_if_fits(as_double(*read)) : Number(0.5);
    // A whole number that a double can't hold is far outside of any range asked for.
    const auto* whole = std::get_if<Wide>(&number);
    if (whole != nullptr && *whole >= smallest && *whole <= largest) return static_cast<std::int64_t>(*whole);
    auto range = std::to_string(smallest) + " to " + std::to_string(largest);
    auto got = read ? render_text(arguments_[position]) : described(arguments_[position]);
    note(position, " must be a whole number from " + range + ", got " + got);
    return smallest;
}

const Json::array_t& Call::list(std::size_t position) {
    static const Json::array_t kEmpty;
    if (const auto* elements = arguments_[position].get_ptr<const Json::array_t*>()) return *elements;
    refuse(position, "a list");
    return kEmpty;
}

const Json::object_t& Call::map(std::size_t position) {
    static const Json::object_t kEmpty;
    if (const auto* members = arguments_[position].get_ptr<const Json::object_t*>()) return *members;
    refuse(position, "a map");
    return kEmpty;
}

const Json::object_t& Call::map_or_json(std::size_t position) {
    const auto* text = text_of(arguments_[position]);
    if (text == nullptr) return map(position);
    if (auto value = parse_json(*text)) {
        parsed_.push_back(std::move(*value));
        if (const auto* members = parsed_.back().get_ptr<const Json::object_t*>()) return *members;
    }
    static const Json::object_t kEmpty;
    refuse(position, "a map or the JSON text of one");
    return kEmpty;
}

Moment Call::time(std::size_t position) {
    const auto& argument = arguments_[position];
    if (auto seconds = number_of(argument)) {
        if (auto moment = Moment::from_seconds(*seconds)) return *moment;
        refuse_because(position, "the time is outside of the years 0 to 9999");
        return {};
    }
    const auto* text = text_of(argument);
    if (text == nullptr) {
        refuse(position, "a time (RFC 3339 text or seconds since 1970)");
    } else if (auto moment = parse_moment(*text)) {
        return *moment;
    } else {
        refuse_because(position, moment.error().message);
    }
    return {};
}

}  // namespace relux::data
