// One person named several times: "1girl, solo, beautiful woman" (edge_sdk/attributes/passes/mentions.py).
#include <algorithm>

#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

constexpr int MOST_BETWEEN = 2;

bool is_gendered(NounKind kind) { return kind == NounKind::PLAIN || kind == NounKind::CHILD || kind == NounKind::PAIR; }

// Between the parts of one noun phrase: "man elvish sorceress".
bool is_adjective(Kind kind) {
  return kind == Kind::WORD || kind == Kind::AGE || kind == Kind::TRAIT || kind == Kind::TONE || kind == Kind::LITTLE ||
         kind == Kind::SKIN;
}

// "man elvish sorceress", "woman catgirl": two kinds of nouns with adjectives between at most.
bool are_one_phrase(const Document& document, int one, int other) {
  const auto &a = document.marks[one].noun, &b = document.marks[other].noun;
  if (!a || !b || a->plural || b->plural || !is_gendered(b->kind)) return false;
  if (document.bare_role(one) && b->kind != NounKind::PAIR) {  // "elf girl", "peasant boy"
    return other == one + 1 && document.adjacent(one);
  }
  if (!is_gendered(a->kind)) return false;
  if (a->kind == NounKind::PAIR && b->kind == NounKind::PAIR && a->forms != b->forms && other == one + 1) {
    // "goddess princess"
    return document.adjacent(one) && !(document.is_in(one, U"kin") || document.is_in(other, U"kin"));
  }
  if ((a->kind == NounKind::PAIR) == (b->kind == NounKind::PAIR) || other - one > MOST_BETWEEN + 1) return false;
  for (int j = one; j < other; ++j) {
    const Mark& m = document.marks[j];
    if (!document.adjacent(j)) return false;
    if (j > one && (!is_adjective(m.kind) || ends_like_verb(m.word))) return false;
    if (j > one && (document.in_class(U"determiners", m.word) || document.in_class(U"before_nouns", m.word))) return false;
  }
  return true;
}

// The first mark of the noun phrase of i: over adjectives and articles.
int phrase_start(const Document& document, int i) {
  int j = i;
  while (j > 0 && document.adjacent(j - 1)) {
    if (!is_adjective(document.marks[j - 1].kind) && !document.is_in(j - 1, U"before_nouns")) break;
    --j;
  }
  return j;
}

// "1girl", "one old man".
bool is_counted(const Document& document, int i) {
  if (!document.is_single(i)) return false;
  const int first = phrase_start(document, i);
  const View before = rstrip(slice(document.prompt, 0, document.marks[first].start));
  return (!before.empty() && is_decimal(before.back())) || document.is_in(first, U"counters");
}

bool says_lone(const Document& document) {
  return std::any_of(document.marks.begin(), document.marks.end(),
                     [&document](const Mark& m) { return document.in_class(U"lone", m.word); });
}

// Whether the prompt says that there are several: a plural, a group, two that are counted, or "and".
bool are_several(const Document& document, const std::vector<int>& nouns) {
  int counted = 0;
  for (int i : nouns) {
    const auto& noun = document.marks[i].noun;
    if (!noun || noun->kind == NounKind::ADJECTIVE) continue;
    if (noun->collective || (noun->plural && is_gendered(noun->kind))) return true;
    counted += is_counted(document, i);
    const int opened = phrase_start(document, i);
    const bool joined = document.is_in(opened - 1, U"pairing") &&
                        std::any_of(nouns.begin(), nouns.end(), [opened](int j) { return j < opened; });
    if (joined && !document.bare_role(i)) return true;
  }
  // Whoever is "solo" is alone, also where a tag is said twice.
  return counted > 1 && !says_lone(document);
}

// Whether the prompt says that one person is shown: "1girl", "solo", "portrait of a", "male focus".
bool is_one_shown(const Document& document, const std::vector<int>& nouns, int first) {
  if (std::any_of(nouns.begin(), nouns.end(), [&](int i) { return is_counted(document, i); }) || says_lone(document)) {
    return true;
  }
  for (int i : nouns) {
    if (!document.is_single(i) && document.is_in(i + 1, U"focus")) return true;
  }
  // "photo of a", "close up of": a picture of whom the phrase names.
  const int start = phrase_start(document, first);
  return document.is_in(start - 1, U"of") && document.is_in(start - 2, U"pictures");
}

// The first mark of the part of the list that the noun opens; nothing if it stands further on in a sentence.
std::optional<int> opening(const Document& document, int i) {
  int j = i;
  while (j > 0 && !document.is_sign(j - 1)) {
    const Mark& before = document.marks[j - 1];
    if (document.is_in(j - 1, U"of") && (document.is_in(j - 2, U"pictures") || document.is_in(j - 2, U"portraits"))) {
      j -= 2;
      while (j > 0 && !document.is_sign(j - 1)) {
        if (document.marks[j - 1].kind == Kind::STOP && !document.is_in(j - 1, U"before_nouns")) return std::nullopt;
        --j;
      }
      return j;
    }
    if (document.is_in(j - 1, U"as")) return j;
    const bool role = before.kind == Kind::NOUN && document.bare_role(j - 1);  // "viking warrior woman"
    bool noun = before.kind == Kind::NOUN && before.noun && before.noun->kind != NounKind::ADJECTIVE;
    noun = noun && !(role && document.adjacent(j - 1));
    const bool tie = (before.kind == Kind::STOP || before.kind == Kind::PRONOUN || before.kind == Kind::TITLE) &&
                     !document.in_class(U"before_nouns", before.word);
    if (noun || tie || document.in_class(U"owners", before.word)) return std::nullopt;
    --j;
  }
  return j;
}

// Give the noun to the first person if it names them again.
void name_again(Document& document, int i, int first, bool shown) {
  const auto start = opening(document, i);
  const auto& noun = document.marks[i].noun;
  if (!start || !noun || noun->plural || noun->collective) return;
  if (noun->kind == NounKind::ADJECTIVE) {
    if (shown && !document.head(i) && !document.attributed(i)) document.give(i, first);
    return;
  }
  bool not_again = false, article = false;
  for (int j = *start; j < i; ++j) {
    not_again = not_again || document.is_in(j, U"not_again");
    article = article || document.is_in(j, U"before_nouns");
  }
  if (i < first || not_again) return;
  const bool alone = *start == i && document.is_sign(i + 1);
  if (noun->kind == NounKind::NEUTRAL && alone && shown) {
    Mark& m = document.marks[i];
    m.value = m.noun->age.value_or(0);
    m.kind = Kind::AGE;
    m.noun.reset();
    m.place = Place::LISTED;
    return;
  }
  const bool role = noun->kind == NounKind::ROLE;
  if ((role && alone) || (shown && !(role && article))) document.give(i, first);
}

}  // namespace

void mentions(Document& document) {
  const std::vector<int> nouns = document.of_kind({Kind::NOUN});
  std::vector<std::pair<int, int>> phrases;
  for (std::size_t n = 0; n + 1 < nouns.size(); ++n) {
    if (are_one_phrase(document, nouns[n], nouns[n + 1])) phrases.emplace_back(nouns[n], nouns[n + 1]);
  }
  const auto first = std::find_if(nouns.begin(), nouns.end(), [&](int i) { return document.is_single(i); });
  if (first != nouns.end() && !are_several(document, nouns)) {
    const bool shown = is_one_shown(document, nouns, *first);
    for (int i : nouns) {
      const bool second = std::any_of(phrases.begin(), phrases.end(), [i](const auto& p) { return p.second == i; });
      if (!second && i != *first) name_again(document, i, *first, shown);
    }
  }
  for (const auto& [one, other] : phrases) document.give(other, one);
}

}  // namespace obclip::passes
