// The axes, one specification each (edge_sdk/attributes/axes.py). The lists of their names stand in scope.h.
#ifndef OBCLIP_ATTRIBUTES_AXES_H
#define OBCLIP_ATTRIBUTES_AXES_H

#include <vector>

#include "text/text.h"

namespace obclip {

struct AxisSpec {
  View name;
  bool opt_in = false;
  bool trait = false;
  bool may_be_unsaid = true;
};

// SPECS: in grid order.
const std::vector<AxisSpec>& axis_specs();
// Nothing for a name that is no axis.
const AxisSpec* axis_spec(View name);
// TRAITS: axes whose words are adjectives before, or a phrase behind, a person.
const std::vector<View>& trait_axes();

}  // namespace obclip

#endif
