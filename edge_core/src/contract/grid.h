// The closed set as data: a template, ordered axes, and the phrases that depend on them (obclip_contract/grid.py).
#ifndef OBCLIP_CONTRACT_GRID_H
#define OBCLIP_CONTRACT_GRID_H

#include <optional>
#include <utility>
#include <vector>

#include "contract/articles.h"
#include "result.h"
#include "text/text.h"

namespace obclip {

// One value index for each axis.
using Choice = std::vector<int>;

struct Axis {
  Text name;
  std::vector<Text> values;
  int size() const { return static_cast<int>(values.size()); }
  bool operator==(const Axis& o) const { return name == o.name && values == o.values; }
};

struct Phrase {
  std::vector<int> axes;
  std::vector<Text> text;  // row-major over the product of those axes' values
  bool operator==(const Phrase& o) const { return axes == o.axes && text == o.text; }
};

// In the order in which they were made, as a Python dictionary; equality of dictionaries ignores the order.
class Phrases {
 public:
  const Phrase* find(View name) const;
  void set(Text name, Phrase phrase);  // a known name keeps its place
  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }
  bool operator==(const Phrases& other) const;

 private:
  std::vector<std::pair<Text, Phrase>> rows_;
};

// What goes over the wire. Made by `make`, which checks every limit of the contract (RequestError: kind INPUT).
struct PromptGrid {
  Text template_;
  std::vector<Axis> axes;
  Phrases phrases;
  std::optional<std::vector<Choice>> rows;

  static Result<PromptGrid> make(Text template_, std::vector<Axis> axes, Phrases phrases,
                                 std::optional<std::vector<Choice>> rows = {});
  std::int64_t count() const;
  std::vector<Choice> choices() const;
  std::vector<Text> expand() const;
  Text member(const Choice& choice) const;
};

// One member of a product of any size, by the rules of PromptGrid but without its limits.
Text expand_member(View template_, const std::vector<Axis>& axes, const Phrases& phrases, const Choice& choice);
// `text` as literal template text: braces doubled.
Text escape(View text);
// RequestError (kind INPUT, "field: message") for text that is too long or not plain; `where` names the field.
Status check_text(const std::string& where, View text, int most);
// The product of the axes' sizes; counts saturate at 2^62, which no limit lets through.
std::int64_t product_size(const std::vector<Axis>& axes);

}  // namespace obclip

#endif
