// What each mark of a document becomes: the reference's _Builder (edge_sdk/attributes/template.py). The class has two
// files, for its size: builder.cc (phrases), builder_axes.cc (axes, and which words move).
#ifndef OBCLIP_ATTRIBUTES_BUILDER_H
#define OBCLIP_ATTRIBUTES_BUILDER_H

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "attributes/document.h"
#include "contract/grid.h"

namespace obclip {

class Builder {
 public:
  explicit Builder(const Document& document);

  const std::vector<Axis>& axes() const { return axes_; }
  const Choice& choice() const { return choice_; }
  // Whether mark `i` is replaced at all (a role noun stays as it is).
  bool replaced(int i, const Mark& m) const;
  // What replaces mark `i`; nothing removes it (its meaning moved into another phrase).
  std::optional<Phrase> phrase(int i, const Mark& m) const;
  // Slots that are put before mark `i`: those whose presence is hidden, and the age before a role.
  std::vector<Phrase> ahead(int i) const;

 private:
  using Index = std::optional<int>;

  // -- builder.cc
  std::optional<Phrase> said(int i, const Mark& m) const;
  std::optional<Phrase> age(int i, const Mark& m, Index age) const;
  std::optional<Phrase> trait(const Mark& m, int person) const;
  std::optional<Phrase> with_age(int i, std::optional<Phrase> phrase) const;
  std::vector<Text> age_words(int age) const;
  std::optional<Phrase> decade(int person, Index gender, Index age) const;
  Phrase noun(int i, const Mark& m, Index gender, Index age) const;
  Phrase aged_noun(int i, const Mark& m, Index gender, int age) const;
  Phrase ageless(const Mark& m, int gender, int number) const;
  std::vector<Text> professions(int number) const;
  bool leads_noun(int i) const;
  bool before_its_noun(int i) const;
  void prefix(int i, std::vector<Phrase>& out) const;
  void lead(int i, std::vector<Phrase>& out) const;

  // -- builder_axes.cc
  Index owner(int i) const;
  Index where(int person, View axis) const;
  bool hides(View axis) const { return hidden_.count(axis) != 0; }
  int said_elsewhere(int person, int count) const;
  std::map<int, int> find_heads() const;
  bool may_be_unsaid(int person, View axis) const;
  bool gender_may_be_unsaid(int person) const;
  bool moves(int i, const Mark& m) const;
  bool movable(const Mark& m) const;
  bool adjacent_head(int i, int head) const;
  std::map<int, int> find_aged() const;
  bool takes_age(int person) const;
  std::set<int> find_leads() const;
  bool is_head(int i) const;
  bool is_led(int person) const;
  bool is_role(const Mark& m) const;
  bool is_listed(const Mark& m) const;
  bool is_aged_noun(const Mark& m) const;
  int size_of(int axis) const { return axes_[axis].size(); }

  const Document& document_;
  const Lexicon& lex_;
  const AxisSet& hidden_;  // axes whose presence is hidden
  std::vector<Axis> axes_;
  Choice choice_;
  std::map<std::pair<int, View>, int> where_;
  std::map<int, int> heads_;  // by person, the noun that slots which were not said are put before
  std::map<int, int> aged_;   // by person whose age is hidden, the first noun that says the age itself
  std::set<int> leads_;       // marks that the age stands before
};

}  // namespace obclip

#endif
