// Nouns that an adjective stands for: "a Muslim", "two Germans", "a Latina" (edge_sdk/attributes/passes/stand_ins.py).
#include <algorithm>

#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

constexpr int LOOK_BACK = 4;  // what may lie between an article and the noun

bool is_adjective_but_word(Kind kind) {
  return kind == Kind::AGE || kind == Kind::TRAIT || kind == Kind::TONE || kind == Kind::LITTLE || kind == Kind::SKIN;
}

// "one blind, one deaf", "two Indian, two Thai": whether it is several; nothing if nobody is counted.
std::optional<bool> counted(const Document& document, int i) {
  const auto& trait = document.marks[i].trait;
  if (!trait || !(trait->adjective || trait->singular) || trait->place || i == 0) return std::nullopt;
  if (!document.is_in(i - 1, U"counters") || !document.adjacent(i - 1)) return std::nullopt;
  const bool last = i + 1 >= document.size();
  if (!last && document.marks[i + 1].kind != Kind::STOP && document.adjacent(i)) return std::nullopt;
  if (!last && document.coordinated(i)) return std::nullopt;
  return !document.is_in(i - 1, U"singles");
}

// "a school for the blind", "the Chinese are celebrating": an adjective behind "the" that nothing follows.
bool stands_for_people(const Document& document, int i) {
  const auto& trait = document.marks[i].trait;
  if (!trait || !trait->adjective || trait->direct || trait->singular) return false;
  if ((trait->axis != U"nationality" && trait->axis != U"disability") || !document.is_in(i - 1, U"definite")) return false;
  return i + 1 >= document.size() || document.marks[i + 1].kind == Kind::STOP || !document.adjacent(i);
}

Mark stand_in(const Document& document, const Mark& m, bool plural) {
  Mark made;
  made.start = made.end = m.end;
  made.kind = Kind::NOUN;
  if (m.trait && m.trait->gender && document.hides(U"gender")) {
    made.noun = Noun{NounKind::PLAIN, plural, m.trait->gender};
    made.literal = U" {}";
    return made;
  }
  made.word = Text(document.lex.neutral[plural][1]);
  made.noun = Noun{NounKind::ROLE, plural};
  made.literal = U" " + made.word;
  return made;
}

// Whether a person whose noun says no gender follows: "a Latina nurse".
bool before_role(const Document& document, int i) {
  const auto head = document.head(i);
  if (!head) return false;
  const auto& noun = document.marks[*head].noun;
  return noun && !noun->gender && noun->kind == NounKind::ROLE;
}

bool is_behind(const Mark& m) { return m.trait && m.trait->behind; }

// What stands behind a noun and not behind an adjective: a sign, a verb, a phrase about the noun.
bool may_follow(const Document& document, int j) {
  const Mark& after = document.marks[j];
  const bool doing = after.kind == Kind::WORD && (ends_with(after.word, U"ing") || ends_with(after.word, U"ed")) &&
                     !document.in_class(U"events", after.word);
  if (doing && document.in_class(U"looks", after.word) && document.head(j)) return false;  // "an Asian smiling woman"
  return after.kind == Kind::STOP || after.kind == Kind::DECADE || after.kind == Kind::PRONOUN ||
         (after.kind == Kind::TRAIT && is_behind(after)) || doing || document.in_class(U"verbs_behind", after.word) ||
         (after.kind == Kind::AGE && after.place == Place::YEARS);
}

bool has_article(const Document& document, int i) {
  for (int j = i - 1; j > std::max(-1, i - 1 - LOOK_BACK); --j) {
    if (document.is_in(j, U"before_nouns")) return true;
    const Mark& m = document.marks[j];
    const bool adjective = m.noun && (m.noun->kind == NounKind::NEUTRAL || m.noun->kind == NounKind::ADJECTIVE);
    if (m.kind != Kind::WORD && !is_adjective_but_word(m.kind) && !adjective) return false;
  }
  const View before = rstrip(slice(document.prompt, 0, document.marks[i].start));
  const bool numbered = !before.empty() && is_decimal(before.back());
  if (i == 0 || numbered) return true;
  return std::all_of(document.marks.begin(), document.marks.begin() + i,
                     [](const Mark& k) { return k.kind == Kind::LITTLE || is_adjective_but_word(k.kind); });
}

// Whether the trait at i is a noun here: nothing it could describe follows, and an article stands before.
bool is_noun(const Document& document, int i) {
  const auto& trait = document.marks[i].trait;
  if (!trait) return false;
  const bool only_plural = trait->plural && !trait->adjective;
  if (i + 1 < document.size() && document.adjacent(i)) {
    const Mark& after = document.marks[i + 1];
    if (only_plural) {
      if (after.kind == Kind::NOUN || (after.kind == Kind::TRAIT && !is_behind(after))) {
        return after.noun && after.noun->kind == NounKind::ADJECTIVE;
      }
      return true;
    }
    if (!may_follow(document, i + 1)) return false;
    if (document.is_in(i + 1, U"joining") && document.coordinated(i)) return false;
  }
  if (only_plural) return true;
  if (document.predicate(i) && trait->adjective) return false;
  return has_article(document, i);
}

// "cute japanese, beach", "hot latina": with looks of a person said before it, or a gender in it, nothing that it could
// describe behind it, and nobody else in the prompt.
bool is_described(const Document& document, int i) {
  const auto& trait = document.marks[i].trait;
  if (!trait || !(trait->adjective || trait->singular) || trait->place || trait->behind) return false;
  if (trait->direct && !document.capital(i)) return false;
  for (const Mark& m : document.marks) {
    if (m.kind == Kind::NOUN || m.kind == Kind::NAME || m.kind == Kind::TITLE || m.kind == Kind::PRONOUN) return false;
  }
  if (i + 1 < document.size() && document.adjacent(i) && !may_follow(document, i + 1)) return false;
  bool said = trait->gender.has_value();
  for (int j = i - 1; j >= 0 && !document.is_sign(j); --j) {
    const Mark& m = document.marks[j];
    if (m.kind == Kind::WORD && document.in_class(U"between", m.word)) {
      said = true;
    } else if (!is_adjective_but_word(m.kind)) {
      return trait->gender.has_value();
    }
  }
  return said;
}

}  // namespace

void stand_ins(Document& document) {
  std::vector<Mark> out;
  for (int i = 0; i < document.size(); ++i) {
    const Mark& m = document.marks[i];
    out.push_back(m);
    if (m.kind != Kind::TRAIT || !m.trait) continue;
    const auto several = document.is_elliptic(i) ? std::optional<bool>(false) : counted(document, i);
    if (several) {
      out.push_back(stand_in(document, m, *several));
    } else if (stands_for_people(document, i)) {
      out.push_back(stand_in(document, m, true));
    } else if (is_described(document, i)) {
      out.push_back(stand_in(document, m, m.trait->plural && !m.trait->adjective));
    } else if (!(m.trait->singular || m.trait->plural)) {
      continue;
    } else if (is_noun(document, i)) {
      out.push_back(stand_in(document, m, m.trait->plural));
    } else if (m.trait->gender == 0 && before_role(document, i)) {  // "Latino" before a noun says no gender
      Mark gender;
      gender.start = gender.end = m.end;
      gender.kind = Kind::NOUN;
      gender.noun = Noun{NounKind::ADJECTIVE, false, m.trait->gender, std::nullopt, document.lex.gender_adjectives};
      gender.literal = U" {}";
      out.push_back(std::move(gender));
    }
  }
  document.insert(std::move(out));
}

}  // namespace obclip::passes
