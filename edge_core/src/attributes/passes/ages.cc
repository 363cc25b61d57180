// Ages: adjectives, numbers of years and decades, and the persons they belong to (edge_sdk/attributes/passes/ages.py).
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

bool is_neutral(const Document& document, int i) {
  const auto& noun = document.marks[i].noun;
  if (!noun) return false;
  return noun->kind == NounKind::NEUTRAL || (noun->kind == NounKind::ROLE && document.is_in(i, U"people"));
}

// "in her sixties": age and gender of the noun before it. A noun that can carry both then does.
void read_decade(Document& document, int i) {
  const Mark m = document.marks[i];
  if (!m.noun) return;
  const auto head = document.before(i);
  Person& person = head ? document.give(i, *head) : document.person(i);
  const bool gendered = m.noun->gender && document.hides(U"gender") && !person.says(U"gender");
  if (head && document.marks[*head].noun && gendered && is_neutral(document, *head)) {
    document.marks[*head].noun = Noun{NounKind::PLAIN, document.marks[*head].noun->plural, m.noun->gender};
  }
  document.says(person, U"gender", m.noun->gender);
  document.says(person, U"age", m.value);
}

// "an old stevedore": one word that looks like a person and no thing, with no noun behind it.
bool named_alone(const Document& document, int i) {
  if (i + 1 >= document.size() || !document.adjacent(i)) return false;
  const View word = document.word(i + 1);
  if (!document.looks_like_a_person(word) || document.is_thing(word, true)) return false;
  if (document.in_class(U"events", word)) return false;  // "an old wedding"
  return i + 2 >= document.size() || document.marks[i + 2].kind != Kind::WORD ||
         ends_with(document.marks[i + 2].word, U"ing") || !document.adjacent(i + 1);
}

std::optional<int> head_of(Document& document, int i) {
  auto head = document.head(i);
  if (!head && document.is_in(i, U"ages_of_persons")) {
    head = document.unknown_head(i, true);
  } else if (!head && document.is_in(i, U"ages_before_roles") && named_alone(document, i)) {
    head = document.unknown_head(i);
  } else if (!head && document.marks[i].place == Place::YEARS && document.is_in(i + 1, U"events")) {
    head = document.unknown_head(i);  // "70-year-old portrait"
  }
  const Place place = document.marks[i].place;
  if (!head && (place == Place::YEARS || place == Place::LISTED)) head = document.before(i);
  return head;
}

// "an 80-year-old with a cane": a number of years after an article, with no noun behind it.
bool stands_for_a_person(const Document& document, int i) {
  const Mark& m = document.marks[i];
  const bool ends = i + 1 >= document.size() || document.marks[i + 1].kind == Kind::STOP ||
                    ends_with(document.marks[i + 1].word, U"ing") || !document.adjacent(i);
  if (document.is_elliptic(i)) return true;
  if (ends && document.is_in(i - 1, U"singles") && document.adjacent(i - 1)) return true;  // "one young, one old"
  if (document.in_class(U"stand_alone_ages", m.word)) {  // "a home for the elderly"
    const bool described = m.word == U"elderly" && document.is_in(i - 1, U"describing_persons");
    return ends && (described || document.is_in(i - 1, U"group_articles"));
  }
  const View all = slice(document.prompt, 0, m.start), before = rstrip(all);
  const auto words = split(before);
  const Text last = words.empty() ? Text() : lower(words.back());
  const bool article = document.in_class(U"number_words", last) || is_decimal(View(last));
  return m.place == Place::YEARS && ends && article && before.size() != all.size();
}

// "old", "30-year-old", "aged 40".
void read_age(Document& document, int i) {
  const Mark m = document.marks[i];
  auto head = head_of(document, i);
  if (!head && stands_for_a_person(document, i)) {
    const bool single = document.is_in(i - 1, U"indefinites");
    const bool several = (ends_with(m.word, U"s") || ends_with(m.word, U"elderly")) && !single;
    document.marks[i].kind = Kind::NOUN;
    document.marks[i].noun = Noun{NounKind::NEUTRAL, several, std::nullopt, m.value};
    document.says(document.person(i), U"age", m.value);
    return;
  }
  if (document.predicate(i) && (!head || m.place == Place::YEARS)) {
    document.marks[i].place = Place::PREDICATE;
    if (const auto pronoun = document.pronoun_apart(i)) {
      document.says_age(document.person(i), std::nullopt, m.value);
      document.owner[*pronoun] = document.owner[i];
      return;
    }
    head = document.subject(i);
  }
  if (!head) {
    document.dismiss(i);  // old car, ancient city
    return;
  }
  const std::optional<Noun> noun = document.marks[*head].noun;
  Person& person = document.give(i, *head);
  const bool set_off = noun && (noun->kind == NounKind::PLAIN || (noun->kind == NounKind::CHILD && i > *head));
  if (m.place == Place::YEARS && set_off && document.hides(U"age")) {
    person.set(U"age", m.value);  // "1girl, 62 years old": the number is meant, "girl" is a habit of tags
  } else {
    document.says_age(person, noun, m.value);
  }
}

// "a little girl": beside a noun that says the age, the word would say it again in every member.
void read_little(Document& document, int i) {
  const auto head = document.head(i);
  if (head && document.is_owned(*head) && document.marks[*head].noun) {
    const NounKind kind = document.marks[*head].noun->kind;
    const auto age = document.persons[document.owner[*head]].value(U"age");
    if (age && (kind == NounKind::PLAIN || kind == NounKind::CHILD || kind == NounKind::NEUTRAL)) {
      document.give(i, *head);
      document.marks[i].kind = Kind::AGE;
      document.marks[i].place = Place::LITTLE;
      document.marks[i].value = *age;
      return;
    }
  }
  document.dismiss(i);
}

}  // namespace

void ages(Document& document) {
  for (int i : document.of_kind({Kind::DECADE})) read_decade(document, i);
  for (int i : document.of_kind({Kind::AGE})) read_age(document, i);
  for (int i : document.of_kind({Kind::LITTLE})) read_little(document, i);
}

}  // namespace obclip::passes
