// What words, marks and verdicts can be: closed lists (edge_sdk/attributes/kinds.py).
#ifndef OBCLIP_ATTRIBUTES_KINDS_H
#define OBCLIP_ATTRIBUTES_KINDS_H

#include "text/text.h"

namespace obclip {

enum class Kind {
  NOUN, AGE, LITTLE, SKIN, TONE, TRAIT, DECADE, TITLE, NAME, PRONOUN, VERB, PROFESSION, STOP, ANIMAL, WORD,
};

enum class NounKind { PLAIN, CHILD, PAIR, ADJECTIVE, NEUTRAL, ROLE, DECADE };

enum class Place { NONE, BEFORE, BEHIND, PREDICATE, LISTED, YEARS, LITTLE, SKINNED, PROFESSION };

enum class PronounForm { SUBJECT, OBJECT, POSSESSIVE, OWN, REFLEXIVE };

// Why a word that the lexicon knows says nothing about a person here.
enum class Reason { ANIMAL, SENSE, THING, PLACE, NOBODY, SEVERAL, PUBLIC, COMMON, STYLE, QUOTED };

// The members' values in Python ("noun", "before", "it speaks of an animal"): placeholders and vectors hold them.
View value_of(Kind kind);
View value_of(NounKind kind);
View value_of(Place place);
View value_of(PronounForm form);
View value_of(Reason reason);

}  // namespace obclip

#endif
