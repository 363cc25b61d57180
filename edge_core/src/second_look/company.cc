// Whether anybody is in the prompt, and names that are nobody's there: "Loki horns" (edge_sdk/second_look/company.py).
#include "second_look/company.h"

#include <algorithm>

namespace obclip::second_look {
namespace {

constexpr int THINGS = 2;  // words of a compound that are things, for a name in it to be a thing's

bool any(Bits bits) { return bits != 0; }
int size_of(const Tokens& tokens) { return static_cast<int>(tokens.size()); }

bool is_act(const Token& token) {
  const View word = token.folded;
  return ends_with(word, U"ing") || ends_with(word, U"ed") || in_context(U"acts", word) || in_context(U"behind_noun", word) ||
         in_context(U"pictures", word);
}

bool is_character(Bits bits) { return any(bits & FICTION) || axis_of(bits) == U"identity"; }

// Whether hair, horns or armour are called after who stands before, a colour between or not: "ariel red hair".
bool names_trait(const Tokens& tokens, const Known& known, int behind) {
  for (int k = behind; k < std::min(behind + 2, size_of(tokens)); ++k) {
    if (tokens[k].segment != tokens[behind - 1].segment || !tokens[k].gap.empty() || tokens[k - 1].end + 1 < tokens[k].start) {
      return false;  // "Loki's horns" are a person's
    }
    if (in_context(U"traits", tokens[k].folded) || (k == behind && in_context(U"printed", tokens[k].folded))) return true;
    if (!any(known[k] & QUALITY)) return false;
  }
  return false;
}

// Who somebody is dressed as is a costume: "dressed as captain america, spider-man and captain marvel".
void mark_dressed(const Tokens& tokens, const Phrases& phrases, Flags& is_public) {
  bool dressed = false;
  for (const Phrase& p : phrases) {
    const View word = tokens[p.first].folded;
    if (word == U"as" && p.first > 0 && in_context(U"dressed", tokens[p.first - 1].folded)) {
      dressed = true;
    } else if (is_character(p.bits)) {
      for (int k = p.first; k < p.behind; ++k) is_public[k] = is_public[k] || dressed;
    } else if (!in_context(U"joints", word)) {
      dressed = false;
    }
  }
}

// Whether a name is a common word, alone, and neither pictured nor doing what persons do.
bool is_ordinary(const Tokens& tokens, const Known& known, int i) {
  if (!any(known[i] & WORD) || any(known[i] & TOP)) return false;
  if (i > 1 && tokens[i - 1].folded == U"of" && in_context(U"pictures", tokens[i - 2].folded) && tokens[i].capital()) {
    return false;
  }
  for (int k : {i - 1, i + 1}) {
    if (k < 0 || k >= size_of(tokens) || tokens[k].segment != tokens[i].segment) continue;
    const bool name = any(known[k] & (NAME | TOP)) && !any(known[k] & WORD);
    const bool raised = tokens[k].capital() && known[k] == 0 && tokens[i].capital();
    if (name || raised || in_context(U"titles", tokens[k].folded)) return false;
    if (k > i && in_context(U"acts", tokens[k].folded)) return false;
  }
  return true;
}

// Whether hyphens join a name to several things.
bool is_in_compound(const Tokens& tokens, const Known& known, int i) {
  int first = i, behind = i + 1, things = 0;
  while (first > 0 && tokens[first].gap == U"-") --first;
  while (behind < size_of(tokens) && tokens[behind].gap == U"-") ++behind;
  for (int k = first; k < behind; ++k) things += any(known[k] & WORD) && !any(known[k] & NAME);
  return things >= THINGS;
}

}  // namespace

bool is_counted(const Token& token) {
  if (token.folded.empty() || !is_digit(token.folded[0])) return false;
  const View word = lstrip_digits(token.folded);
  for (View who : {U"girl"sv, U"girls"sv, U"boy"sv, U"boys"sv, U"woman"sv, U"women"sv, U"man"sv, U"men"sv, U"other"sv, U"others"sv}) {
    if (word == who) return true;
  }
  return false;
}

Marked somebody(const Tokens& tokens, const Known& known) {
  Marked out;
  for (int i = 0; i < size_of(tokens); ++i) {
    const bool person = any(known[i] & PERSON) && !any(known[i] & QUALITY);  // "alternate history"
    if (person || in_context(U"persons", tokens[i].folded) || is_counted(tokens[i]) || axis_of(known[i]) == U"gender") {
      out.insert(i);
    }
  }
  return out;
}

std::set<Text> things_named(const Tokens& tokens, const Known& known) {
  std::set<Text> out;
  const int count = size_of(tokens);
  for (int i = 0; i + 1 < count; ++i) {
    const Token& after = tokens[i + 1];
    const Bits bits = known[i + 1];
    const bool beside = after.segment == tokens[i].segment && after.gap.empty();
    if (beside && any(bits & WORD) && !any(bits & (PERSON | SURNAME)) && !is_act(after)) out.insert(tokens[i].folded);
  }
  for (int i = 0; i < count; ++i) {
    if (!in_context(U"ordinary_series", tokens[i].folded)) continue;
    if (i > 0) out.insert(tokens[i - 1].folded);
    if (i + 1 < count) out.insert(tokens[i + 1].folded);
  }
  return out;
}

void mark_nobody(const Tokens& tokens, const Known& known, const Phrases& phrases, Flags& is_public) {
  for (const Phrase& p : phrases) {
    bool common = true;
    for (int k = p.first; k < p.behind; ++k) common = common && any(known[k] & WORD);
    const bool thing = common && p.behind > p.first + 1 && describes(tokens, known, p.behind - 1);  // "a black widow spider"
    if (is_character(p.bits) && (thing || names_trait(tokens, known, p.behind))) {
      std::fill(is_public.begin() + p.first, is_public.begin() + p.behind, 1);
    }
  }
  mark_dressed(tokens, phrases, is_public);
  for (int i = 2; i < size_of(tokens); ++i) {
    const bool of = tokens[i - 1].folded == U"of" && tokens[i].capital() && tokens[i].segment == tokens[i - 2].segment;
    is_public[i] = is_public[i] || (of && tokens[i - 2].capital() && in_context(U"buildings", tokens[i - 2].folded));
  }
  const Marked persons = somebody(tokens, known);
  for (int i = 0; i < size_of(tokens); ++i) {
    if (!is_public[i] && any(known[i] & (NAME | TOP)) && !others(persons, i)) {
      is_public[i] = is_ordinary(tokens, known, i) || is_in_compound(tokens, known, i);
    }
  }
}

}  // namespace obclip::second_look
