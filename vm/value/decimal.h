// Numbers as their decimal digits, so that comparing is exact: whole numbers of any size, and a
// floating-point number as the shortest decimal that stands for it, so 0.1 equals "0.1".
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace relux::value {

/// Its value is 0.DIGITS times ten to the power of the exponent.
class Decimal {
  public:
    /// Reads all of `text`: a sign, digits with at most one point, an exponent of up to nine digits. No white
    /// space, no hexadecimal, no infinity: nothing then.
    static std::optional<Decimal> read(std::string_view text);
    /// `number` must be finite.
    static Decimal of(double number);

    /// Half away from zero; `places` behind the point.
    Decimal rounded(std::int64_t places) const;
    /// Plain digits from 1e-6 to below 1e21, else with an exponent. Never `-0`.
    std::string text() const;
    bool is_whole() const { return exponent_ >= static_cast<std::int64_t>(digits_.size()); }

    friend std::strong_ordering compare(const Decimal& left, const Decimal& right);

  private:
    void normalise();
    std::string plain_text() const;

    bool negative_ = false;
    std::string digits_;  ///< no zero at either end; empty for zero, which has exponent 0 and no sign
    std::int64_t exponent_ = 0;
};

std::strong_ordering compare(const Decimal& left, const Decimal& right);

}  // namespace relux::value
