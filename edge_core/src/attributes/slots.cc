// Slots: the product of a prompt's axes before any mechanism has chosen what is sent (edge_sdk/attributes/slots.py).
#include "attributes/slots.h"

#include <algorithm>
#include <array>

namespace obclip {
namespace {

View base(View name) { return name.substr(0, name.find(U'.')); }

// Axis, its value, another axis, its value: a pair of values that a covering has to hold.
using Pair = std::array<int, 4>;

// The pairs that are left to cover, rising; which are gone is marked.
class Left {
 public:
  explicit Left(std::vector<Pair> pairs) : pairs_(std::move(pairs)) {
    std::sort(pairs_.begin(), pairs_.end());
    gone_.assign(pairs_.size(), false);
  }
  const Pair* first() {
    while (first_ < pairs_.size() && gone_[first_]) ++first_;
    return first_ < pairs_.size() ? &pairs_[first_] : nullptr;
  }
  int holds(const Pair& pair) const {
    const auto at = std::lower_bound(pairs_.begin(), pairs_.end(), pair);
    return at != pairs_.end() && *at == pair && !gone_[static_cast<std::size_t>(at - pairs_.begin())] ? 1 : 0;
  }
  void take(const Pair& pair) {
    const auto at = std::lower_bound(pairs_.begin(), pairs_.end(), pair);
    if (at != pairs_.end() && *at == pair) gone_[static_cast<std::size_t>(at - pairs_.begin())] = true;
  }

 private:
  std::vector<Pair> pairs_;
  std::vector<bool> gone_;
  std::size_t first_ = 0;
};

// How many of the pairs that are left hold `value` on `axis`, alone or with a value of `row` (-1: none yet).
int gained(const std::vector<int>& row, int axis, int value, const Left& left) {
  int count = left.holds({axis, value, axis, value});
  for (int other = 0; other < static_cast<int>(row.size()); ++other) {
    const int v = row[other];
    if (v < 0) continue;
    count += left.holds(axis < other ? Pair{axis, value, other, v} : Pair{other, v, axis, value});
  }
  return count;
}

// The values of an axis that members are looked at for.
std::vector<int> looked_at(const Axis& axis, const Lexicon& lex) {
  const auto few = lex.large.find(base(axis.name));
  std::vector<int> out;
  for (int i = 0; i < axis.size(); ++i) {
    const View value = axis.values[i];
    const bool is_few = few == lex.large.end() || std::find(few->second.begin(), few->second.end(), value) !=
                                                      few->second.end();
    if (is_few || value == UNSPECIFIED) out.push_back(i);
  }
  return out;
}

std::vector<Choice> all_choices(const std::vector<Axis>& axes) {
  std::vector<Choice> out;
  Choice choice(axes.size(), 0);
  while (true) {
    out.push_back(choice);
    std::size_t i = axes.size();
    while (i > 0 && ++choice[i - 1] == axes[i - 1].size()) choice[--i] = 0;
    if (i == 0) return out;
  }
}

}  // namespace

std::vector<bool> CandidateSlots::large() const {
  std::vector<bool> out;
  for (const Axis& axis : axes) out.push_back(lexicons->get().large.count(base(axis.name)) != 0);
  return out;
}

int CandidateSlots::distance(int axis, int first, int second) const {
  const Axis& of = axes[axis];
  return lexicons->get(scope.opt_in).distance(base(of.name), of.values[first], of.values[second]);
}

int CandidateSlots::nearest(int axis, const std::vector<int>& kept, int value) const {
  std::pair<int, int> best{0, -1};
  for (int k : kept) {
    const std::pair<int, int> here{distance(axis, k, value), k};
    if (best.second < 0 || here < best) best = here;
  }
  return best.second;
}

std::vector<Choice> CandidateSlots::covering(std::int64_t most) const {
  const int n = static_cast<int>(axes.size());
  if (count() <= most) return count() == 0 ? std::vector<Choice>() : all_choices(axes);
  std::vector<std::vector<int>> looked;
  for (const Axis& axis : axes) looked.push_back(looked_at(axis, lexicons->get(scope.opt_in)));
  const std::vector<bool> is_large = large();
  std::vector<std::pair<int, int>> pairs;
  std::vector<Pair> all;
  for (int i = 0; i < n; ++i) {
    for (int j = i; j < n; ++j) {
      if (i != j && (is_large[i] || is_large[j])) continue;
      pairs.emplace_back(i, j);
      for (int v : looked[i]) {
        for (int w : looked[j]) {
          if (i != j || v == w) all.push_back({i, v, j, w});
        }
      }
    }
  }
  Left left(std::move(all));
  std::vector<Choice> chosen;
  while (const Pair* first = left.first()) {
    // The first pair that is left, and on the other axes what covers most of the pairs that are left.
    std::vector<int> row(axes.size(), -1);
    row[(*first)[0]] = (*first)[1];
    row[(*first)[2]] = (*first)[3];
    for (int axis = 0; axis < n; ++axis) {
      if (row[axis] >= 0) continue;
      int best = -1, most_gained = -1;
      for (int value : looked[axis]) {  // of equal ones the first
        const int here = gained(row, axis, value, left);
        if (here > most_gained) {
          most_gained = here;
          best = value;
        }
      }
      row[axis] = std::max(best, 0);
    }
    for (const auto& [i, j] : pairs) left.take({i, row[i], j, row[j]});
    chosen.push_back(std::move(row));
  }
  return chosen;
}

CandidateSlots CandidateSlots::narrowed(const std::vector<std::vector<int>>& keep) const {
  CandidateSlots out = *this;
  Phrases cut;
  for (const auto& [name, phrase] : phrases) {
    std::vector<std::size_t> rows{0};
    for (int a : phrase.axes) {
      std::vector<std::size_t> wider;
      for (std::size_t r : rows) {
        for (int v : keep[a]) wider.push_back(r * axes[a].values.size() + static_cast<std::size_t>(v));
      }
      rows = std::move(wider);
    }
    Phrase fewer{phrase.axes, {}};
    for (std::size_t r : rows) fewer.text.push_back(phrase.text[r]);
    cut.set(name, std::move(fewer));
  }
  out.phrases = std::move(cut);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out.axes[i].values.clear();
    for (int v : keep[i]) out.axes[i].values.push_back(axes[i].values[v]);
    const int left = nearest(static_cast<int>(i), keep[i], choice[i]);
    const auto at = std::find(keep[i].begin(), keep[i].end(), left);
    out.choice[i] = static_cast<int>(at - keep[i].begin());
  }
  return out;
}

}  // namespace obclip
