// What a mechanism works on: the public part of a prompt (edge_sdk/mechanisms/domain.py).
#include "mechanisms/domain.h"

#include <algorithm>
#include <set>

namespace obclip {

namespace {

// Far more texts of a phrase than a request holds: the grid is refused for their number, so they need not be made.
constexpr std::size_t MOST_TEXTS = 1U << 16;

}  // namespace

View base_axis(View name) { return name.substr(0, name.find(U'.')); }

bool next_choice(Choice& choice, const std::vector<int>& sizes) {
  for (std::size_t i = sizes.size(); i-- > 0;) {
    if (++choice[i] < sizes[i]) return true;
    choice[i] = 0;
  }
  return false;
}

Domain::Domain(Text template_text, std::vector<Axis> axes, Phrases phrases, const Metric& metric)
    : template_(std::move(template_text)), axes_(std::move(axes)), phrases_(std::move(phrases)) {
  for (const Axis& axis : axes_) rulers_.push_back(metric(axis));
}

std::vector<int> Domain::sizes() const {
  std::vector<int> out;
  for (const Axis& axis : axes_) out.push_back(axis.size());
  return out;
}

Whole Domain::size() const {
  Whole out(1);
  for (const Axis& axis : axes_) out = out * Whole(axis.values.size());
  return out;
}

bool Domain::fits(std::int64_t most) const {
  return size() <= Whole(static_cast<std::uint64_t>(std::max<std::int64_t>(most, 0)));
}

Rows Domain::choices() const {
  Rows out;
  const std::vector<int> of = sizes();
  Choice choice(of.size(), 0);
  do out.push_back(choice);
  while (next_choice(choice, of));
  return out;
}

Whole Domain::position(const Choice& choice) const {
  Whole out;
  for (std::size_t i = 0; i < axes_.size(); ++i)
    out = out * Whole(axes_[i].values.size()) + Whole(static_cast<std::uint64_t>(choice[i]));
  return out;
}

Choice Domain::at(Whole position) const {
  Choice out(axes_.size(), 0);
  for (std::size_t i = axes_.size(); i-- > 0;) {
    auto [rest, value] = Whole::divide(position, Whole(axes_[i].values.size()));
    out[i] = static_cast<int>(value.low());
    position = std::move(rest);
  }
  return out;
}

Text Domain::member(const Choice& choice) const { return expand_member(template_, axes_, phrases_, choice); }

std::pair<int, std::int64_t> Domain::nearest(const Rows& view, const Choice& choice) const {
  std::pair<int, std::int64_t> best{0, 0};
  for (std::size_t row = 0; row < view.size(); ++row) {
    std::int64_t apart = 0;
    for (std::size_t i = 0; i < rulers_.size(); ++i) apart += rulers_[i]->apart()[view[row][i]][choice[i]];
    if (row == 0 || apart < best.second) best = {static_cast<int>(row), apart};
  }
  return best;
}

Result<PromptGrid> Domain::grid(const Rows& view) const {
  std::vector<std::vector<int>> used(axes_.size());
  std::vector<Axis> axes;
  std::size_t whole = 1;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    std::set<int> values;
    for (const Choice& row : view) values.insert(row[i]);
    used[i].assign(values.begin(), values.end());
    whole = std::min(whole * used[i].size(), view.size() + 1);  // what matters is whether it is the number of rows
    Axis axis{axes_[i].name, {}};
    for (int v : used[i]) axis.values.push_back(axes_[i].values[v]);
    axes.push_back(std::move(axis));
  }
  Phrases phrases;
  for (const auto& [name, phrase] : phrases_) {
    // Row-major over the values in use; the positions are within the phrase, which is a table over its whole axes.
    std::vector<std::size_t> places{0};
    for (int a : phrase.axes) {
      std::vector<std::size_t> longer;
      for (std::size_t place : places)
        for (int v : used[a]) longer.push_back(place * axes_[a].values.size() + static_cast<std::size_t>(v));
      places = std::move(longer);
      if (places.size() > MOST_TEXTS) {
        places.clear();
        break;
      }
    }
    Phrase cut{phrase.axes, {}};
    for (std::size_t place : places) cut.text.push_back(place < phrase.text.size() ? phrase.text[place] : Text());
    phrases.set(name, std::move(cut));
  }
  std::optional<Rows> rows;
  if (view.size() != whole) {
    rows.emplace();
    for (const Choice& row : view) {
      Choice place;
      for (std::size_t i = 0; i < row.size(); ++i)
        place.push_back(static_cast<int>(std::lower_bound(used[i].begin(), used[i].end(), row[i]) - used[i].begin()));
      rows->push_back(std::move(place));
    }
  }
  return PromptGrid::make(template_, std::move(axes), std::move(phrases), std::move(rows));
}

}  // namespace obclip
