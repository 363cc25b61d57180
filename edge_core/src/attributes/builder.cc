// What takes the place of each mark (_Builder of edge_sdk/attributes/template.py).
//
// Where the reference asserts, no phrase is given: the closure check then refuses what comes out.
#include "attributes/builder.h"

#include <algorithm>

#include "attributes/axes.h"

namespace obclip {
namespace {

std::vector<Text> owned(const Words& words) { return {words.begin(), words.end()}; }

// The first `count` of the forms.
std::vector<Text> first_of(const Words& words, int count) {
  const std::size_t size = std::min(words.size(), static_cast<std::size_t>(std::max(count, 0)));
  return {words.begin(), words.begin() + size};
}

// Every pair, row-major, as one text.
std::vector<Text> product(const std::vector<Text>& first, const std::vector<Text>& second) {
  std::vector<Text> out;
  for (const Text& a : first) {
    for (const Text& b : second) {
      const Text both = a + U" " + b;
      out.emplace_back(strip(both));
    }
  }
  return out;
}

const Words& words_of(const ByWord<Words>& table, View key) {
  static const Words NONE;
  const auto at = table.find(key);
  return at == table.end() ? NONE : at->second;
}

}  // namespace

std::optional<Phrase> Builder::phrase(int i, const Mark& m) const {
  if (!hidden_.empty() && moves(i, m)) return std::nullopt;
  return said(i, m);
}

std::optional<Phrase> Builder::said(int i, const Mark& m) const {
  const Index of = owner(i);
  if (!of) return std::nullopt;
  const int person = *of;
  if (m.kind == Kind::TRAIT) return with_age(i, trait(m, person));
  const Index gender = where(person, U"gender"), age_at = where(person, U"age");
  switch (m.kind) {
    case Kind::SKIN: {
      const Index tone = where(person, U"skin_tone");
      if (!tone) return std::nullopt;
      return with_age(i, Phrase{{*tone}, owned(words_of(lex_.values, U"skin_tone"))});
    }
    case Kind::VERB: {
      if (!gender || !m.verb) return std::nullopt;
      std::vector<Text> forms{m.verb->first, m.verb->first, m.verb->second};
      forms.resize(static_cast<std::size_t>(std::min(3, size_of(*gender))));
      return Phrase{{*gender}, std::move(forms)};
    }
    case Kind::NAME: {
      const Index name = where(person, U"first_names");
      if (!name) return std::nullopt;
      return Phrase{{*name}, owned(words_of(lex_.values, U"first_names"))};
    }
    case Kind::DECADE:
      return decade(person, gender, age_at);
    case Kind::AGE:
      return age(i, m, age_at);
    case Kind::NOUN:
      return noun(i, m, gender, age_at);
    default:
      break;
  }
  if (!gender) return std::nullopt;
  const bool is_pronoun = m.form && m.kind == Kind::PRONOUN;
  const Words& forms = is_pronoun ? words_of(lex_.pronouns, value_of(*m.form)) : lex_.title_forms;
  return Phrase{{*gender}, first_of(forms, size_of(*gender))};
}

std::optional<Phrase> Builder::age(int i, const Mark& m, Index age) const {
  if (!age) return std::nullopt;
  const bool is_aged = aged_.count(*owner(i)) != 0;
  const Phrase predicate{{*age}, owned(lex_.age_predicates)};
  if (m.place == Place::PREDICATE || (m.place == Place::LISTED && !is_aged)) return predicate;
  if (is_aged) return std::nullopt;
  if (m.place == Place::YEARS && !before_its_noun(i)) return Phrase{{*age}, owned(lex_.year_forms)};
  return leads_noun(i) ? Phrase{{*age}, owned(words_of(lex_.values, U"age"))} : predicate;
}

// Whether a noun follows at once ("child pirate"): "child" before an adjective reads as a noun of its own.
bool Builder::leads_noun(int i) const {
  const auto& marks = document_.marks;
  if (slice(document_.prompt, marks[i].end, marks[i].end + 1) == U"-") return true;  // "12-year-old-looking"
  if (i + 1 >= document_.size()) return false;
  const auto& next = marks[i + 1].noun;
  return next && next->kind != NounKind::ADJECTIVE;
}

bool Builder::before_its_noun(int i) const {
  for (int j = i + 1; j < std::min(i + 6, document_.size()); ++j) {
    if (document_.is_sign(j)) return false;
    const Index of = owner(j);
    if (of && of == owner(i) && document_.marks[j].kind == Kind::NOUN) return true;
  }
  return false;
}

std::optional<Phrase> Builder::trait(const Mark& m, int person) const {
  if (!m.trait || !m.trait->value) return std::nullopt;
  const auto forms = lex_.forms.find(m.trait->axis);
  const Index axis = where(person, m.trait->axis);
  if (forms == lex_.forms.end() || !axis) return std::nullopt;
  if (m.place == Place::BEFORE) return Phrase{{*axis}, owned(forms->second.before)};
  const std::size_t several = document_.persons[person].plural ? 1 : 0;
  const ByNumber& texts = m.place == Place::BEHIND ? forms->second.behind : forms->second.predicate;
  return Phrase{{*axis}, owned(texts[several])};
}

// The age stands before the first adjective of its noun: "an old Chinese woman".
std::optional<Phrase> Builder::with_age(int i, std::optional<Phrase> phrase) const {
  if (!phrase || leads_.count(i) == 0) return phrase;
  const Index age = where(*owner(i), U"age");
  if (!age) return phrase;
  Phrase both{{*age}, product(age_words(*age), phrase->text)};
  both.axes.insert(both.axes.end(), phrase->axes.begin(), phrase->axes.end());
  return both;
}

// The age as adjectives of a noun that says "child" itself.
std::vector<Text> Builder::age_words(int age) const {
  std::vector<Text> out = owned(words_of(lex_.values, U"age"));
  if (!out.empty()) out[0].clear();
  for (int left = size_of(age) - 3; left > 0; --left) out.emplace_back();
  return out;
}

std::optional<Phrase> Builder::decade(int person, Index gender, Index age) const {
  if (!age || aged_.count(person) != 0) return std::nullopt;
  std::vector<Text> texts;
  if (!gender) {
    for (View d : lex_.decade_forms) texts.push_back(U"in their " + Text(d));
    return Phrase{{*age}, std::move(texts)};
  }
  for (const Text& own : first_of(words_of(lex_.pronouns, U"possessive"), size_of(*gender))) {
    for (View d : lex_.decade_forms) texts.push_back(U"in " + own + U" " + Text(d));
  }
  return Phrase{{*gender, *age}, std::move(texts)};
}

Phrase Builder::noun(int i, const Mark& m, Index gender, Index age) const {
  if (!m.noun) return {};
  const int person = *owner(i), number = m.noun->plural ? 1 : 0;
  if (m.place == Place::PROFESSION) {
    const Index profession = where(person, U"profession");
    return profession ? Phrase{{*profession}, professions(number)} : Phrase{};
  }
  if (m.noun->kind == NounKind::ROLE && gender && !is_aged_noun(m)) {
    const Text own(m.text(document_.prompt));  // only where presence is hidden: "female pilot", "male pilot", "pilot"
    return Phrase{{*gender}, {U"female " + own, U"male " + own, own}};
  }
  if ((m.noun->kind == NounKind::PAIR || m.noun->kind == NounKind::ADJECTIVE) && m.noun->forms) {
    return gender ? Phrase{{*gender}, first_of(*m.noun->forms, size_of(*gender))} : Phrase{};
  }
  if (!age || (aged_.count(person) == 0 && gender)) return gender ? ageless(m, *gender, number) : Phrase{};
  return aged_noun(i, m, gender, *age);
}

Phrase Builder::aged_noun(int i, const Mark& m, Index gender, int age) const {
  const int person = *owner(i);
  const std::size_t number = m.noun->plural ? 1 : 0;
  const auto aged = aged_.find(person);
  // Apart where slots stand before the noun, or where it is named again: the age was said.
  const bool apart = is_head(i) || is_led(person) || (aged != aged_.end() && aged->second != i);
  std::vector<Text> before = age_words(age);
  if (!before.empty()) before.erase(before.begin());
  for (Text& w : before) w = apart || w.empty() ? Text() : w + U" ";
  Phrase out;
  const auto say = [&](View child, View grown) {
    out.text.emplace_back(child);
    for (const Text& b : before) out.text.push_back(b + Text(grown));
  };
  if (!gender) {
    out.axes = {age};
    say(lex_.neutral[number][0], lex_.neutral[number][1]);
    return out;
  }
  out.axes = {*gender, age};
  const Words &children = lex_.children[number], &grown = lex_.plain[number];
  for (int g = 0; g < size_of(*gender); ++g) say(children[g], grown[g]);
  return out;
}

Phrase Builder::ageless(const Mark& m, int gender, int number) const {
  const ByNumber& words = m.noun->kind == NounKind::CHILD ? lex_.children : lex_.plain;
  return Phrase{{gender}, first_of(words[static_cast<std::size_t>(number)], size_of(gender))};
}

std::vector<Text> Builder::professions(int number) const {
  std::vector<Text> out = owned(words_of(lex_.values, U"profession"));
  if (number == 0) return out;
  for (Text& v : out) {
    const auto several = lex_.roles_plural.find(View(v));
    v = several == lex_.roles_plural.end() ? v + U"s" : Text(several->second);
  }
  return out;
}

std::vector<Phrase> Builder::ahead(int i) const {
  std::vector<Phrase> out;
  if (!hidden_.empty()) prefix(i, out);
  lead(i, out);
  return out;
}

// Slots that are put before noun `i` because their presence is hidden: age first, then the traits.
void Builder::prefix(int i, std::vector<Phrase>& out) const {
  if (!is_head(i)) return;
  const int person = *owner(i);
  const auto found = aged_.find(person);
  const bool aged = found != aged_.end() && found->second == i, led = is_led(person);
  if (const Index age = where(person, U"age"); age && (hides(U"age") || aged) && !led) {
    std::vector<Text> words;
    if (aged) {
      words = age_words(*age);
    } else {
      words = owned(words_of(lex_.values, U"age"));
      words.emplace_back();
    }
    words.resize(std::min(words.size(), static_cast<std::size_t>(size_of(*age))));
    out.push_back(Phrase{{*age}, std::move(words)});
  }
  for (View axis : trait_axes()) {
    const Index at = where(person, axis);
    if (!at || !hides(axis) || !may_be_unsaid(person, axis)) continue;
    const auto forms = lex_.forms.find(axis);
    if (forms == lex_.forms.end()) continue;
    std::vector<Text> words = owned(forms->second.before);
    words.emplace_back();
    out.push_back(Phrase{{*at}, std::move(words)});
  }
}

// The age before the role that a noun stands behind: "an old elf woman", and nothing in "an elf girl".
void Builder::lead(int i, std::vector<Phrase>& out) const {
  if (leads_.count(i) == 0 || !is_role(document_.marks[i])) return;
  const Index age = where(*owner(i), U"age");
  if (age) out.push_back(Phrase{{*age}, age_words(*age)});
}

}  // namespace obclip
