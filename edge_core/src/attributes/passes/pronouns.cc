// Titles, and pronouns with the person that each means (edge_sdk/attributes/passes/pronouns.py).
#include <algorithm>

#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

bool says_gender(const Document& document, int j) {
  const auto owner = document.owner.find(j);
  return owner != document.owner.end() && document.persons[owner->second].says(U"gender");
}

// Whether the pronoun without an antecedent must be told from others: "a man gives her a rose".
bool is_somebody_else(const Document& document, int i) {
  const auto form = document.marks[i].form;
  if (form != PronounForm::SUBJECT && form != PronounForm::OBJECT && form != PronounForm::POSSESSIVE) return false;
  for (int j = 0; j < i; ++j) {
    if (says_gender(document, j)) return true;
  }
  // "photo of her painting" is somebody painting, or what she painted; as a noun it is the first.
  const bool doing = form == PronounForm::OBJECT && document.adjacent(i);
  return doing && ends_with(document.marks[i + 1].word, U"ing");
}

// Say the pronoun as a noun, so that every member speaks of the same person: "a man gives a woman a rose".
void make_noun(Document& document, int i) {
  Mark& m = document.marks[i];
  const View text = m.text(document.prompt);
  m.literal = !text.empty() && is_upper(text[0]) ? U"A {}" : U"a {}";
  if (m.form == PronounForm::POSSESSIVE) m.literal += U"'s";
  m.kind = Kind::NOUN;
  m.noun = Noun{NounKind::PLAIN, false, m.value};
  m.form.reset();
}

// Whether "they" at i is one person: the nearest noun before is one, and it can be meant.
bool is_somebody(const Document& document, std::optional<int> meant, int i) {
  const auto nearest = document.before(i);
  const auto* noun = nearest && document.marks[*nearest].noun ? &*document.marks[*nearest].noun : nullptr;
  return meant && (noun == nullptr || !(noun->plural || noun->collective));
}

// A role whose own phrase the pronoun stands in: "a woman and her patient with his dog".
std::optional<int> attracted(const Document& document, int i) {
  for (int j = i - 1; j >= 0; --j) {
    const Mark& m = document.marks[j];
    if (document.in_class(U"breaks", m.word) || m.kind == Kind::PRONOUN || m.kind == Kind::TITLE || m.kind == Kind::NAME) {
      return std::nullopt;
    }
    if (m.kind == Kind::NOUN && m.noun && m.end > m.start) {
      // "person" is what an old or adult somebody becomes, and "child" attracts no pronoun.
      const bool single = document.bare_role(j) && !m.noun->plural && !m.noun->collective;
      if (single && !says_gender(document, j)) return j;
      return std::nullopt;
    }
  }
  return std::nullopt;
}

// "a frog he found": a subject right behind a thing; it is the one that the sentence is about.
bool is_in_relative_clause(const Document& document, int i) {
  if (document.marks[i].form != PronounForm::SUBJECT || i == 0 || !document.adjacent(i - 1)) return false;
  const Kind kind = document.marks[i - 1].kind;
  return (kind == Kind::WORD || kind == Kind::ANIMAL) && document.is_in(i - 2, U"determiners");
}

// The first single person of the sentence whose gender is said.
std::optional<int> first_of_sentence(const Document& document, int i) {
  int start = i - 1;
  while (start >= 0 && !document.is_in(start, U"sentence_ends")) --start;
  for (int j = start + 1; j < i; ++j) {
    if (document.is_single(j) && says_gender(document, j)) return j;
  }
  return std::nullopt;
}

// The last mark of each single person whose gender is said before mark i, nearest person first.
std::vector<int> gendered_before(const Document& document, int i) {
  std::vector<int> found, owners;
  for (int j = i - 1; j >= 0; --j) {
    if (!says_gender(document, j)) continue;
    const int owner = document.owner.at(j);
    if (document.persons[owner].plural || std::find(owners.begin(), owners.end(), owner) != owners.end()) continue;
    owners.push_back(owner);
    found.push_back(j);
  }
  return found;
}

// The person a pronoun means: the nearest of its gender; without any, the nearest whose gender is not said.
std::optional<int> antecedent(const Document& document, int i) {
  if (const auto found = attracted(document, i)) return found;
  if (is_in_relative_clause(document, i)) {
    if (const auto subject = first_of_sentence(document, i)) return subject;
  }
  std::vector<int> known = gendered_before(document, i);
  // "a woman with a man beside her": the nearest is the one that stands there.
  if (document.marks[i].form == PronounForm::OBJECT && known.size() > 1) std::swap(known[0], known[1]);
  for (int j : known) {
    if (document.persons[document.owner.at(j)].value(U"gender") == document.marks[i].value) return j;
  }
  for (int j = i - 1; j >= 0; --j) {
    const Mark& m = document.marks[j];
    const bool single = m.kind == Kind::NAME || (m.kind == Kind::NOUN && m.noun && !m.noun->plural);
    if (single && !says_gender(document, j)) return j;
  }
  return std::nullopt;
}

// "the moon in her glory": a thing that is spoken of like a person, and nobody else in the prompt.
bool is_of_thing(const Document& document, int i) {
  for (const Mark& m : document.marks) {
    const bool somebody = m.form == PronounForm::SUBJECT || m.form == PronounForm::OBJECT;
    if (m.kind == Kind::NOUN || m.kind == Kind::NAME || m.kind == Kind::TITLE || somebody) return false;
  }
  const bool near = std::any_of(document.marks.begin(), document.marks.begin() + i, [&document](const Mark& m) {
    return document.in_class(U"personified", m.word);
  });
  const auto form = document.marks[i].form;
  return near && (form == PronounForm::POSSESSIVE || form == PronounForm::REFLEXIVE);
}

}  // namespace

void pronouns(Document& document) {
  for (int i : document.of_kind({Kind::TITLE, Kind::PRONOUN})) {
    const int value = document.marks[i].value;
    if (document.marks[i].kind == Kind::TITLE) {
      document.says(document.person(i), U"gender", value);
      continue;
    }
    if (is_of_thing(document, i)) {
      document.dismiss(i, Reason::THING);
      continue;
    }
    const auto meant = antecedent(document, i);
    if (value == NEUTRAL_GENDER && !is_somebody(document, meant, i)) {
      document.dismiss(i, Reason::SEVERAL);
      continue;
    }
    if (!meant && value != NEUTRAL_GENDER && is_somebody_else(document, i)) make_noun(document, i);
    Person& person = meant ? document.give(i, *meant) : document.person(i);
    document.says(person, U"gender", value);
  }
}

}  // namespace obclip::passes
