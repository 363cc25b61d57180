// Grids for tests/edge_core/test_grid.py: articles, members, and what breaks a limit (contract/grid.h).
#include "contract/grid.h"
#include "fields.h"
#include "lines.h"

namespace {

using namespace obclip;
using testing::Fields;
using testing::quote;

std::string answer(std::string_view line) {
  Fields fields(line);
  const std::string what = fields.word();
  if (what == "article") return quote(article(fields.text()));
  if (what == "escape") return quote(escape(fields.text()));
  Text template_ = fields.text();
  std::vector<Axis> axes(static_cast<std::size_t>(fields.number()));
  for (Axis& axis : axes) {
    axis.name = fields.text();
    axis.values = fields.texts();
  }
  Phrases phrases;
  for (int left = fields.number(); left > 0; --left) {
    Text name = fields.text();
    std::vector<int> of = fields.numbers();
    phrases.set(std::move(name), Phrase{std::move(of), fields.texts()});
  }
  if (what == "member") return quote(expand_member(template_, axes, phrases, fields.numbers()));
  std::optional<std::vector<Choice>> rows;
  if (const int count = fields.number(); count >= 0) {
    rows.emplace();
    for (int left = count; left > 0; --left) rows->push_back(fields.numbers());
  }
  auto grid = PromptGrid::make(template_, axes, phrases, rows);
  if (!grid) {
    auto told = from_utf8(grid.error().message);
    return "refused " + std::to_string(static_cast<int>(grid.error().kind)) + " " + quote(told ? *told : Text());
  }
  std::string out = std::to_string(grid->count());
  for (const Text& member : grid->expand()) out += " " + quote(member);
  return out;
}

}  // namespace

int main() { return testing::serve(answer); }
