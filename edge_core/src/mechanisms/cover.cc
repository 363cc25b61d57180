// `cover`: fixed public representatives, whatever the truth is (edge_sdk/mechanisms/cover.py, with the theorems).
#include <algorithm>
#include <map>
#include <tuple>

#include "mechanisms/protocol.h"

namespace obclip {

namespace {

using Counts = std::vector<int>;
// By cell of an axis, the values that the rows take in turn.
using Pools = std::vector<std::vector<int>>;
// Least cost of the axes behind within some rows, and the counts that give it.
using Way = std::pair<std::int64_t, Counts>;

std::int64_t product(const Counts& counts) {
  std::int64_t out = 1;
  for (int c : counts) out *= c;
  return out;
}

// The least cost; of several, the one with more on the first axis where they differ.
Way least(const std::vector<std::int64_t>& of_axis, const std::vector<Way>& behind, int rows) {
  std::optional<Way> best;
  for (int c = 1; c <= std::min(static_cast<int>(of_axis.size()), rows); ++c) {
    const Way& rest = behind[rows / c];
    Way way{of_axis[c - 1] + rest.first, {c}};
    way.second.insert(way.second.end(), rest.second.begin(), rest.second.end());
    if (!best || way.first < best->first || (way.first == best->first && way.second > best->second)) best = way;
  }
  return *best;
}

Counts allocate(const Domain& domain, int rows) {
  std::vector<Way> best(static_cast<std::size_t>(rows) + 1);
  for (std::size_t axis = domain.axes().size(); axis-- > 0;) {
    std::vector<Way> longer(1);
    for (int b = 1; b <= rows; ++b) longer.push_back(least(domain.ruler(axis).costs(), best, b));
    best = std::move(longer);
  }
  return best[rows].second;
}

// By axis, how many values the rows may show: as many as there are rows, and no phrase with too many texts.
std::vector<int> widths_of(const Domain& domain, const Counts& counts) {
  std::vector<int> widths;
  for (int n : domain.sizes()) widths.push_back(static_cast<int>(std::min<std::int64_t>(n, product(counts))));
  for (const auto& [name, phrase] : domain.phrases()) {
    const auto texts = [&, &of = phrase] {
      std::int64_t out = 1;
      for (int a : of.axes) out = std::min<std::int64_t>(out * widths[a], std::int64_t{1} << 40);
      return out;
    };
    while (texts() > limits::MAX_CANDIDATES) {
      int widest = -1;
      for (int a : phrase.axes)
        if (widths[a] > counts[a] &&
            (widest < 0 || std::pair(widths[a], -a) > std::pair(widths[widest], -widest)))
          widest = a;
      if (widest < 0) break;  // cannot be: at its counts a phrase has as many texts as there are rows, at most
      --widths[widest];
    }
  }
  return widths;
}

// The axis with most cells in a phrase that leaves another axis only one value; -1 if there is no such.
int stuck(const Domain& domain, const Counts& counts) {
  const std::vector<int> widths = widths_of(domain, counts);
  for (const auto& [name, phrase] : domain.phrases()) {
    int most = -1;
    bool single = false;
    for (int a : phrase.axes) {
      if (most < 0 || std::pair(counts[a], -a) > std::pair(counts[most], -most)) most = a;
      single = single || (widths[a] == 1 && domain.axes()[a].size() > 1);
    }
    if (single && counts[most] > 1) return most;
  }
  return -1;
}

// An axis's values in `count` cells, each with its centre first.
Pools cells_of(const Ruler& ruler, int count) {
  const std::vector<int>& centres = ruler.representatives()[count - 1];
  Pools cells;
  for (int c : centres) cells.push_back({c});
  for (int value = 0; value < ruler.size(); ++value) {
    if (std::binary_search(centres.begin(), centres.end(), value)) continue;
    int near = 0;
    for (int k = 1; k < count; ++k)
      if (std::pair(ruler.apart()[value][centres[k]], cells[k].size()) <
          std::pair(ruler.apart()[value][centres[near]], cells[near].size()))
        near = k;
    cells[near].push_back(value);
  }
  return cells;
}

// The values that the rows take in turn, by cell: `width` in all, each cell's centre among them.
Pools pools_of(const Ruler& ruler, int count, int width) {
  const Pools cells = cells_of(ruler, count);
  std::vector<bool> shown(static_cast<std::size_t>(ruler.size()), false);
  for (const auto& cell : cells) shown[cell[0]] = true;
  int left = width - count;
  const auto take = [&](int value) {
    if (left <= 0 || shown[value]) return;
    shown[value] = true;
    --left;
  };
  for (int v : ruler.representatives()[width - 1]) take(v);
  for (int v = 0; v < ruler.size(); ++v) take(v);
  Pools out;
  for (const auto& cell : cells) {
    out.emplace_back();
    for (int v : cell)
      if (shown[v]) out.back().push_back(v);
  }
  return out;
}

// One row for each combination of cells; in a cell the value that was taken least often, then least often together with
// the other values of the row, then the first.
Rows rows_of(const std::vector<Pools>& pools) {
  std::map<std::pair<int, int>, int> alone;
  std::map<std::tuple<int, int, int, int>, int> pairs;
  std::vector<int> sizes;
  for (const Pools& p : pools) sizes.push_back(static_cast<int>(p.size()));
  Rows rows;
  Choice combination(sizes.size(), 0);
  do {
    Choice row;
    for (int axis = 0; axis < static_cast<int>(sizes.size()); ++axis) {
      std::optional<std::pair<int, int>> best;
      int value = 0;
      for (int v : pools[axis][combination[axis]]) {
        int together = 0;
        for (int i = 0; i < axis; ++i) together += pairs[{i, row[i], axis, v}];
        const std::pair key{alone[{axis, v}], together};
        if (!best || key < *best) {
          best = key;
          value = v;
        }
      }
      ++alone[{axis, value}];
      for (int i = 0; i < axis; ++i) ++pairs[{i, row[i], axis, value}];
      row.push_back(value);
    }
    rows.push_back(std::move(row));
  } while (next_choice(combination, sizes));
  std::sort(rows.begin(), rows.end());
  return rows;
}

class Cover final : public Mechanism {
 public:
  explicit Cover(int max_candidates) : max_candidates_(max_candidates) {}
  const char* name() const override { return "cover"; }
  bool may_miss() const override { return true; }

  Result<Guarantee> guarantee(const Domain& domain) const override {
    const Counts counts = allocation(domain);
    std::string cut;
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (counts[i] < domain.axes()[i].size()) cut += (cut.empty() ? "" : ", ") + utf8(domain.axes()[i].name);
    Guarantee out;
    out.says = std::to_string(product(counts)) + " fixed public representatives of " + domain.size().text() +
               " ways to fill the prompt are sent, the same whichever is yours; this device finishes from the nearest" +
               (cut.empty() ? "" : " (near, not always exact, in " + cut + ")");
    return out;
  }

  Result<Rows> view(const Domain& domain, const Choice&, Coins&) const override {
    const Counts counts = allocation(domain);
    const std::vector<int> widths = widths_of(domain, counts);
    std::vector<Pools> pools;
    for (std::size_t i = 0; i < counts.size(); ++i) pools.push_back(pools_of(domain.ruler(i), counts[i], widths[i]));
    return rows_of(pools);
  }

  // The nearest of the rows that agree with the truth on every whole axis.
  int start(const Domain& domain, const Rows& view, const Choice& truth) const override {
    const Counts counts = allocation(domain);
    std::vector<int> agreeing;
    Rows rows;
    for (std::size_t at = 0; at < view.size(); ++at) {
      bool agrees = true;
      for (std::size_t i = 0; i < counts.size(); ++i)
        agrees = agrees && (counts[i] != domain.axes()[i].size() || view[at][i] == truth[i]);
      if (!agrees) continue;
      agreeing.push_back(static_cast<int>(at));
      rows.push_back(view[at]);
    }
    if (rows.empty()) return Mechanism::start(domain, view, truth);  // of a view of another domain alone
    return agreeing[domain.nearest(rows, truth).first];
  }

 private:
  // By axis, the number of its cells: the best, or where the contract's limit of texts in a phrase would leave an axis a
  // single value, fewer on the axis that takes the room.
  Counts allocation(const Domain& domain) const {
    Counts counts = allocate(domain, max_candidates_);
    while (product(counts) > 1) {
      const int axis = stuck(domain, counts);
      if (axis < 0) break;
      --counts[axis];
    }
    return counts;
  }

  int max_candidates_;
};

}  // namespace

Result<std::unique_ptr<Mechanism>> make_cover(std::int64_t max_candidates) {
  if (max_candidates < 1 || max_candidates > limits::MAX_CANDIDATES)
    return input_error("a cover has 1 to " + std::to_string(limits::MAX_CANDIDATES) + " candidates, not " +
                       std::to_string(max_candidates));
  return std::unique_ptr<Mechanism>(std::make_unique<Cover>(static_cast<int>(max_candidates)));
}

}  // namespace obclip
