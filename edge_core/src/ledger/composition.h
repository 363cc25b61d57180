// What several k-subset draws spend together: the basic sum, and the exact total (edge_sdk/ledger/composition.py).
//
// The theorem stands in the reference. There the loss distribution is a dictionary of fractions; here all points lie over
// one denominator, and the totals are the same numbers.
#ifndef OBCLIP_LEDGER_COMPOSITION_H
#define OBCLIP_LEDGER_COMPOSITION_H

#include <vector>

#include "mechanisms/rational.h"

namespace obclip {

// One k-subset draw: `ratio` e^epsilon, `d` choices, `k` < d rows (k >= 1).
struct Draw {
  Ratio ratio;
  Whole d;
  int k = 0;
  bool operator==(const Draw& o) const { return ratio == o.ratio && d == o.d && k == o.k; }
};

// The sum of the epsilons, rounded up.
double basic(const std::vector<Draw>& draws);
// The smallest epsilon for which the total is (epsilon, 10^-6)-differentially private; never above `basic`.
double tight(const std::vector<Draw>& draws);

}  // namespace obclip

#endif
