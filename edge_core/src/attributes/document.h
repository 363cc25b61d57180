// One prompt as it is read: tokens, marks, persons, and one verdict for each mark (edge_sdk/attributes/document.py).
//
// Every pass takes the document, decides something, and leaves the rest to the passes behind it; no pass calls another.
// Indices of marks are `int`; where the reference gives None, `std::optional<int>`.
#ifndef OBCLIP_ATTRIBUTES_DOCUMENT_H
#define OBCLIP_ATTRIBUTES_DOCUMENT_H

#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "attributes/kinds.h"
#include "attributes/marks.h"
#include "attributes/matching.h"
#include "attributes/scope.h"
#include "lexicon/lexicon.h"
#include "text/text.h"

namespace obclip {

class Lexicons;

inline constexpr int REACH = 4;
// VERB_ENDS: ing, s, ed, ly.
bool ends_like_verb(View word);

struct Special {
  int start, end;
  Mark mark;
};

class Document {
 public:
  Document(Text typed, Text prompt, Text text, Tokens tokens, const Lexicon& lex, Scope scope);

  // The text that is sent but for its slots; the same with spaces for the signs that only weigh words; that, plain().
  Text typed, prompt, text;
  Tokens tokens;
  const Lexicon& lex;
  const Lexicons* lexicons = nullptr;  // what `lex` is of; set by read()
  Scope scope;
  std::vector<Mark> marks;
  std::vector<Special> special;
  std::vector<std::pair<int, int>> names, public_;
  std::vector<Text> left_out;
  std::unordered_map<int, int> owner;  // mark -> person
  std::vector<Person> persons;
  std::map<int, Dismissed> dismissed;  // by position in the prompt

  int size() const { return static_cast<int>(marks.size()); }
  const AxisSet& axes() const { return scope.axes; }
  bool hides(View axis) const { return scope.axes.count(Text(axis)) != 0; }
  bool in_class(View name, View word) const { return lex.in_class(name, word); }

  // -- deciding
  // change(i, **changes) of the reference: assign to the fields of `marks[i]`.
  void dismiss(int i, std::optional<Reason> reason = {});
  bool is_dismissed(int i) const;
  bool is_public(int start, int end) const;
  bool is_owned(int i) const { return owner.count(i) != 0; }
  Person& person(int i);           // made on first use; the reference is good until the next call
  Person& give(int i, int head);
  void says(Person& person, View axis, std::optional<int> value);
  void says_age(Person& person, const std::optional<Noun>& noun, int value);
  void insert(std::vector<Mark> marks);

  // -- looking around
  std::vector<int> of_kind(std::initializer_list<Kind> kinds) const;
  View word(int i) const;          // "" outside the prompt
  bool is_in(int i, const WordSet& words) const;
  bool is_in(int i, View class_name) const { return is_in(i, lex.word_class(class_name)); }
  bool adjacent(int i) const;
  std::optional<int> before(int i) const;
  std::optional<int> subject(int i) const;
  bool is_single(int i) const;
  std::optional<int> last_single(int i) const;
  std::optional<int> attributed(int i) const;
  std::optional<int> head(int i) const;
  std::optional<int> directly(int i) const;
  std::optional<int> unknown_head(int i, bool any_word = false, bool doubted = false);
  void make_role(int i);
  std::optional<int> somebody_alone(int i, bool people = false);
  bool is_thing(View word, bool doubted) const;
  bool looks_like_a_person(View word) const;
  bool bare_role(int head) const;
  bool is_sign(int i) const;
  bool has_person() const;
  bool shows_person() const;
  View axis_of(int i) const;
  bool is_counted_token(int i) const;
  bool capital(int i) const;
  bool predicate(int i) const;
  std::optional<int> pronoun_apart(int i) const;  // edge_sdk/attributes/subjects.py
  bool is_elliptic(int i) const;
  bool coordinated(int i) const;

 private:
  bool joins_adjectives(int i, int last, int j) const;
  bool is_opened(int i) const;
};

}  // namespace obclip

#endif
