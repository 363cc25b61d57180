// Words that repeat the name of a model in the prompt (edge_sdk/second_look/repeats.py).
#ifndef OBCLIP_SECOND_LOOK_REPEATS_H
#define OBCLIP_SECOND_LOOK_REPEATS_H

#include "second_look/model_tags.h"
#include "second_look/rules.h"

namespace obclip::second_look {

// The unknown words, and names, that a model's name has as well, and the tags of these models.
std::pair<Marked, Stretches> repeated(View prompt, const Table& look, const Tokens& tokens, const Known& known,
                                     const Flags& is_public);

}  // namespace obclip::second_look

#endif
