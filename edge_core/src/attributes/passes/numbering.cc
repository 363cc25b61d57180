// Persons in the order in which the prompt first gives something away about them (edge_sdk/attributes/passes/numbering.py).
#include <algorithm>
#include <map>

#include "attributes/passes/passes.h"

namespace obclip::passes {

void numbering(Document& document) {
  std::map<int, int> first;  // person -> its first mark
  for (const auto& [i, o] : document.owner) {
    if (document.persons[o].values.empty()) continue;
    const auto known = first.find(o);
    if (known == first.end() || i < known->second) first[o] = i;
  }
  std::vector<std::pair<int, int>> order;  // first mark, person
  for (const auto& [o, i] : first) order.emplace_back(i, o);
  std::sort(order.begin(), order.end());
  std::map<int, int> renamed;
  std::vector<Person> persons;
  for (const auto& [i, o] : order) {
    renamed[o] = static_cast<int>(persons.size());
    persons.push_back(document.persons[o]);
  }
  std::unordered_map<int, int> owner;
  for (const auto& [i, o] : document.owner) {
    const auto now = renamed.find(o);
    if (now != renamed.end()) owner[i] = now->second;
  }
  document.owner = std::move(owner);
  document.persons = std::move(persons);
}

}  // namespace obclip::passes
