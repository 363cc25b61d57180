// From the file's tables to the structs of lexicon.h: each kind of value by one function, by the type that it has there.
#ifndef OBCLIP_LEXICON_MAKING_H
#define OBCLIP_LEXICON_MAKING_H

#include <deque>
#include <unordered_map>

#include "lexicon/file.h"
#include "lexicon/lexicon.h"

namespace obclip {

// Makes values; records that several phrases share are made once. All that it hands out lives as long as it does.
class Maker {
 public:
  explicit Maker(const LexiconFile& file) : file_(file) {}

  // The record `Lexicon` without flags.
  void make_base(std::uint32_t record, Lexicon& out);
  // What one layer changes: (field, change) pairs from `at` on.
  void apply_layer(const Row& layer, std::size_t at, Lexicon& out);

 private:
  struct Field {
    View name;
    void (*change)(Maker&, std::uint32_t, Lexicon&);
  };
  // The fields of the record in their order.
  static const std::vector<Field>& fields();

  Row record(std::uint32_t ref, View name, const std::vector<View>& names);
  std::optional<int> maybe_integer(std::uint32_t ref);
  Words words(std::uint32_t ref);
  WordSet word_set(std::uint32_t ref);
  ByNumber by_number(std::uint32_t ref);
  template <class E>
  E enumerated(std::uint32_t ref, View type, int count);
  Noun noun(std::uint32_t ref);
  Trait trait(std::uint32_t ref);
  Meaning meaning(std::uint32_t ref);
  Origin origin(std::uint32_t ref);
  Origins origins(std::uint32_t ref);
  Cue cue(std::uint32_t ref);
  Hint hint(std::uint32_t ref);
  AxisForms axis_forms(std::uint32_t ref);
  std::vector<Frame> frames(std::uint32_t ref);

  template <class T>
  const T* kept(std::uint32_t ref, std::unordered_map<std::uint32_t, T>& made, T (Maker::*make)(std::uint32_t));
  const Noun* kept_noun(std::uint32_t ref) { return kept(ref, nouns_, &Maker::noun); }
  const Meaning* kept_meaning(std::uint32_t ref) { return kept(ref, meanings_, &Maker::meaning); }
  const Origins* kept_origins(std::uint32_t ref) { return kept(ref, origins_, &Maker::origins); }
  const Cue* kept_cue(std::uint32_t ref) { return kept(ref, cues_, &Maker::cue); }

  template <class V>
  void change(ByWord<V>& map, std::uint32_t ref, V (Maker::*make)(std::uint32_t));
  View text(std::uint32_t ref) { return file_.string(ref); }
  int whole(std::uint32_t ref) { return file_.integer(ref); }
  std::vector<Hint> hints(std::uint32_t ref);
  ByWord<Words> groups(std::uint32_t ref);
  InOrder<WordSet> languages(std::uint32_t ref);
  std::unordered_set<char32_t> characters(std::uint32_t ref);
  void change(WordSet& set, std::uint32_t ref);
  template <class T>
  void change(Trie<T>& root, std::uint32_t ref, const T* (Maker::*make)(std::uint32_t));
  template <class T>
  void grow(Trie<T>& node, std::uint32_t from, const T* (Maker::*make)(std::uint32_t), int depth);

  const LexiconFile& file_;
  std::unordered_map<std::uint32_t, Noun> nouns_;
  std::unordered_map<std::uint32_t, Trait> traits_;
  std::unordered_map<std::uint32_t, Meaning> meanings_;
  std::unordered_map<std::uint32_t, Origins> origins_;
  std::unordered_map<std::uint32_t, Cue> cues_;
  std::unordered_map<std::uint32_t, bool> types_;
};

}  // namespace obclip

#endif
