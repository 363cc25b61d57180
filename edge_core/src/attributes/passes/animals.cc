// Words about animals ("a mother cat") are no attributes (edge_sdk/attributes/passes/animals.py).
#include <algorithm>

#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

// Marks that may be about an animal that follows them.
bool may_be_about(Kind kind) {
  return kind == Kind::NOUN || kind == Kind::AGE || kind == Kind::LITTLE || kind == Kind::TONE || kind == Kind::TRAIT;
}

// Nouns that an animal's name follows directly, if at all.
bool is_direct(NounKind kind) {
  return kind == NounKind::PLAIN || kind == NounKind::CHILD || kind == NounKind::PAIR || kind == NounKind::DECADE;
}

// An animal, or a word that was found to speak of one.
bool is_animal(const Document& document, int i) {
  const Mark& m = document.marks[i];
  const auto found = document.dismissed.find(m.start);
  return m.kind == Kind::ANIMAL || (found != document.dismissed.end() && found->second.reason == Reason::ANIMAL);
}

// "female brown cat", but not "woman horse rider" and not "a baby petting a cat".
bool before_animal(const Document& document, int i) {
  const Mark& m = document.marks[i];
  const bool direct = m.kind == Kind::NOUN && m.noun && is_direct(m.noun->kind);
  int j = i;
  while (document.adjacent(j)) {
    ++j;
    const Mark& after = document.marks[j];
    if (is_animal(document, j)) {
      if (!document.adjacent(j)) return true;
      const Mark& beyond = document.marks[j + 1];
      return beyond.kind != Kind::NOUN && !document.in_class(U"not_the_animal", beyond.word);
    }
    if (direct && !document.in_class(U"animal_parents", m.word)) return false;
    const bool between = after.kind == Kind::TONE || after.kind == Kind::LITTLE || after.kind == Kind::AGE || after.kind == Kind::TRAIT;
    if (!between && !document.in_class(U"between", after.word)) return false;
  }
  return false;
}

bool is_young(const Document& document, int i) {
  if (i >= document.size()) return false;
  const auto& noun = document.marks[i].noun;
  return noun && noun->kind == NounKind::NEUTRAL && document.adjacent(i - 1);
}

// "an adult and a baby zebra": a parent beside what is already known to be an animal's young.
bool beside_young(const Document& document, int i) {
  if (!document.is_in(i, U"animal_parents") || !document.is_in(i + 1, U"joining_with")) return false;
  int j = i + 2;
  if (document.is_in(j, U"openings")) ++j;
  return j < document.size() && document.marks[j].kind != Kind::ANIMAL && is_animal(document, j);
}

// "a king penguin with its chick".
bool is_its_young(const Document& document, int i) {
  const Mark& m = document.marks[i];
  if (m.kind != Kind::NOUN || !m.noun || !(is_direct(m.noun->kind) || m.noun->kind == NounKind::NEUTRAL)) return false;
  if (!document.is_in(i - 1, U"its")) return false;
  return std::any_of(document.marks.begin(), document.marks.begin() + i, [](const Mark& k) { return k.kind == Kind::ANIMAL; });
}

// Whether an animal and no person stands before mark i.
bool only_animals(const Document& document, int i) {
  bool animal = false;
  for (int k = 0; k < i; ++k) {
    const Kind kind = document.marks[k].kind;
    if (kind == Kind::NOUN || kind == Kind::TITLE || kind == Kind::PRONOUN) return false;
    animal = animal || kind == Kind::ANIMAL;
  }
  return animal;
}

}  // namespace

void animals(Document& document) {
  if (document.of_kind({Kind::ANIMAL}).empty()) return;
  for (int i = document.size() - 1; i >= 0; --i) {
    if (!may_be_about(document.marks[i].kind)) continue;
    if (before_animal(document, i) || beside_young(document, i) || is_its_young(document, i)) {
      document.dismiss(i, Reason::ANIMAL);
    }
  }
  for (int i : document.of_kind({Kind::PRONOUN})) {
    // "the cat and her kittens"; in "the dog is hers" it is somebody whom the prompt does not name.
    const auto form = document.marks[i].form;
    const bool of_animals = form == PronounForm::POSSESSIVE || form == PronounForm::SUBJECT || form == PronounForm::REFLEXIVE;
    if (!of_animals || !only_animals(document, i)) continue;
    document.dismiss(i, Reason::ANIMAL);
    if (is_young(document, i + 1)) document.dismiss(i + 1, Reason::ANIMAL);
  }
}

}  // namespace obclip::passes
