// Numbers as text: Python's float() of plain decimals and repr() of a float, without a locale, correctly rounded.
#ifndef OBCLIP_CONTRACT_DECIMAL_H
#define OBCLIP_CONTRACT_DECIMAL_H

#include <optional>
#include <string>
#include <string_view>

namespace obclip {

// The nearest double of "-12", "0.5", "5.", ".5", "1e-3", "+1.25E+05", "inf", "nan" (Python's spellings, ASCII, no
// spaces or underscores). Nothing for other texts, and for those of more than 400 characters.
std::optional<double> number_of(std::string_view text);
// repr(value): the shortest text that reads back as the same number.
std::string repr(double value);

}  // namespace obclip

#endif
