// How far apart the values of one axis lie, and how common they are (edge_sdk/mechanisms/ruler.py).
#include "mechanisms/ruler.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "contract/limits.h"

namespace obclip {

namespace {

// Axes up to this size get their best representatives by trying all subsets.
constexpr int TRY_ALL = 12;
// Mean distances are kept as whole numbers of this many parts of one.
constexpr std::int64_t PARTS = 1 << 10;

// The next combination of `count` of 0..n-1, in itertools' order; false behind the last.
bool next_combination(std::vector<int>& chosen, int n) {
  const int count = static_cast<int>(chosen.size());
  int i = count - 1;
  while (i >= 0 && chosen[i] == n - count + i) --i;
  if (i < 0) return false;
  ++chosen[i];
  for (int j = i + 1; j < count; ++j) chosen[j] = chosen[j - 1] + 1;
  return true;
}

std::int64_t least(const Ruler::Row& row, const std::vector<int>& chosen) {
  std::int64_t out = row[chosen[0]];
  for (int c : chosen) out = std::min(out, row[c]);
  return out;
}

}  // namespace

Ruler::Ruler(std::vector<Row> apart, Row prior, std::vector<bool> first, std::optional<int> silent)
    : apart_(std::move(apart)), prior_(std::move(prior)), first_(std::move(first)), silent_(silent) {}

int Ruler::central() const {
  if (silent_) return *silent_;
  int best_value = 0;
  std::tuple<std::int64_t, std::int64_t> least_key;
  for (int i = 0; i < size(); ++i) {
    const std::tuple key{*std::max_element(apart_[i].begin(), apart_[i].end()), -prior_[i]};
    if (i == 0 || key < least_key) {
      least_key = key;
      best_value = i;
    }
  }
  return best_value;
}

const std::vector<std::vector<int>>& Ruler::representatives() const {
  if (!representatives_) {
    const int most = std::min(size(), limits::MAX_CANDIDATES);
    if (size() <= TRY_ALL) {
      representatives_.emplace();
      for (int c = 1; c <= most; ++c) representatives_->push_back(best(c));
    } else {
      representatives_ = farthest_first(most);
    }
  }
  return *representatives_;
}

const std::vector<std::int64_t>& Ruler::costs() const {
  if (!costs_) {
    costs_.emplace();
    const std::int64_t total = std::accumulate(prior_.begin(), prior_.end(), std::int64_t{0});
    for (const auto& chosen : representatives()) costs_->push_back(away(chosen) * PARTS / total);
  }
  return *costs_;
}

std::int64_t Ruler::away(const std::vector<int>& chosen) const {
  std::int64_t out = 0;
  for (int v = 0; v < size(); ++v) out += prior_[v] * least(apart_[v], chosen);
  return out;
}

std::vector<int> Ruler::best(int count) const {
  std::vector<int> chosen(static_cast<std::size_t>(count));
  std::iota(chosen.begin(), chosen.end(), 0);
  std::vector<int> out;
  std::pair<std::int64_t, std::int64_t> least_cost;
  do {
    std::int64_t widest = 0;
    for (const Row& row : apart_) widest = std::max(widest, least(row, chosen));
    const std::pair cost{widest, away(chosen)};
    if (out.empty() || cost < least_cost) {  // of equal ones the first, which is the lowest
      least_cost = cost;
      out = chosen;
    }
  } while (next_combination(chosen, size()));
  return out;
}

std::vector<std::vector<int>> Ruler::farthest_first(int most) const {
  std::vector<bool> left(prior_.size(), true);
  Row far;
  std::vector<int> chosen;
  std::vector<std::vector<int>> out;
  while (static_cast<int>(out.size()) < most) {
    int pick = -1;
    std::tuple<bool, std::int64_t, std::int64_t> most_key;
    for (int i = 0; i < size(); ++i) {
      if (!left[i]) continue;
      const std::tuple<bool, std::int64_t, std::int64_t> key{first_[i], chosen.empty() ? 0 : far[i], prior_[i]};
      if (pick < 0 || key > most_key) {
        most_key = key;
        pick = i;
      }
    }
    left[pick] = false;
    if (chosen.empty()) {
      far = apart_[pick];
    } else {
      for (int i = 0; i < size(); ++i) far[i] = std::min(far[i], apart_[pick][i]);
    }
    chosen.insert(std::upper_bound(chosen.begin(), chosen.end(), pick), pick);
    out.push_back(chosen);
  }
  return out;
}

std::shared_ptr<const Ruler> plain_ruler(const Axis& axis) {
  const std::size_t n = axis.values.size();
  std::vector<Ruler::Row> apart(n, Ruler::Row(n, 1));
  for (std::size_t i = 0; i < n; ++i) apart[i][i] = 0;
  return std::make_shared<Ruler>(std::move(apart), Ruler::Row(n, 1), std::vector<bool>(n, false), std::nullopt);
}

}  // namespace obclip
