// How near two values of the lexicon are, and how common (edge_sdk/privacy/metric.py).
#include "privacy/metric.h"

#include <algorithm>

namespace obclip {

namespace {

// Two values of an axis are at most the axis's weight times this apart.
constexpr std::int64_t UNIT = 840;

template <class V>
const V* find(const std::vector<std::pair<View, V>>& rows, View name) {
  for (const auto& [key, value] : rows)
    if (key == name) return &value;
  return nullptr;
}

bool holds(const Words& words, View word) { return std::find(words.begin(), words.end(), word) != words.end(); }

// Steps between every two values where an axis has an order or groups; else any two lie one apart.
std::vector<Ruler::Row> steps_of(View axis, const std::vector<Text>& values, const Lexicons& lexicons) {
  AxisSet opted;
  if (const auto& names = opt_in_axes(); std::find(names.begin(), names.end(), axis) != names.end())
    opted.insert(Text(axis));
  const Lexicon& known = lexicons.get(opted);
  const auto listed = known.values.find(axis);
  const auto& ordered = metric_data().ordered;
  const bool has_order =
      std::find(ordered.begin(), ordered.end(), axis) != ordered.end() || known.groups.count(axis) != 0;
  std::vector<bool> measured;
  for (const Text& value : values)
    measured.push_back(has_order && listed != known.values.end() && holds(listed->second, value));
  std::vector<Ruler::Row> out(values.size(), Ruler::Row(values.size(), 0));
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = 0; j < values.size(); ++j)
      out[i][j] = measured[i] && measured[j] ? known.distance(axis, values[i], values[j])
                                             : static_cast<int>(values[i] != values[j]);
  return out;
}

// Distance of every two values: the axis's weight times a share of its widest span.
std::vector<Ruler::Row> apart_of(View axis, const std::vector<Text>& values, const Lexicons& lexicons) {
  const int* own = find(metric_data().weights, axis);
  const std::int64_t weight = own == nullptr ? metric_data().weight : *own;
  std::vector<Ruler::Row> out = steps_of(axis, values, lexicons);
  std::int64_t most = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = 0; j < values.size(); ++j)
      if (values[i] != UNSPECIFIED && values[j] != UNSPECIFIED) most = std::max(most, out[i][j]);
  if (most == 0) most = 1;
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = 0; j < values.size(); ++j) {
      const bool half = values[i] == UNSPECIFIED || values[j] == UNSPECIFIED;  // from every value as far as half the axis
      out[i][j] = i == j ? 0 : weight * (half ? UNIT / 2 : std::max<std::int64_t>(1, UNIT * out[i][j] / most));
    }
  return out;
}

}  // namespace

std::shared_ptr<const Ruler> measure(const Axis& axis, const Lexicons& lexicons) {
  const View name = base_axis(axis.name);
  const auto* priors = find(metric_data().priors, name);
  const Lexicon& known = lexicons.get();
  const auto large = known.large.find(name);
  Ruler::Row prior;
  std::vector<bool> first;
  std::optional<int> silent;
  for (std::size_t i = 0; i < axis.values.size(); ++i) {
    const Text& value = axis.values[i];
    const int* common = priors == nullptr ? nullptr : find(*priors, lower(value));
    prior.push_back(common == nullptr ? 1 : std::max(1, *common));
    first.push_back(large != known.large.end() && holds(large->second, value));
    if (!silent && value == UNSPECIFIED) silent = static_cast<int>(i);
  }
  return std::make_shared<Ruler>(apart_of(name, axis.values, lexicons), std::move(prior), std::move(first), silent);
}

Domain domain_of(const CandidateSlots& slots) {
  // Axes of several persons have the same values more often than not: each is measured once.
  std::vector<std::pair<const Axis*, std::shared_ptr<const Ruler>>> known;
  const Metric metric = [&](const Axis& axis) {
    for (const auto& [other, ruler] : known)
      if (base_axis(other->name) == base_axis(axis.name) && other->values == axis.values) return ruler;
    std::shared_ptr<const Ruler> ruler = measure(axis, *slots.lexicons);
    known.push_back({&axis, ruler});
    return ruler;
  };
  return Domain(slots.template_, slots.axes, slots.phrases, metric);
}

}  // namespace obclip
