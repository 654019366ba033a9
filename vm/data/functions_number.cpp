// Functions on numbers. Whole numbers stay whole and exact within 64 bits; whatever does not fit is an error,
// never a number that is only nearly right or infinite.
#include <cmath>

#include "vm/base/utf8.h"
#include "vm/data/call.h"
#include "vm/data/characters.h"
#include "vm/data/render.h"

namespace relux::data {

namespace {

Result<Json> fitting(const Call& call, const Number& number) {
    if (!is_representable(number)) return call.failure("the result is out of range (overflow)");
    return to_json(number);
}

bool is_zero(const Number& number) {
    return as_double(number) == 0;
}

const Wide* whole_of(const Number& number) {
    return std::get_if<Wide>(&number);
}

/// Folds all arguments with an operation on whole numbers, which returns true on overflow, and one on
/// doubles.
template <class OnWhole, class OnDouble>
Result<Json> fold(Call& call, OnWhole on_whole, OnDouble on_double) {
    auto total = call.number(0);
    for (std::size_t i = 1; i < call.count(); ++i) {
        auto next = call.number(i);
        if (whole_of(total) != nullptr && whole_of(next) != nullptr) {
            Wide result = 0;
            if (on_whole(*whole_of(total), *whole_of(next), &result)) return fitting(call, HUGE_VAL);
            total = result;
        } else {
            total = on_double(as_double(total), as_double(next));
        }
        if (!is_representable(total)) break;
    }
    return fitting(call, total);
}

Result<Json> outermost(Call& call, bool smallest) {
    bool of_list = call.count() == 1 && call.any(0).is_array();
    if (of_list && call.list(0).empty()) return call.failure("the list is empty");
    if (of_list)
        return call_function(smallest ? FunctionId::min : FunctionId::max, call.list(0), call.context());
    auto found = call.number(0);
    for (std::size_t i = 1; i < call.count(); ++i) {
        auto next = call.number(i);
        if (smallest ? compare(next, found) < 0 : compare(next, found) > 0) found = next;
    }
    return to_json(found);
}

template <class Round>
Result<Json> to_whole(Call& call, Round round) {
    auto number = call.number(0);
    if (whole_of(number) != nullptr) return to_json(number);
    return to_json(whole_if_fits(round(as_double(number))));
}

}  // namespace

Result<Json> function_add(Call& call) {
    return fold(
        call, [](Wide a, Wide b, Wide* sum) { return __builtin_add_overflow(a, b, sum); },
        [](double a, double b) { return a + b; });
}

Result<Json> function_sub(Call& call) {
    return fold(
        call, [](Wide a, Wide b, Wide* difference) { return __builtin_sub_overflow(a, b, difference); },
        [](double a, double b) { return a - b; });
}

Result<Json> function_mul(Call& call) {
    return fold(
        call, [](Wide a, Wide b, Wide* product) { return __builtin_mul_overflow(a, b, product); },
        [](double a, double b) { return a * b; });
}

Result<Json> function_div(Call& call) {
    auto dividend = call.number(0);
    auto divisor = call.number(1);
    if (is_zero(divisor)) return call.failure("division by zero");
    const auto* whole = whole_of(dividend);
    const auto* by = whole_of(divisor);
    if (whole != nullptr && by != nullptr && *whole % *by == 0) return fitting(call, *whole / *by);
    return fitting(call, as_double(dividend) / as_double(divisor));
}

Result<Json> function_mod(Call& call) {
    auto dividend = call.number(0);
    auto divisor = call.number(1);
    if (is_zero(divisor)) return call.failure("division by zero");
    const auto* whole = whole_of(dividend);
    const auto* by = whole_of(divisor);
    if (whole != nullptr && by != nullptr) return fitting(call, *whole % *by);
    return fitting(call, std::fmod(as_double(dividend), as_double(divisor)));
}

Result<Json> function_min(Call& call) {
    return outermost(call, true);
}

Result<Json> function_max(Call& call) {
    return outermost(call, false);
}

Result<Json> function_round(Call& call) {
    constexpr std::int64_t kMostPlaces = 15;  // what a double can tell apart
    auto number = call.number(0);
    auto places = call.count() > 1 ? call.whole(1, 0, kMostPlaces) : 0;
    if (whole_of(number) != nullptr) return to_json(number);
    // By the digits that people see: 2.675 to two places is 2.68, though the double is a little less.
    auto text = Decimal::of(as_double(number)).rounded(places).text();
    auto rounded = number_of(Json(text));
    if (!rounded) return fitting(call, as_double(number));
    return to_json(places == 0 ? whole_if_fits(as_double(*rounded)) : *rounded);
}

Result<Json> function_abs(Call& call) {
    auto number = call.number(0);
    if (const auto* whole = whole_of(number)) return to_json(*whole < 0 ? -*whole : *whole);
    return Json(std::abs(as_double(number)));
}

Result<Json> function_ceil(Call& call) {
    return to_whole(call, [](double number) { return std::ceil(number); });
}

Result<Json> function_floor(Call& call) {
    return to_whole(call, [](double number) { return std::floor(number); });
}

Result<Json> function_to_int(Call& call) {
    if (const auto* truth = call.any(0).get_ptr<const bool*>()) return Json(*truth ? 1 : 0);
    auto number = call.number(0);
    if (whole_of(number) == nullptr) number = whole_if_fits(std::trunc(as_double(number)));
    if (whole_of(number) == nullptr) return call.failure("the number does not fit into 64 bits");
    return to_json(number);
}

Result<Json> function_to_float(Call& call) {
    if (const auto* truth = call.any(0).get_ptr<const bool*>()) return Json(*truth ? 1.0 : 0.0);
    return Json(as_double(call.number(0)));
}

Result<Json> function_to_string(Call& call) {
    return Json(render_text(call.any(0)));
}

Result<Json> function_len(Call& call) {
    const auto& value = call.any(0);
    if (const auto* text = text_of(value)) return Json(count_characters(*text));
    if (value.is_structured()) return Json(value.size());
    call.refuse(0, "a string, a list or a map");
    return Json(0);
}

}  // namespace relux::data
