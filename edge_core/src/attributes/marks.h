// What a document holds: marks, what became of each, and the persons they speak of (edge_sdk/attributes/marks.py).
#ifndef OBCLIP_ATTRIBUTES_MARKS_H
#define OBCLIP_ATTRIBUTES_MARKS_H

#include <optional>
#include <utility>

#include "attributes/kinds.h"
#include "lexicon/lexicon.h"
#include "text/text.h"

namespace obclip {

// One marked stretch of the prompt, [start, end) in code points.
struct Mark {
  int start = 0, end = 0;
  Kind kind = Kind::WORD;
  Text word;
  std::optional<Noun> noun;  // its own copy: passes make nouns that no lexicon holds
  int value = -1;
  Place place = Place::NONE;
  std::optional<PronounForm> form;
  std::optional<std::pair<Text, Text>> verb;  // of a VERB: its form for one and for several
  bool prefix = false;
  std::optional<Trait> trait;
  Text literal;
  bool near = false;
  std::optional<Kind> was;

  View text(View prompt) const { return slice(prompt, start, end); }
};

struct Slot {
  int person = 0;
  Text axis;
  Place place = Place::NONE;
};

struct Dismissed {
  Reason reason;
};

// One person of the prompt and the axes that the prompt gives away about them, in the order in which they were said.
struct Person {
  InOrder<int> values;  // names of axes (literals or the lexicon's) and value indices
  bool plural = false;
  std::optional<int> value(View axis) const;
  bool says(View axis) const { return value(axis).has_value(); }
  void set(View axis, int value);       // values[axis] = value
  void set_default(View axis, int value);  // values.setdefault(axis, value)
};

}  // namespace obclip

#endif
