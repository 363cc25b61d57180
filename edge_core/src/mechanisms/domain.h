// What a mechanism works on: the public part of a prompt, and the choices its slots allow (edge_sdk/mechanisms/domain.py).
#ifndef OBCLIP_MECHANISMS_DOMAIN_H
#define OBCLIP_MECHANISMS_DOMAIN_H

#include <memory>
#include <utility>
#include <vector>

#include "contract/grid.h"
#include "mechanisms/rational.h"
#include "mechanisms/ruler.h"

namespace obclip {

// What is sent, in the order in which it is sent; empty: nothing is. (The reference's `View`, which is text here.)
using Rows = std::vector<Choice>;

// "gender.2" -> "gender": the axis without the person's number.
View base_axis(View name);

// A template, its axes and phrases, without a limit on the size of the product. Every axis has a value.
class Domain {
 public:
  Domain(Text template_text, std::vector<Axis> axes, Phrases phrases, const Metric& metric = plain_ruler);

  const Text& template_text() const { return template_; }
  const std::vector<Axis>& axes() const { return axes_; }
  const Phrases& phrases() const { return phrases_; }
  const Ruler& ruler(std::size_t axis) const { return *rulers_[axis]; }
  std::vector<int> sizes() const;
  Whole size() const;
  // Whether there are `most` choices at most; then `choices` may be asked for.
  bool fits(std::int64_t most) const;
  Rows choices() const;
  Whole position(const Choice& choice) const;
  Choice at(Whole position) const;
  Text member(const Choice& choice) const;
  // Position in `view` (not empty) of the row nearest to `choice`, and its distance.
  std::pair<int, std::int64_t> nearest(const Rows& view, const Choice& choice) const;
  // The grid that is sent for a view, whose rows rise.
  Result<PromptGrid> grid(const Rows& view) const;

 private:
  Text template_;
  std::vector<Axis> axes_;
  Phrases phrases_;
  std::vector<std::shared_ptr<const Ruler>> rulers_;
};

// The next choice of the product of `sizes`, row-major; false behind the last one. Begins with all 0.
bool next_choice(Choice& choice, const std::vector<int>& sizes);

}  // namespace obclip

#endif
