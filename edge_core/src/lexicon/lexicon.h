// The lexicon: which words give an axis away, and the canonical words that replace them (edge_sdk/attributes/lexicon.py).
//
// Every View points into the opened file's strings, which live as long as the `LexiconFile` (file.h).
#ifndef OBCLIP_LEXICON_LEXICON_H
#define OBCLIP_LEXICON_LEXICON_H

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "attributes/kinds.h"
#include "text/text.h"

namespace obclip {

// Goes into every request: LEXICON_VERSION of the reference. A test holds the two together.
inline constexpr View LEXICON_VERSION = U"9";
inline constexpr View UNSPECIFIED = U"unspecified";
inline constexpr View UNLISTED = U"unlisted";
inline constexpr int NEUTRAL_GENDER = 2;  // NEUTRAL of lexicon.py

using Words = std::vector<View>;  // a tuple of strings
using WordSet = std::unordered_set<View>;
template <class V>
using ByWord = std::unordered_map<View, V>;  // a dictionary that is only looked up
template <class V>
using InOrder = std::vector<std::pair<View, V>>;  // a dictionary whose order counts
using ByNumber = std::array<Words, 2>;  // forms for one person, and for several

struct Noun {
  NounKind kind = NounKind::PLAIN;
  bool plural = false;
  std::optional<int> gender, age;
  std::optional<Words> forms;
  bool collective = false;
};

struct Trait {
  View axis;
  std::optional<int> value;
  bool adjective = false, singular = false, plural = false, behind = false, near = false, direct = false;
  std::optional<int> gender;
  bool capital = false, place = false;
};

struct Origin {
  View axis;
  std::optional<int> value;
  View kind;
};
using Origins = std::vector<Origin>;  // what one phrase can be

struct Meaning {
  Kind kind = Kind::WORD;
  const Noun* noun = nullptr;
  const Trait* trait = nullptr;
  int value = -1;
  std::optional<PronounForm> form;
  bool near = false, behind = false, decoy = false, hyphens = false;
};

struct AxisForms {
  Words before;
  ByNumber behind, predicate;
};

struct Cue {
  View axis, value, instead;
  bool strong = false;
};

struct Hint {
  View axis, value, instead, slot;
  bool decides = false;
};

// A node of a trie of phrases: what the path to it means (null: nothing), and the nodes below it.
// `T` is Meaning, Origins or Cue.
template <class T>
struct Trie {
  const T* meaning = nullptr;
  std::unordered_map<View, std::unique_ptr<Trie>> below;
  const Trie* find(View token) const {
    auto at = below.find(token);
    return at == below.end() ? nullptr : at->second.get();
  }
};

// One frame around an origin: words before, words behind, what it fits.
struct Frame {
  Words before, behind;
  View fits;
};

struct Lexicon {
  Words axes;
  ByWord<Words> values;
  Trie<Meaning> phrases;
  ByWord<const Meaning*> alone;
  ByWord<const Noun*> nouns;
  WordSet vocabulary, sensitive;
  Trie<Origins> origins;
  ByWord<std::vector<Frame>> frame_starts;
  ByWord<View> emoji;
  std::unordered_set<char32_t> emoji_starts;
  int longest_emoji = 0;
  ByWord<AxisForms> forms;
  Words gender_adjectives;
  ByWord<int> titles;
  WordSet given_names;
  ByWord<View> respelled;
  ByWord<Words> pronouns;
  ByWord<int> ages, tones;
  ByWord<View> tone_keys;
  Words suffixes;
  ByWord<WordSet> words;  // closed classes: word_class("copulas")
  ByNumber neutral, plain, children;
  Words title_forms;
  int child_below = 0, old_from = 0;
  ByWord<int> numbers, decades;
  Words decade_forms, age_predicates, year_forms;
  ByWord<View> roles_plural, neutral_pairs;
  Trie<Cue> cues;
  ByWord<std::vector<Hint>> noun_hints;
  View nameless;
  InOrder<WordSet> languages;
  ByWord<Words> large;
  ByWord<ByWord<Words>> groups;

  // lex.words[name]; the empty set for a name that the file lacks cannot happen: file.cc checks the names the code uses.
  const WordSet& word_class(View name) const;
  bool in_class(View name, View word) const { return word_class(name).count(word) != 0; }
  int age_of(int years) const { return years < child_below ? 0 : years >= old_from ? 2 : 1; }
  int distance(View axis, View first, View second) const;
};

}  // namespace obclip

#endif
