// What is public about a picture: how it is to look, and words to be drawn (edge_sdk/second_look/tails.py).
#ifndef OBCLIP_SECOND_LOOK_TAILS_H
#define OBCLIP_SECOND_LOOK_TAILS_H

#include "second_look/table.h"

namespace obclip::second_look {

// Which words are style, fiction or lettering, and so are no person's name.
Flags public_words(const Tokens& tokens, const Known& known, const Phrases& phrases);

}  // namespace obclip::second_look

#endif
