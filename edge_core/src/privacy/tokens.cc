// How long a prompt can get in a model's tokens, whatever its slots hold (edge_sdk/privacy/tokens.py).
//
// The theorem and its proof stand in the reference: the longest member is found axis by axis, without the product.
#include "privacy/tokens.h"

#include <algorithm>
#include <set>

#include "contract/placeholders.h"

namespace obclip {
namespace {

// Cells of a table at most; no prompt that people write comes near.
constexpr std::int64_t MOST_CELLS = 1 << 16;
// Forms of all words at most, each of which is put together and counted.
constexpr std::int64_t MOST_FORMS = 1 << 16;

// A word's counts, row-major with one dimension for each of its axes.
struct Table {
  std::vector<int> of;     // rising
  std::vector<int> sizes;  // of those axes
  std::vector<std::int64_t> cells;

  std::int64_t most() const { return *std::max_element(cells.begin(), cells.end()); }
};

// The template without spaces before signs: r" +([,.;:!?])" -> r"\1".
Text closed_up(View text) {
  Text out;
  for (char32_t c : text) {
    if (contains(U",.;:!?", c)) {
      while (!out.empty() && out.back() == U' ') out.pop_back();
    }
    out += c;
  }
  return out;
}

std::vector<int> axes_of(const Phrases& phrases, View word) {
  std::set<int> axes;
  for (auto at = next_placeholder(word, 0); at; at = next_placeholder(word, at->end)) {
    const Phrase* phrase = at->kind == Placeholder::NAMED ? phrases.find(at->name) : nullptr;
    if (phrase != nullptr) axes.insert(phrase->axes.begin(), phrase->axes.end());
  }
  return {axes.begin(), axes.end()};
}

// The word's tokens for every choice of its axes.
Table counted(const Domain& domain, View word, const Count& count) {
  Table table;
  table.of = axes_of(domain.phrases(), word);
  const std::vector<int> sizes = domain.sizes();
  for (int a : table.of) table.sizes.push_back(sizes[a]);
  Choice choice(sizes.size(), 0), values(table.of.size(), 0);
  do {
    for (std::size_t k = 0; k < table.of.size(); ++k) choice[table.of[k]] = values[k];
    table.cells.push_back(count(expand_member(word, domain.axes(), domain.phrases(), choice)));
  } while (next_choice(values, table.sizes));
  return table;
}

// Cells of the table that takes the place of all tables with `axis`; saturates beyond the most.
std::int64_t cells_of(const std::vector<Table>& tables, int axis, std::vector<int>& of, std::vector<int>& sizes) {
  std::vector<std::pair<int, int>> found;
  for (const Table& t : tables) {
    if (std::find(t.of.begin(), t.of.end(), axis) == t.of.end()) continue;
    for (std::size_t k = 0; k < t.of.size(); ++k) found.emplace_back(t.of[k], t.sizes[k]);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  of.clear();
  sizes.clear();
  std::int64_t cells = 1;
  for (const auto& [a, n] : found) {
    of.push_back(a);
    sizes.push_back(n);
    cells = cells > (std::int64_t{1} << 40) ? cells : cells * n;
  }
  return cells;
}

// The axis whose elimination makes the smallest table, of equal ones the first, and that table's axes and sizes.
struct Next {
  int axis = -1;
  std::int64_t cells = 0;
  std::vector<int> of, sizes;
};

Next next_axis(const std::vector<Table>& tables) {
  std::set<int> axes;
  for (const Table& t : tables) axes.insert(t.of.begin(), t.of.end());
  Next best;
  for (int axis : axes) {
    Next here;
    here.axis = axis;
    here.cells = cells_of(tables, axis, here.of, here.sizes);
    if (best.axis < 0 || here.cells < best.cells) best = std::move(here);
  }
  return best;
}

// The cell of `t` at the values of the wider table's axes.
std::int64_t cell(const Table& t, const std::vector<int>& of, const Choice& values) {
  std::size_t index = 0;
  for (std::size_t k = 0; k < t.of.size(); ++k) {
    const auto at = std::find(of.begin(), of.end(), t.of[k]) - of.begin();
    index = index * static_cast<std::size_t>(t.sizes[k]) + static_cast<std::size_t>(values[at]);
  }
  return t.cells[index];
}

// The tables that hold the axis, added up, with the largest of each of its values left.
Table without_axis(const std::vector<Table>& touched, const Next& next) {
  Table out;
  std::size_t dropped = 0;
  for (std::size_t k = 0; k < next.of.size(); ++k) {
    if (next.of[k] == next.axis) {
      dropped = k;
      continue;
    }
    out.of.push_back(next.of[k]);
    out.sizes.push_back(next.sizes[k]);
  }
  Choice rest(out.of.size(), 0), values(next.of.size(), 0);
  do {
    for (std::size_t k = 0; k < rest.size(); ++k) values[k < dropped ? k : k + 1] = rest[k];
    std::int64_t most = -1;
    for (int v = 0; v < next.sizes[dropped]; ++v) {
      values[dropped] = v;
      std::int64_t sum = 0;
      for (const Table& t : touched) sum += cell(t, next.of, values);
      most = std::max(most, sum);
    }
    out.cells.push_back(most);
  } while (next_choice(rest, out.sizes));
  return out;
}

// The largest sum of one cell of each table that agree on the axes which they share.
std::int64_t maximum(std::vector<Table> tables) {
  while (true) {
    const Next next = next_axis(tables);
    if (next.axis < 0 || next.cells > MOST_CELLS) break;
    std::vector<Table> touched, others;
    for (Table& t : tables) {
      const bool holds = std::find(t.of.begin(), t.of.end(), next.axis) != t.of.end();
      (holds ? touched : others).push_back(std::move(t));
    }
    others.push_back(without_axis(touched, next));
    tables = std::move(others);
  }
  std::int64_t sum = 0;
  for (const Table& t : tables) sum += t.most();
  return sum;
}

}  // namespace

Status check_forms(const CandidateSlots& slots) {
  const Text text = closed_up(slots.template_);
  std::int64_t forms = 0;
  for (View word : split(text)) {
    std::int64_t of_word = 1;
    for (int a : axes_of(slots.phrases, word)) {
      of_word = std::min(of_word * static_cast<std::int64_t>(slots.axes[a].values.size()), MOST_FORMS + 1);
    }
    forms += of_word;
  }
  if (forms <= MOST_FORMS) return done();
  return input_error("attributes that stand together without a space have more than " + std::to_string(MOST_FORMS) +
                     " forms, too many to measure the prompt: put spaces between them, or describe fewer. Nothing was "
                     "sent");
}

std::int64_t most_tokens(const Domain& domain, const Count& count) {
  const Text text = closed_up(domain.template_text());
  std::int64_t fixed = 0;
  std::vector<Table> tables;
  for (View word : split(text)) {
    Table table = counted(domain, word, count);
    if (table.of.empty()) {
      fixed += table.most();
    } else {
      tables.push_back(std::move(table));
    }
  }
  return fixed + maximum(std::move(tables));
}

}  // namespace obclip
