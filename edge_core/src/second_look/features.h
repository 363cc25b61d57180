// What the weights look at (edge_sdk/second_look/features.py).
#ifndef OBCLIP_SECOND_LOOK_FEATURES_H
#define OBCLIP_SECOND_LOOK_FEATURES_H

#include "second_look/table.h"

namespace obclip::second_look {

// Capitals of a word: "l" none, "C" the first, "U" all, "M" mixed; "d" with digits.
char32_t shape(const Token& token);
// How a prompt is written: "l" without capitals, "T" as a title, "n" normally.
char32_t casing(const Tokens& tokens, const Known& known);
// The features of word i; texts, hashed by the table.
std::vector<Text> features(const Tokens& tokens, const Known& known, int i, char32_t written);

}  // namespace obclip::second_look

#endif
