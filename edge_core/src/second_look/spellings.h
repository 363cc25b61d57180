// New spellings of plain words for persons (edge_sdk/second_look/spellings.py).
#ifndef OBCLIP_SECOND_LOOK_SPELLINGS_H
#define OBCLIP_SECOND_LOOK_SPELLINGS_H

#include "second_look/table.h"

namespace obclip::second_look {

// The axis of the plain word that `word` is another spelling of, or "".
View plain_spelling(View word);
// The axis of a plain word that is written in letters which only look like its own, or "".
View disguised(const Token& token);
// Plain words typed letter by letter: "W O M A N".
void mark_spaced(const Tokens& tokens, Axes& axes, Flags& sure);

}  // namespace obclip::second_look

#endif
