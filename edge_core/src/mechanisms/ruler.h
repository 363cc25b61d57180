// How far apart the values of one axis lie, and how common they are (edge_sdk/mechanisms/ruler.py).
#ifndef OBCLIP_MECHANISMS_RULER_H
#define OBCLIP_MECHANISMS_RULER_H

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "contract/grid.h"

namespace obclip {

// Public data on one axis of n values, the same for every prompt and person.
class Ruler {
 public:
  using Row = std::vector<std::int64_t>;
  Ruler(std::vector<Row> apart, Row prior, std::vector<bool> first, std::optional<int> silent);

  // Distance of every two values, n by n: symmetric, 0 on the diagonal alone.
  const std::vector<Row>& apart() const { return apart_; }
  const Row& prior() const { return prior_; }
  std::optional<int> silent() const { return silent_; }
  int size() const { return static_cast<int>(prior_.size()); }
  int central() const;
  // [c - 1]: c values, rising, that leave no value far away. Made on first use.
  const std::vector<std::vector<int>>& representatives() const;
  // [c - 1]: mean distance of a value to the nearest of c representatives, in parts of 1/1024, rounded down.
  const std::vector<std::int64_t>& costs() const;

 private:
  std::int64_t away(const std::vector<int>& chosen) const;
  std::vector<int> best(int count) const;
  std::vector<std::vector<int>> farthest_first(int most) const;

  std::vector<Row> apart_;
  Row prior_;
  std::vector<bool> first_;
  std::optional<int> silent_;
  mutable std::optional<std::vector<std::vector<int>>> representatives_;
  mutable std::optional<std::vector<std::int64_t>> costs_;
};

// The ruler of an axis.
using Metric = std::function<std::shared_ptr<const Ruler>(const Axis&)>;
// All values equally far apart and equally common.
std::shared_ptr<const Ruler> plain_ruler(const Axis& axis);

}  // namespace obclip

#endif
