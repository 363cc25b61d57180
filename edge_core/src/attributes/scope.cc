// The names of the axes, those of every prompt and those that are asked for (edge_sdk/attributes/axes.py).
#include "attributes/scope.h"

#include "attributes/axes.h"

namespace obclip {
namespace {

std::vector<Text> names(bool opt_in) {
  std::vector<Text> out;
  for (const AxisSpec& spec : axis_specs()) {
    if (spec.opt_in == opt_in) out.emplace_back(spec.name);
  }
  return out;
}

}  // namespace

const std::vector<Text>& default_axes() {
  static const std::vector<Text> NAMES = names(false);
  return NAMES;
}

const std::vector<Text>& opt_in_axes() {
  static const std::vector<Text> NAMES = names(true);
  return NAMES;
}

}  // namespace obclip
