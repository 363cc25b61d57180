// Letters and words, by code point: folding, tokens, hashes (edge_sdk/second_look/letters.py).
#ifndef OBCLIP_SECOND_LOOK_LETTERS_H
#define OBCLIP_SECOND_LOOK_LETTERS_H

#include <cstdint>
#include <vector>

#include "text/text.h"

namespace obclip::second_look {

// Lower case, Latin marks dropped: "Zdzislaw". Other letters stay.
Text fold(View word);
// FNV-1a, 32 bits, of the UTF-8 bytes.
std::uint32_t word_hash(View text);

// A word of the prompt: prompt[start:end] == text; `segment` counts the commas and stops before it; `gap` is what stands
// between the word before and this one, spaces left out.
struct Token {
  Text text, folded;
  int start = 0, end = 0, segment = 0;
  Text gap;
  bool capital() const { return !text.empty() && is_upper(text[0]); }
};
using Tokens = std::vector<Token>;

// Words of letters and digits. An apostrophe joins letters, a possessive 's is cut, an initial's stop is none.
Tokens tokenize(View prompt);

// How many of the letters a, e, i, o, u, y a word has, each counted once.
int vowels(View word);
bool has_digit(View text);
View strip_digits(View text);   // of ASCII, at both ends
View rstrip_digits(View text);
View lstrip_digits(View text);

}  // namespace obclip::second_look

#endif
