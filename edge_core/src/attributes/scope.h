// Which axes a prompt is read for (edge_sdk/attributes/scope.py, axes.py).
#ifndef OBCLIP_ATTRIBUTES_SCOPE_H
#define OBCLIP_ATTRIBUTES_SCOPE_H

#include <set>

#include "text/text.h"

namespace obclip {

// A small ordered set of axis names; the axes are few.
using AxisSet = std::set<Text, std::less<>>;

// AXES and OPT_IN of edge_sdk/attributes/axes.py, in their order.
const std::vector<Text>& default_axes();
const std::vector<Text>& opt_in_axes();

struct Scope {
  AxisSet opt_in;
  AxisSet axes{default_axes().begin(), default_axes().end()};
  AxisSet unspecified;
  bool operator==(const Scope& o) const {
    return opt_in == o.opt_in && axes == o.axes && unspecified == o.unspecified;
  }
};

}  // namespace obclip

#endif
