// Words of the lexicon that are written otherwise (edge_sdk/attributes/spelling.py).
#ifndef OBCLIP_ATTRIBUTES_SPELLING_H
#define OBCLIP_ATTRIBUTES_SPELLING_H

#include "attributes/matching.h"
#include "lexicon/lexicon.h"
#include "text/text.h"

namespace obclip {

// The same tokens with the lexicon's spelling where a word is meant that it knows.
Tokens spell(Tokens found, const Lexicon& lex);
// The letters that a digit or sign stands for; "" if it stands for none.
View leet_letters(char32_t c);
// Lower-case letters without their accents, one for one.
Text fold(View text);

}  // namespace obclip

#endif
