// Trigger words of personalised models (edge_sdk/second_look/triggers.py).
#ifndef OBCLIP_SECOND_LOOK_TRIGGERS_H
#define OBCLIP_SECOND_LOOK_TRIGGERS_H

#include "second_look/rules.h"

namespace obclip::second_look {

// Unknown tokens before "person", or pictured with a noun for a person in reach.
Marked trigger_words(const Tokens& tokens, const Known& known, const Flags& is_public, const Table& look);

}  // namespace obclip::second_look

#endif
