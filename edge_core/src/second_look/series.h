// Characters as tag lists name them: "texas \(arknights\)" (edge_sdk/second_look/series.py).
#ifndef OBCLIP_SECOND_LOOK_SERIES_H
#define OBCLIP_SECOND_LOOK_SERIES_H

#include "second_look/rules.h"

namespace obclip::second_look {

// The words of a list before a work in brackets are a character's name; what kind of thing it is passes.
Marked names_of_series(View prompt, const Tokens& tokens, const Known& known, const Flags& is_public, const Phrases& phrases);

}  // namespace obclip::second_look

#endif
