// The axes, one specification each (edge_sdk/attributes/axes.py).
#include "attributes/axes.h"

namespace obclip {

const std::vector<AxisSpec>& axis_specs() {
  static const std::vector<AxisSpec> SPECS = {
      {U"gender"},
      {U"age"},
      {U"skin_tone", false, false, false},
      {U"ethnicity", false, true},
      {U"nationality", false, true},
      {U"religion", false, true},
      {U"disability", false, true},
      {U"profession", true, false, false},
      {U"body", true, true},
      {U"hair", true, true},
      {U"first_names", true, false, false},
  };
  return SPECS;
}

const AxisSpec* axis_spec(View name) {
  for (const AxisSpec& spec : axis_specs()) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

const std::vector<View>& trait_axes() {
  static const std::vector<View> TRAITS = [] {
    std::vector<View> found;
    for (const AxisSpec& spec : axis_specs()) {
      if (spec.trait) found.push_back(spec.name);
    }
    return found;
  }();
  return TRAITS;
}

}  // namespace obclip
