// `cells`: a fixed public partition of a large product; the truth's cell is sent (edge_sdk/mechanisms/cells.py).
#include <algorithm>
#include <cmath>
#include <map>

#include "mechanisms/printing.h"
#include "mechanisms/protocol.h"

namespace obclip {

namespace {

using Blocks = std::vector<std::vector<int>>;

// Ways to cut the axes that are all tried; beyond it the widest axis gives way first.
constexpr std::int64_t MAX_TRIED = 20'000;
constexpr std::int64_t MUCH = std::int64_t{1} << 62;

std::int64_t times(std::int64_t a, std::int64_t b) { return b != 0 && a > MUCH / b ? MUCH : a * b; }

int width(int size, int blocks) { return (size + blocks - 1) / blocks; }

// Numbers of blocks worth trying: the smallest one for each width, rising.
std::vector<int> splits(int size) {
  std::map<int, int> by_width;
  for (int n = size; n > 0; --n) by_width[width(size, n)] = n;
  std::vector<int> out;
  for (const auto& [wide, n] : by_width) out.push_back(n);
  std::sort(out.begin(), out.end());
  return out;
}

std::int64_t cell_of(const std::vector<int>& sizes, const std::vector<int>& blocks) {
  std::int64_t out = 1;
  for (std::size_t i = 0; i < sizes.size(); ++i) out = times(out, width(sizes[i], blocks[i]));
  return out;
}

// Blocks of each axis such that the widest blocks' product is at most `limit`, with few cells.
std::vector<int> counts_of(const std::vector<int>& sizes, int limit) {
  std::vector<std::vector<int>> ways;
  std::vector<int> lengths;
  std::int64_t tried = 1;
  for (int size : sizes) {
    ways.push_back(splits(size));
    lengths.push_back(static_cast<int>(ways.back().size()));
    tried = times(tried, lengths.back());
  }
  std::vector<int> counts(sizes.size(), 1);
  if (tried <= MAX_TRIED) {
    std::vector<int> best, at(sizes.size(), 0);
    std::int64_t least = 0;
    do {
      std::int64_t cells = 1;
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        counts[i] = ways[i][at[i]];
        cells = times(cells, counts[i]);
      }
      // They come in rising order, so of equal ones the first is kept.
      if (cell_of(sizes, counts) <= limit && (least == 0 || cells < least)) {
        least = cells;
        best = counts;
      }
    } while (next_choice(at, lengths));
    return best;
  }
  while (cell_of(sizes, counts) > limit) {
    std::size_t widest = 0;
    for (std::size_t i = 1; i < sizes.size(); ++i)
      if (width(sizes[i], counts[i]) >= width(sizes[widest], counts[widest])) widest = i;
    counts[widest] = *std::upper_bound(ways[widest].begin(), ways[widest].end(), counts[widest]);
  }
  return counts;
}

// An axis's values in `count` blocks of equal size (give or take one) and prior weights as equal as may be.
Blocks balanced(const Ruler& ruler, int count) {
  const int n = ruler.size();
  std::vector<int> order(static_cast<std::size_t>(n));
  for (int v = 0; v < n; ++v) order[v] = v;
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return ruler.prior()[a] > ruler.prior()[b]; });
  Blocks filled(static_cast<std::size_t>(count));
  std::vector<std::int64_t> mass(filled.size(), 0);
  for (int value : order) {
    int block = -1;
    for (int b = 0; b < count; ++b) {
      const int room = n / count + (b < n % count ? 1 : 0);
      if (static_cast<int>(filled[b].size()) < room && (block < 0 || mass[b] < mass[block])) block = b;
    }
    filled[block].push_back(value);
    mass[block] += ruler.prior()[value];
  }
  for (auto& block : filled) std::sort(block.begin(), block.end());
  std::sort(filled.begin(), filled.end());
  return filled;
}

class Cells final : public Mechanism {
 public:
  explicit Cells(int cell_size) : cell_size_(cell_size) {}
  const char* name() const override { return "cells"; }

  Result<Guarantee> guarantee(const Domain& domain) const override {
    Guarantee out;
    Whole all(1);
    std::string told;
    const std::vector<int> counts = counts_of(domain.sizes(), cell_size_);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      all = all * Whole(static_cast<std::uint64_t>(counts[i]));
      if (counts[i] == 1) continue;
      const double bits = std::log2(static_cast<double>(counts[i]));
      const Text& name = domain.axes()[i].name;
      out.bits_by_axis.push_back({name, bits});
      told += (told.empty() ? "" : ", ") + utf8(name) + " " + fixed_text(bits, 2);
    }
    out.bits = std::log2(all.nearest());
    out.says = "one of " + all.text() +
               " fixed public cells is sent: within it nothing tells yours from the others, but which cell it is gives "
               "away at most " +
               fixed_text(out.bits, 2) + " bits (" + (told.empty() ? "none" : told) + ")";
    return out;
  }

  Result<Rows> view(const Domain& domain, const Choice& truth, Coins&) const override {
    const std::vector<int> counts = counts_of(domain.sizes(), cell_size_);
    Blocks own;
    std::vector<int> sizes;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      for (auto& block : balanced(domain.ruler(i), counts[i]))
        if (std::binary_search(block.begin(), block.end(), truth[i])) own.push_back(std::move(block));
      sizes.push_back(static_cast<int>(own[i].size()));
    }
    Rows out;
    Choice at(sizes.size(), 0);
    do {
      Choice row;
      for (std::size_t i = 0; i < at.size(); ++i) row.push_back(own[i][at[i]]);
      out.push_back(std::move(row));
    } while (next_choice(at, sizes));
    return out;
  }

 private:
  int cell_size_;
};

}  // namespace

Result<std::unique_ptr<Mechanism>> make_cells(std::int64_t cell_size) {
  if (cell_size < 1 || cell_size > limits::MAX_CANDIDATES)
    return input_error("a cell holds 1 to " + std::to_string(limits::MAX_CANDIDATES) + " candidates, not " +
                       std::to_string(cell_size));
  return std::unique_ptr<Mechanism>(std::make_unique<Cells>(static_cast<int>(cell_size)));
}

}  // namespace obclip
