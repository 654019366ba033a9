#include "vm/value/operator.h"

#include <array>

namespace relux::value {

namespace {

constexpr std::array kNames{
#define OPERATOR(identifier, name, ...) std::string_view(name),
#include "vm/value/operators.def"
#undef OPERATOR
};

constexpr bool kTakesValue[] = {
#define OPERATOR(identifier, name, takes_a_value, ...) takes_a_value,
#include "vm/value/operators.def"
#undef OPERATOR
};

/// How else a row may be written; no longer list is needed.
struct Signs {
    std::string_view first{};
    std::string_view second{};
};
constexpr Signs kSigns[] = {
#define OPERATOR(identifier, name, takes_a_value, ...) Signs{__VA_ARGS__},
#include "vm/value/operators.def"
#undef OPERATOR
};

}  // namespace

std::optional<Operator> find_operator(std::string_view text) {
    if (text.empty()) return std::nullopt;
    for (unsigned row = 0; row < kOperatorCount; ++row) {
        if (text == kNames[row] || text == kSigns[row].first || text == kSigns[row].second)
            return static_cast<Operator>(row);
    }
    return std::nullopt;
}

std::string_view operator_name(Operator comparison) {
    return kNames[static_cast<std::size_t>(comparison)];
}

std::span<const std::string_view> operator_names() {
    return kNames;
}

bool takes_value(Operator comparison) {
    return kTakesValue[static_cast<std::size_t>(comparison)];
}

}  // namespace relux::value
