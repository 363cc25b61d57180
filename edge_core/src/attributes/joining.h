// Spaces for the signs that tie a person to what is said of them (edge_sdk/attributes/joining.py).
#ifndef OBCLIP_ATTRIBUTES_JOINING_H
#define OBCLIP_ATTRIBUTES_JOINING_H

#include "lexicon/lexicon.h"
#include "text/text.h"

namespace obclip {

// The same length with spaces for hyphens and underscores around adjectives that lead to a person: "a_black_woman".
Text without_joins(View text, const Lexicon& lex);

}  // namespace obclip

#endif
