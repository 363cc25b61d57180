// Short ways to ask tokens and word lists, where the reference indexes and slices.
#ifndef OBCLIP_ATTRIBUTES_LOOKING_UP_H
#define OBCLIP_ATTRIBUTES_LOOKING_UP_H

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "attributes/document.h"

namespace obclip {

// The text of token i, or "" outside the prompt (no token is empty).
inline View at(const Tokens& tokens, int i) {
  return i >= 0 && i < tokens.size() ? View(tokens.texts[static_cast<std::size_t>(i)]) : View();
}

inline bool is_one_of(View word, std::initializer_list<View> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What a dictionary holds for a word, or null.
template <class V>
const V* find_in(const ByWord<V>& map, View word) {
  const auto found = map.find(word);
  return found == map.end() ? nullptr : &found->second;
}

// The noun of a word, or null.
inline const Noun* noun_of(const Lexicon& lex, View word) {
  const Noun* const* found = find_in(lex.nouns, word);
  return found == nullptr ? nullptr : *found;
}

// What the word means as a phrase by itself, or null.
inline const Meaning* meaning_of(const Lexicon& lex, View word) {
  const auto* node = lex.phrases.find(word);
  return node == nullptr ? nullptr : node->meaning;
}

inline bool begins_phrase(const Lexicon& lex, View word) { return lex.phrases.find(word) != nullptr; }

// int() of decimal digits of any script; what has more digits than any limit is as good as the largest.
inline int whole_number(View digits) {
  long long out = 0;
  for (char32_t c : digits) out = std::min<long long>(out * 10 + digit_value(c), 1'000'000'000);
  return static_cast<int>(out);
}

}  // namespace obclip

#endif
