// Names and words for persons written as one token (edge_sdk/second_look/glued.py).
#ifndef OBCLIP_SECOND_LOOK_GLUED_H
#define OBCLIP_SECOND_LOOK_GLUED_H

#include "second_look/table.h"

namespace obclip::second_look {

// The runs of letters of a token, cut at signs, digits and capitals, folded: "RezeChainsawMan2" in three.
std::vector<Text> pieces(View text);
// Whether an unknown word is two words in one: "headwrap".
bool made_of_words(View word, const Table& look);
// Whether one token is a given name with a surname, or names a character.
bool holds_name(View text, const Table& look);
// The axis that a word for a person gives away at an end of an unknown word: "Icfgirl", "koreandoll"; or "".
View glued_axis(View word, const Table& look);
// The axis of a counted person of tag lists that is mistyped: "1girk", "2gilrs"; or "".
View numbered_axis(View text, const Table& look);

}  // namespace obclip::second_look

#endif
