// What a request can hold, checked on a prompt's public parts (edge_sdk/privacy/limits.py).
#ifndef OBCLIP_PRIVACY_LIMITS_H
#define OBCLIP_PRIVACY_LIMITS_H

#include "attributes/slots.h"
#include "result.h"
#include "text/text.h"

namespace obclip {

// Refuses what is no prompt and what no request could hold, before it is read.
Status check_prompt(View prompt);
// Refuses more axes than a request has. Cheap, and the same before and after closure.
Status check_axes(const CandidateSlots& slots);
// Refuses what a request cannot hold, whichever mechanism and truth.
Status check_limits(const CandidateSlots& slots);

}  // namespace obclip

#endif
