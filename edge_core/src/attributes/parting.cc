// Spaces into words about persons that are written as one: "youngman", "indianbride", "#BlackGirlMagic"
// (edge_sdk/attributes/parting.py).
#include "attributes/parting.h"

#include <algorithm>

#include "attributes/looking_up.h"
#include "attributes/matching.h"
#include "attributes/spelling.h"

namespace obclip {
namespace {

// Shorter runs of letters hold no two words, and longer ones are no words.
constexpr std::size_t LEAST = 6;
constexpr std::size_t MOST = 48;
// Shorter parts are within too many words, and shorter words for origins ("thai") within too many names.
constexpr std::size_t LEAST_PART = 3;
constexpr std::size_t LEAST_TRAIT = 4;
constexpr std::size_t LEAST_SHOWN = 4;
// More digits for letters in one run are no word.
constexpr int MOST_LEET = 4;

using Parts = std::vector<std::pair<std::size_t, std::size_t>>;
using Ends = std::vector<std::size_t>;

// Whether it is an adjective that says something of a person.
bool is_said(View part, const Lexicon& lex) {
  const Meaning* meaning = meaning_of(lex, part);
  if (meaning == nullptr || meaning->behind || meaning->decoy || lex.in_class(U"glued_never", part)) return false;
  if (meaning->noun != nullptr && meaning->noun->kind == NounKind::NEUTRAL && !meaning->noun->plural) return true;
  if (meaning->kind != Kind::AGE && meaning->kind != Kind::TONE && meaning->kind != Kind::TRAIT) return false;
  if (meaning->kind != Kind::AGE && part.size() < LEAST_TRAIT) return false;
  const Trait* trait = meaning->trait;
  return trait == nullptr || (trait->adjective && !(trait->capital && trait->place));
}

bool is_place(View part, const Lexicon& lex) {
  const Meaning* meaning = meaning_of(lex, part);
  return meaning != nullptr && meaning->trait != nullptr && meaning->trait->place;
}

// Whether it is a noun for a person; only one that says a gender if not `any_role`.
bool is_person(View part, const Lexicon& lex, bool any_role) {
  if (lex.in_class(U"glued_never", part)) return false;
  if (const Noun* noun = noun_of(lex, part)) return any_role || noun->gender.has_value();
  const Meaning* meaning = meaning_of(lex, part);
  if (meaning == nullptr || meaning->trait == nullptr || meaning->decoy || !any_role) return false;
  const Trait& trait = *meaning->trait;
  return (trait.singular || trait.plural) && !(trait.capital || trait.place);
}

// Where the words end that may stand behind a person in one word with it: "magic" of "blackgirlmagic".
Ends tail(View word, std::size_t at, const Lexicon& lex) {
  for (std::size_t end = word.size(); end > at + 1; --end) {
    if (!lex.in_class(U"glued_behind", slice(word, at, end))) continue;
    if (end == word.size()) return {end};
    if (Ends rest = tail(word, end, lex); !rest.empty()) {
      rest.insert(rest.begin(), end);
      return rest;
    }
  }
  return {};
}

// "woman", "girls": one of the plainest nouns.
bool is_plain(View part, const Lexicon& lex) {
  for (const Words* words : {&lex.plain[0], &lex.plain[1], &lex.children[0], &lex.children[1], &lex.neutral[0], &lex.neutral[1]}) {
    if (std::find(words->begin(), words->end(), part) != words->end()) return true;
  }
  return false;
}

// Where the parts of a word end from `at` on, the longest first: adjectives, a person, what may follow. `said` counts
// the parts before that say something of a person.
Ends cut(View word, std::size_t at, int said, const Lexicon& lex) {
  for (std::size_t end = word.size(); end >= at + LEAST_PART; --end) {
    const View part = slice(word, at, end);
    const bool told = is_said(part, lex);
    Ends rest;
    // Without a word before it only "womenintech": shorter nouns begin many words ("mandate").
    const bool alone = at == 0 && end > LEAST_PART && is_plain(part, lex);
    if ((at > 0 || alone) && is_person(part, lex, said > 0 || alone)) {
      if (end == word.size()) return {end};
      rest = tail(word, end, lex);
    }
    if (end == word.size()) {
      if (at > 0 && told && !is_place(part, lex)) return {end};
    } else if (rest.empty() && (told || lex.in_class(U"glued_before", part))) {
      rest = cut(word, end, said + told, lex);
    }
    if (!rest.empty()) {
      rest.insert(rest.begin(), end);
      return rest;
    }
  }
  return {};
}

// Where the parts end of any one word of persons and what is said of the picture or the person behind it:
// "rabbiportrait", "abbesssmiling". Shorter parts, and endings ("knighthood"), are within too many words.
Ends shown(View word, const Lexicon& lex) {
  for (std::size_t head = word.size() - 1; head >= LEAST_SHOWN; --head) {
    if (word.size() - head < LEAST_SHOWN) continue;
    if (!is_person(word.substr(0, head), lex, true) && !is_said(word.substr(0, head), lex)) continue;
    Ends rest = tail(word, head, lex);
    if (rest.empty() || rest[0] - head < LEAST_SHOWN) continue;
    if (lex.in_class(U"glued_endings", slice(word, head, rest[0]))) continue;
    rest.insert(rest.begin(), head);
    return rest;
  }
  return {};
}

// Where what is said of a noun begins that stands before it: "girlasian"; 0 if there is none.
std::size_t turned(View word, const Lexicon& lex) {
  if (word.size() < 2 * LEAST_PART) return 0;
  for (std::size_t end = word.size() - LEAST_PART; end >= LEAST_PART; --end) {
    const View behind = word.substr(end);
    if (is_person(word.substr(0, end), lex, false) && is_said(behind, lex) && !is_place(behind, lex)) return end;
  }
  return 0;
}

// Whether a word that is a surname too stands beside another with a capital: "Gary Oldman".
bool is_surname(View text, std::size_t i, std::size_t j, const Lexicon& lex) {
  if (!is_upper(text[i]) || !lex.in_class(U"glued_surnames", lower(slice(text, i, j)))) return false;
  std::size_t end = i;
  while (end > 0 && (text[end - 1] == U' ' || text[end - 1] == U'.')) --end;
  std::size_t k = end;
  while (k > 0 && is_alpha(text[k - 1])) --k;
  return (k < end && is_upper(text[k])) || (j + 1 < text.size() && text[j] == U' ' && is_upper(text[j + 1]));
}

Parts between(const Ends& ends) {
  Parts out;
  for (std::size_t n = 0; n + 1 < ends.size(); ++n) out.emplace_back(ends[n], ends[n + 1]);
  return out;
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> parts_of(View word, const Lexicon& lex) {
  const std::size_t n = word.size();
  const Parts whole{{0, n}};
  const Text lowered = lower(word);
  if (lowered.size() != n || n < LEAST) return whole;
  const Text low = fold(lowered);
  Ends humps{0};
  for (std::size_t k = 1; k < n; ++k) {
    if (is_upper(word[k]) && is_lower(word[k - 1])) humps.push_back(k);
  }
  humps.push_back(n);
  for (std::size_t h = 0; h + 2 < humps.size(); ++h) {
    if (is_said(slice(low, humps[h], humps[h + 1]), lex) &&
        is_person(slice(low, humps[h + 1], humps[h + 2]), lex, true)) {
      return between(humps);
    }
  }
  if (n > MOST || lex.vocabulary.count(low) != 0 || lex.in_class(U"glued_whole", low)) return whole;
  Ends ends = cut(low, 0, 0, lex);
  if (ends.empty()) ends = shown(low, lex);
  if (ends.empty()) ends = shown(lowered, lex);
  if (ends.empty()) {
    const std::size_t end = turned(low, lex);
    return end == 0 ? whole : Parts{{end, n}, {0, end}};
  }
  ends.insert(ends.begin(), 0);
  if (!std::includes(ends.begin(), ends.end(), humps.begin(), humps.end())) return whole;  // "ApiAgent" is no gent
  return between(ends);
}

namespace {

// Where the run of letters from `i` on ends, and its parts; with digits for letters if it is then several words:
// "bl4ckgirl".
std::pair<std::size_t, Parts> run_at(View seen, std::size_t i, const Lexicon& lex) {
  std::size_t end = i;
  while (end < seen.size() && is_alpha(seen[end])) ++end;
  std::size_t j = end;
  while (j > i && j < seen.size() && (is_alpha(seen[j]) || !leet_letters(seen[j]).empty())) ++j;
  while (j > end && !is_alpha(seen[j - 1])) --j;
  int digits = 0;
  for (char32_t c : slice(seen, i, j)) digits += !leet_letters(c).empty();
  if (end < j && j <= i + MOST && digits <= MOST_LEET) {
    std::vector<Text> readings{Text()};
    for (char32_t c : slice(seen, i, j)) {
      const View letters = leet_letters(c).empty() ? View(&c, 1) : leet_letters(c);
      std::vector<Text> longer;
      for (const Text& r : readings) {
        for (char32_t letter : letters) longer.push_back(r + letter);
      }
      readings = std::move(longer);
    }
    for (const Text& reading : readings) {
      if (Parts parts = parts_of(reading, lex); parts.size() > 1) return {j, std::move(parts)};
    }
  }
  return {end, parts_of(slice(seen, i, end), lex)};
}

}  // namespace

Text without_glue(View text, const Lexicon& lex) {
  const Text seen = plain(text);
  Text out;
  bool tag = false;
  for (std::size_t i = 0; i < seen.size();) {
    auto [j, parts] = run_at(seen, i, lex);
    if (j == i) {
      if (seen[i] == U'<' || seen[i] == U'>') tag = seen[i] == U'<';
      ++j;
      parts = {{0, 1}};
    } else if (tag || j - i < LEAST || is_surname(seen, i, j, lex)) {
      parts = {{0, j - i}};
    }
    bool first = true;
    for (const auto& [from, to] : parts) {
      if (!first) out += U' ';
      out += slice(text, i + from, i + to);
      first = false;
    }
    i = j;
  }
  return out;
}

}  // namespace obclip
