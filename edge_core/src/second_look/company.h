// Whether anybody is in the prompt at all, and names that are nobody's there (edge_sdk/second_look/company.py).
#ifndef OBCLIP_SECOND_LOOK_COMPANY_H
#define OBCLIP_SECOND_LOOK_COMPANY_H

#include <set>

#include "second_look/rules.h"

namespace obclip::second_look {

// Whether a token counts persons as tag lists do: "1girl".
bool is_counted(const Token& token);
// The words that say that a person is in the picture.
Marked somebody(const Tokens& tokens, const Known& known);
// Words that the prompt itself says are a thing's or a creature's: "mathayom uniform", "braixen, pokemon".
std::set<Text> things_named(const Tokens& tokens, const Known& known);
// Mark names that say what a thing is: before horns or hair, and, where nobody is shown, ordinary words.
void mark_nobody(const Tokens& tokens, const Known& known, const Phrases& phrases, Flags& is_public);

// Whether somebody but word i is there.
inline bool others(const Marked& persons, int i) { return persons.size() > persons.count(i); }

}  // namespace obclip::second_look

#endif
