// Spaces for the signs that tie a person to what is said of them (edge_sdk/attributes/joining.py).
#include "attributes/joining.h"

#include "attributes/looking_up.h"
#include "attributes/matching.h"
#include "attributes/spelling.h"

namespace obclip {
namespace {

// Whether token k stands between two others without spaces, and joins them.
bool is_join(const Tokens& found, int k) {
  return 0 < k && k < found.size() - 1 && (found.texts[k] == U"-" || found.texts[k] == U"_") &&
         found.ends[k - 1] == found.starts[k] && found.ends[k] == found.starts[k + 1];
}

bool is_said(const Meaning& meaning) {
  const bool behind = meaning.behind || (meaning.trait != nullptr && meaning.trait->behind);
  return (meaning.kind == Kind::AGE || meaning.kind == Kind::LITTLE || meaning.kind == Kind::TONE ||
          meaning.kind == Kind::TRAIT) &&
         !behind && !meaning.decoy;
}

// Whether a noun for a person follows at token j, with nothing but adjectives of persons and joins between.
bool leads(const Tokens& found, int j, const Lexicon& lex) {
  while (j < found.size()) {
    if (noun_of(lex, found.texts[j]) != nullptr) return true;
    const auto hit = longest(lex.phrases, found, j);
    if (hit && hit->meaning->kind == Kind::NOUN && !hit->meaning->decoy) return true;  // "taxi-driver"
    if (hit && is_said(*hit->meaning)) {
      j = hit->behind;
    } else if (is_join(found, j) || lex.in_class(U"between", found.texts[j])) {
      ++j;
    } else {
      return false;
    }
  }
  return false;
}

// The "year" of "30-year-old", which is one age.
bool is_unit(const Tokens& found, int k, const Lexicon& lex) {
  return lex.in_class(U"year_units", found.texts[k]) || lex.in_class(U"short_units", found.texts[k]);
}

// "Chinese-American": a hyphen between two origins makes one of them.
bool is_pair(const Tokens& found, const Meaning& meaning, int j, const Lexicon& lex) {
  const auto hit = longest(lex.phrases, found, j + 1);
  const bool origins = meaning.kind == Kind::TRAIT && hit && hit->meaning->kind == Kind::TRAIT;
  return found.texts[j] == U"-" && origins && !meaning.trait->direct;
}

}  // namespace

Text without_joins(View text, const Lexicon& lex) {
  Text out(text);
  const Text seen = plain(text);
  if (seen.find_first_of(U"-_") == Text::npos) return out;
  const Tokens found = spell(tokens(seen), lex);
  for (int i = 0; i < found.size();) {
    const auto hit = longest(lex.phrases, found, i);
    const int j = hit ? hit->behind : i + 1;
    if (hit && is_said(*hit->meaning) && leads(found, j, lex)) {
      if (is_join(found, i - 1) && !is_unit(found, i - 2, lex)) out[found.starts[i - 1]] = U' ';
      if (is_join(found, j) && !is_pair(found, *hit->meaning, j, lex)) out[found.starts[j]] = U' ';
    }
    i = j;
  }
  return out;
}

}  // namespace obclip
