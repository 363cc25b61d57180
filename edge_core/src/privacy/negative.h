// The negative prompt: it is sent as it is, so it may name no attribute (edge_sdk/privacy/negative.py).
#ifndef OBCLIP_PRIVACY_NEGATIVE_H
#define OBCLIP_PRIVACY_NEGATIVE_H

#include "lexicon/loading.h"
#include "result.h"
#include "text/text.h"

namespace obclip {

// Refuses (kind PRIVACY) a negative prompt that names an attribute, with the words.
Status check_negative(View negative_prompt, const Lexicons& lexicons);

}  // namespace obclip

#endif
