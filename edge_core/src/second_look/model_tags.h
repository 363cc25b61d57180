// Tags that name a model of somebody: "<lora:locon_kristenschaal_v1:0.8>" (edge_sdk/second_look/model_tags.py).
#ifndef OBCLIP_SECOND_LOOK_MODEL_TAGS_H
#define OBCLIP_SECOND_LOOK_MODEL_TAGS_H

#include <utility>

#include "second_look/table.h"

namespace obclip::second_look {

using Stretch = std::pair<int, int>;
using Stretches = std::vector<Stretch>;

// Where the model tags of a prompt stand: "<kind:name:weight>" and "embedding:name".
Stretches tags(View prompt);
// Whether a tag's name holds a person's or a character's name, or a word for a person.
bool names_person(View tag, const Table& look);
// The tags that are to be left out.
Stretches model_stretches(View prompt, const Table& look);
// Which tokens stand inside one of the stretches.
Flags inside(const Tokens& tokens, const Stretches& stretches);
// The name in a tag: what stands between its first two colons.
View name_in(View tag);

}  // namespace obclip::second_look

#endif
