// Hiding whether an attribute was mentioned (edge_sdk/attributes/passes/presence.py).
#include "attributes/axes.h"
#include "attributes/looking_up.h"
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

using Forms = std::pair<Text, Text>;

const std::vector<std::pair<View, View>>& irregular() {
  static const std::vector<std::pair<View, View>> VERBS = {{U"is", U"are"},   {U"was", U"were"}, {U"has", U"have"},
                                                           {U"does", U"do"}, {U"'s", U"'re"},   {U"goes", U"go"}};
  return VERBS;
}

bool ends_with_any(View word, std::initializer_list<View> tails) {
  return std::any_of(tails.begin(), tails.end(), [word](View tail) { return ends_with(word, tail); });
}

Text base_of(View word) {
  if (ends_with(word, U"ies") && word.size() > 4) return Text(word.substr(0, word.size() - 3)) + U"y";
  const bool two = ends_with_any(word, {U"sses", U"shes", U"ches", U"xes", U"zzes", U"oes"});
  return Text(word.substr(0, word.size() - (two ? 2 : 1)));
}

Text third_of(View word) {
  const bool behind_vowel = word.size() < 2 || contains(U"aeiou", word[word.size() - 2]);
  if (ends_with(word, U"y") && !behind_vowel) return Text(word.substr(0, word.size() - 1)) + U"ies";
  return Text(word) + (ends_with_any(word, {U"ss", U"sh", U"ch", U"x", U"zz", U"o"}) ? U"es" : U"s");
}

// (waits, wait) for either of them; nothing for a word that is the same for one and several.
std::optional<Forms> verb_forms(View word, bool plural, const WordSet& same) {
  for (const auto& [one, several] : irregular()) {
    if (word == one || word == several) return Forms{Text(one), Text(several)};
  }
  if (same.count(word) != 0 || ends_with_any(word, {U"ed", U"ing", U"ly"}) || !is_alpha(word)) return std::nullopt;
  if (plural) return Forms{third_of(word), Text(word)};
  if (!ends_with(word, U"s") || ends_with(word, U"ss")) return std::nullopt;
  return Forms{Text(word), base_of(word)};
}

// Whether the noun at i names a person by itself: not "woman" of "woman pilot", nor "female".
bool is_head(const Document& document, int i) {
  const Mark& m = document.marks[i];
  if (!m.noun || m.noun->kind == NounKind::ADJECTIVE || m.noun->kind == NounKind::DECADE) return false;
  if (m.word == U"someone" || m.word == U"somebody") return false;
  const auto owner = document.owner.find(i);
  if (owner == document.owner.end()) return true;
  for (int j : document.of_kind({Kind::NOUN})) {
    const auto other = document.owner.find(j);
    if (j > i && other != document.owner.end() && other->second == owner->second && document.marks[j].noun) return false;
  }
  return true;
}

// The verb behind "she", "he" or "they" becomes a slot of the same person: "she waits", "they wait".
void agree(Document& document) {
  for (int i : document.of_kind({Kind::PRONOUN})) {
    if (document.marks[i].form != PronounForm::SUBJECT || i + 1 >= document.size()) continue;
    Mark& m = document.marks[i + 1];
    const auto pair = verb_forms(m.word, document.marks[i].value == NEUTRAL_GENDER, document.lex.word_class(U"same_verb"));
    if (!pair || (m.kind != Kind::WORD && m.kind != Kind::STOP)) continue;
    m.kind = Kind::VERB;
    m.verb = *pair;
    m.literal.clear();
    document.owner[i + 1] = document.owner[i];
  }
}

}  // namespace

void presence(Document& document) {
  if (document.scope.unspecified.empty()) return;
  std::vector<int> heads;
  for (int i : document.of_kind({Kind::NOUN})) {
    if (is_head(document, i)) heads.push_back(i);
  }
  for (int i : heads) {
    Person& person = document.person(i);
    const auto& noun = document.marks[i].noun;
    for (const AxisSpec& spec : axis_specs()) {
      if (document.scope.unspecified.count(spec.name) == 0 || person.says(spec.name)) continue;
      if (!noun || noun->collective || !spec.may_be_unsaid) continue;
      const Words* values = find_in(document.lex.values, spec.name);
      const int unsaid = values == nullptr ? 0 : static_cast<int>(values->size());
      person.set(spec.name, spec.name == U"gender" ? NEUTRAL_GENDER : unsaid);
    }
  }
  if (document.scope.unspecified.count(U"gender"sv) != 0) agree(document);
}

}  // namespace obclip::passes
