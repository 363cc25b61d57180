// What every mechanism offers (edge_sdk/mechanisms/protocol.py).
#include "mechanisms/protocol.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace obclip {

double log_up(const Ratio& ratio) {
  if (ratio == Ratio(1)) return 0.0;
  const double top = log_of(ratio.numerator()), bottom = log_of(ratio.denominator());
  const double size = std::max({1.0, top, std::fabs(bottom)});
  const double ulp = std::nextafter(size, std::numeric_limits<double>::infinity()) - size;
  const double value = top - bottom;
  return value + 4 * ulp;
}

int Mechanism::start(const Domain& domain, const Rows& view, const Choice& truth) const {
  return domain.nearest(view, truth).first;
}

}  // namespace obclip
