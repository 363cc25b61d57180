// Rules beside the weights (edge_sdk/second_look/rules.py).
#ifndef OBCLIP_SECOND_LOOK_RULES_H
#define OBCLIP_SECOND_LOOK_RULES_H

#include <set>

#include "second_look/table.h"

namespace obclip::second_look {

using Marked = std::set<int>;  // words that a rule marks

// Whether the lists leave a word to the weights: a name, a doubtful one, or an unknown word.
bool is_open(const Tokens& tokens, const Known& known, int i, char32_t written);
// Whether a token ends as trigger words of styles do: "AzulejoAI", "bronzepunkai".
bool is_style_trigger(View text);
// Whether a common word for a thing follows at once, which the word then tells more of.
bool describes(const Tokens& tokens, const Known& known, int i);
// Whether an unknown word is one letter away from a common one: "talbe", "sittig".
bool mistyped(View word, const Table& look);
// Whether a listed word or phrase is said of a person here: "a Tuareg rider", not "a Tuareg carpet".
bool says_axis(const Tokens& tokens, const Known& known, int first, int behind, Bits bits, View axis);
// Whether a name says what a thing is called: "a Harry Potter book".
bool names_work(const Tokens& tokens, int first, int behind);
// A given name and a surname side by side are a name, whatever stands around them, capitals or not.
Marked full_names(const Tokens& tokens, const Known& known, const Flags& is_public, const Phrases& phrases);
// A surname goes with the name before it, a name with the title before it, and capitals before a name with it.
void extend_names(const Tokens& tokens, const Known& known, const Flags& is_public, Axes& axes, char32_t written);
// A capitalised word behind "a boy named" is a name, whatever it means.
void mark_called(const Tokens& tokens, const Known& known, Axes& axes);
// Where a person comes from: "a woman from Krakow", "born in Osaka".
void mark_origins(const Tokens& tokens, const Known& known, Axes& axes);

}  // namespace obclip::second_look

#endif
