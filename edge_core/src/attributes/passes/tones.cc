// Skin tones: colours directly before a person, and tones said of skin (edge_sdk/attributes/passes/tones.py).
#include <algorithm>

#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

// "a lizard with dark skin", "a peach with pale skin": an animal or a fruit is spoken of, and nobody.
bool is_of_thing(const Document& document, int i) {
  if (document.has_person()) return false;
  return std::any_of(document.marks.begin(), document.marks.begin() + i, [&document](const Mark& m) {
    return m.kind == Kind::ANIMAL || document.in_class(U"skinned_things", m.word);
  });
}

}  // namespace

void tones(Document& document) {
  for (int i : document.of_kind({Kind::TONE})) {
    auto head = document.directly(i);
    if (!head) head = document.somebody_alone(i);
    if (!head || (document.is_in(i, U"not_before_roles") && document.bare_role(*head))) {
      document.dismiss(i);  // brown cat, fair judge
      continue;
    }
    Mark& m = document.marks[i];
    m.kind = Kind::SKIN;
    m.prefix = true;
    m.place = Place::SKINNED;
    m.near = true;
  }
  for (int i : document.of_kind({Kind::SKIN})) {
    std::optional<int> head;
    if (document.marks[i].prefix) head = document.head(i);
    if (!head) head = document.before(i);
    if (!head && is_of_thing(document, i)) {
      document.dismiss(i, Reason::THING);
      continue;
    }
    if (!head) {
      for (int j : document.of_kind({Kind::NOUN})) {
        if (j > i && !head) head = j;
      }
    }
    Person& person = head ? document.give(i, *head) : document.person(i);
    document.says(person, U"skin_tone", document.marks[i].value);
  }
}

}  // namespace obclip::passes
