// Tokens, and the longest match of phrases over them (edge_sdk/attributes/matching.py).
#ifndef OBCLIP_ATTRIBUTES_MATCHING_H
#define OBCLIP_ATTRIBUTES_MATCHING_H

#include <optional>
#include <vector>

#include "lexicon/lexicon.h"
#include "text/text.h"

namespace obclip {

// Tokens in order: lower-case texts, and where each starts and ends (code points).
struct Tokens {
  std::vector<Text> texts;
  std::vector<int> starts, ends;
  int size() const { return static_cast<int>(texts.size()); }
};

Text plain(View text);      // the same length with look-alike characters as ASCII
Tokens tokens(View text);   // of a text that went through plain()

template <class T>
struct Found {
  int behind;  // index of the token behind the phrase
  const T* meaning;
};

// The longest phrase that begins at token i: between its words stand spaces or one hyphen without spaces.
template <class T>
std::optional<Found<T>> longest(const Trie<T>& root, const Tokens& found, int i);

extern template std::optional<Found<Meaning>> longest(const Trie<Meaning>&, const Tokens&, int);
extern template std::optional<Found<Origins>> longest(const Trie<Origins>&, const Tokens&, int);
extern template std::optional<Found<Cue>> longest(const Trie<Cue>&, const Tokens&, int);

}  // namespace obclip

#endif
