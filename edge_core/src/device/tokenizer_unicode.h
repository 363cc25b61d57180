// What the tokenizer's library takes from other versions of Unicode than Python 3.11 (14.0), which text/text.h follows:
// letters and numbers of 16.0, lower case of 17.0, and combining marks of 9.0. (No mirror in Python: there the library
// itself is called. Measured with tokenizers 0.23; tests/edge_core/test_tokenizer.py compares every code point.)
#ifndef OBCLIP_DEVICE_TOKENIZER_UNICODE_H
#define OBCLIP_DEVICE_TOKENIZER_UNICODE_H

#include "text/text.h"

namespace obclip::tokens {

// The regular expressions' \s, \p{L} and \p{N}.
bool is_space(char32_t c);
bool is_letter(char32_t c);
bool is_number(char32_t c);
// NFC, then each run of white space as one space, then lower case.
Text normalize(View text);

}  // namespace obclip::tokens

#endif
