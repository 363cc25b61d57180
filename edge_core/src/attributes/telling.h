// Where two readings part: the words to name when a prompt has no closed set (edge_sdk/attributes/telling.py).
#ifndef OBCLIP_ATTRIBUTES_TELLING_H
#define OBCLIP_ATTRIBUTES_TELLING_H

#include "attributes/slots.h"

namespace obclip {

// The words of `member` around the place where its own template parts from that of the set, for the person.
Text parting(const CandidateSlots& found, View member, const CandidateSlots& again);

}  // namespace obclip

#endif
