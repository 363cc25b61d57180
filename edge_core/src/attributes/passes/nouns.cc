// Nouns for persons: which of them are one person, and what they say (edge_sdk/attributes/passes/nouns.py).
#include <algorithm>
#include <set>

#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

bool is_woman_or_girl(NounKind kind) { return kind == NounKind::PLAIN || kind == NounKind::CHILD; }

bool same_kind(const Document& document, int j, int i) {
  const auto &one = document.marks[j].noun, &other = document.marks[i].noun;
  // "girl" and "woman" are one kind: which of them is said depends on the age.
  return one && other && (one->kind == other->kind || (is_woman_or_girl(one->kind) && is_woman_or_girl(other->kind)));
}

// The last of these nouns of the same gender as noun i.
std::optional<int> last_same(const Document& document, const std::vector<int>& kind, int i) {
  for (auto j = kind.rbegin(); j != kind.rend(); ++j) {
    if (document.marks[*j].noun->gender == document.marks[i].noun->gender) return *j;
  }
  return std::nullopt;
}

// The first mark behind the sign that sets off the words at i; nothing if no sign does.
std::optional<int> segment_start(const Document& document, int i) {
  int j = i - 1;
  while (j >= 0 && document.marks[j].kind != Kind::STOP) --j;
  if (j < 0) return std::nullopt;
  const View sign = document.marks[j].word;
  if (sign != U"," && sign != U"|" && sign != U";" && sign != U"(") return std::nullopt;
  return j + 1;
}

// The person that a tag speaks of again: "1girl, female focus", "a woman, extremely detailed woman".
std::optional<int> mentioned(Document& document, int i) {
  const auto start = segment_start(document, i);
  if (!start || *start == 0) return std::nullopt;
  const View typed = rstrip(slice(document.prompt, 0, document.marks[*start].start));
  if (!typed.empty() && is_decimal(typed.back())) return std::nullopt;  // "1girl, 1boy"
  const std::optional<Noun> noun = document.marks[i].noun;
  std::vector<int> before;
  for (int j = 0; j < *start; ++j) {
    if (document.is_single(j)) before.push_back(j);
  }
  if (!noun || before.empty()) return std::nullopt;
  if (noun->kind == NounKind::ADJECTIVE) {
    std::vector<int> unsaid;
    for (int j : before) {
      if (!document.person(j).says(U"gender")) unsaid.push_back(j);
    }
    if (document.attributed(i)) return std::nullopt;
    return unsaid.empty() ? before.back() : unsaid.back();
  }
  bool said = *start < i, decorated = true;
  for (int j = *start; j < i; ++j) {
    const Kind kind = document.marks[j].kind;
    said = said && (kind == Kind::AGE || kind == Kind::TRAIT || kind == Kind::TONE);
    decorated = decorated && (kind == Kind::WORD || kind == Kind::LITTLE);
  }
  std::vector<int> kind;
  for (int j : before) {
    if (same_kind(document, j, i)) kind.push_back(j);
  }
  if (said && is_woman_or_girl(noun->kind) && !noun->plural) {
    if (!kind.empty()) {
      // "old man, young man": two, and told apart from one named again. Ages move: the next word has the article.
      int first = *start;
      while (first < i && document.marks[first].kind == Kind::AGE) ++first;
      document.marks[first].literal = U"a {}";
    }
    return std::nullopt;
  }
  if (!is_woman_or_girl(noun->kind) || noun->plural || !decorated) return std::nullopt;
  const auto same = last_same(document, kind, i);
  if (!kind.empty() && !same) {
    const Text word(document.marks[*start].text(document.prompt));
    document.marks[*start].literal = *start == i ? U"a {}" : U"a " + word;
  }
  return same;
}

// "she is a lady of taste": the noun behind "is a" is the one of before.
std::optional<int> is_said_of(const Document& document, int i) {
  if (!document.is_in(i - 1, U"indefinite") || !document.is_in(i - 2, U"copulas")) return std::nullopt;
  if (i < 3 || document.marks[i - 3].kind != Kind::PRONOUN) return std::nullopt;
  return document.last_single(i - 3);
}

std::size_t owners_of(const Document& document, const std::vector<int>& nouns) {
  std::set<int> owners;
  for (int j : nouns) {
    const auto owner = document.owner.find(j);
    owners.insert(owner == document.owner.end() ? -1 : owner->second);
  }
  return owners.size();
}

bool is_raised(const Document& document, int i) { return is_upper(document.prompt[document.marks[i].start]); }

// "The man holds a cup." after "a man": the same one. Another gender is somebody else, "a woman" for every member.
std::optional<int> named_again(Document& document, int i) {
  const std::optional<Noun> noun = document.marks[i].noun;
  if (!noun || noun->plural || !is_woman_or_girl(noun->kind)) return std::nullopt;
  if (const auto said = is_said_of(document, i)) return said;
  if (!document.is_in(i - 1, U"definite") || !document.is_sign(i - 2)) return std::nullopt;
  std::vector<int> kind;
  for (int j = 0; j < i; ++j) {
    if (document.is_single(j) && same_kind(document, j, i)) kind.push_back(j);
  }
  if (owners_of(document, kind) > 1) return std::nullopt;  // of two, only the gender would tell which one is meant
  const auto same = last_same(document, kind, i);
  if (!kind.empty() && !same) {
    Mark& article = document.marks[i - 1];
    article.kind = Kind::WORD;
    article.literal = is_raised(document, i - 1) ? U"A" : U"a";
  }
  return same;
}

bool is_group(const Document& document, int j) {
  const auto& noun = document.marks[j].noun;
  return noun && noun->plural && is_woman_or_girl(noun->kind);
}

// "Three men ..., one of the men", "The women wave.": the group of before.
std::optional<int> of_group(Document& document, int i) {
  const std::optional<Noun> noun = document.marks[i].noun;
  if (!noun || !noun->plural || !is_woman_or_girl(noun->kind)) return std::nullopt;
  const bool part = document.is_in(i - 2, U"of") && (document.is_in(i - 3, U"counters") || document.is_in(i - 3, U"parts"));
  if (!document.is_in(i - 1, U"definite") || !(part || document.is_sign(i - 2))) return std::nullopt;
  std::vector<int> groups;
  for (int j : document.of_kind({Kind::NOUN})) {
    if (j < i && is_group(document, j)) groups.push_back(j);
  }
  if (groups.empty() || owners_of(document, groups) > 1) return std::nullopt;
  if (document.marks[groups.back()].noun->gender == noun->gender) return groups.back();
  const View article = part ? U"several" : U"some";
  const bool raised = is_raised(document, i - 1);
  document.marks[i - 1].kind = Kind::WORD;
  document.marks[i - 1].literal = raised ? capitalize(article) : Text(article);
  return std::nullopt;
}

// "male portrait of a man": the one that the picture is of.
std::optional<int> shown_by(const Document& document, int i) {
  if (!document.is_in(i + 1, U"portraits") || !document.is_in(i + 2, U"of")) return std::nullopt;
  for (int j = i + 3; j < std::min(i + 8, document.size()); ++j) {
    if (document.marks[j].kind == Kind::NOUN) return j;
  }
  return std::nullopt;
}

void read_noun(Document& document, int i) {
  if (!document.marks[i].noun) return;
  const Noun noun = *document.marks[i].noun;
  if (document.marks[i].place == Place::PROFESSION) {
    document.says(document.person(i), U"profession", document.marks[i].value);
  }
  if (noun.kind == NounKind::ROLE) return;
  if (noun.kind == NounKind::NEUTRAL) {
    document.says(document.person(i), U"age", noun.age);
    return;
  }
  std::optional<int> head;
  if (noun.kind == NounKind::ADJECTIVE) head = document.head(i);
  if (!document.is_owned(i)) {
    if (!head) head = mentioned(document, i);
    if (!head) head = named_again(document, i);
    if (!head) head = of_group(document, i);
    if (!head && noun.kind == NounKind::ADJECTIVE) head = shown_by(document, i);
  }
  const auto following = document.attributed(i);
  Person& person = head ? document.give(i, *head) : document.person(i);
  document.says(person, U"gender", noun.gender);
  if (noun.kind == NounKind::CHILD) document.says(person, U"age", 0);
  if (!head && following) {
    const auto& target = document.marks[*following].noun;
    const bool shared = target && (target->kind == NounKind::ROLE || target->kind == NounKind::ADJECTIVE);
    if (shared) document.owner[*following] = document.owner[i];  // "woman firefighter"
  }
}

}  // namespace

void nouns(Document& document) {
  for (int i : document.of_kind({Kind::NOUN})) read_noun(document, i);
}

}  // namespace obclip::passes
