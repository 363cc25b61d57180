// Nouns that say an age and no gender before another noun: "baby girl", "senior woman" (edge_sdk/attributes/passes/neutral.py).
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

void make_age(Mark& m, Place place) {
  m.kind = Kind::AGE;
  m.noun.reset();
  m.place = place;
}

// Whether the word at i stands before a person, with adjectives between: "adult cheerful Chinese man".
bool leads_to_person(const Document& document, int i) {
  const auto head = document.head(i);
  if (!head) return false;
  for (int j = i; j < *head; ++j) {
    const Mark& m = document.marks[j];
    const bool tied = m.kind == Kind::SKIN || document.adjacent(j);
    const bool verb = j > i && m.kind == Kind::WORD && !document.in_class(U"between", m.word) &&
                      ends_like_verb(m.word) && !ends_with(m.word, U"ss");  // "toothless"
    if (!tied || verb || m.kind == Kind::STOP || m.kind == Kind::DECADE || (m.trait && m.trait->behind)) return false;
  }
  return true;
}

}  // namespace

void neutral(Document& document) {
  for (int i : document.of_kind({Kind::NOUN})) {
    Mark& m = document.marks[i];
    if (!m.noun || !(m.noun->kind == NounKind::NEUTRAL || m.noun->gender == NEUTRAL_GENDER)) continue;
    const NounKind kind = m.noun->kind;
    if (kind != NounKind::NEUTRAL && kind != NounKind::CHILD) continue;
    const bool alone = document.is_sign(i - 1) && document.is_sign(i + 1) && i > 0;
    const bool says = m.value >= 0 && kind == NounKind::NEUTRAL;
    if (alone && says && (document.last_single(i) || document.shows_person())) {
      make_age(m, Place::LISTED);  // "guy, senior, nigerian"
      continue;
    }
    if (says && document.predicate(i)) {
      make_age(m, Place::PREDICATE);  // "who is adult and Korean"
      continue;
    }
    if (leads_to_person(document, i) || document.attributed(i)) {
      m.value = m.noun->age.value_or(m.value);
      m.kind = Kind::AGE;
      m.noun.reset();
    }
  }
}

}  // namespace obclip::passes
