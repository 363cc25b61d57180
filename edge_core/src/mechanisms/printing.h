// Numbers in sentences for the person: Python's format() of a float, without a locale.
#ifndef OBCLIP_MECHANISMS_PRINTING_H
#define OBCLIP_MECHANISMS_PRINTING_H

#include <string>

namespace obclip {

// f"{value:.{digits}f}", exactly rounded, ties to even.
std::string fixed_text(double value, int digits);
// f"{value:.{digits}g}"; f"{value:g}" has 6 digits.
std::string general_text(double value, int digits = 6);

}  // namespace obclip

#endif
