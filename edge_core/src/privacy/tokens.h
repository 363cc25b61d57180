// How long a prompt can get in a model's tokens, whatever its slots hold (edge_sdk/privacy/tokens.py).
#ifndef OBCLIP_PRIVACY_TOKENS_H
#define OBCLIP_PRIVACY_TOKENS_H

#include <cstdint>
#include <functional>

#include "attributes/slots.h"
#include "mechanisms/domain.h"
#include "result.h"
#include "text/text.h"

namespace obclip {

// Number of tokens of a text, without the marks at both ends.
using Count = std::function<std::int64_t(View text)>;

// Refuses a prompt whose words have too many forms to be counted, by its public parts alone.
Status check_forms(const CandidateSlots& slots);
// Tokens of the domain's longest member, whether it is sent or not. Only for what `check_forms` lets pass.
std::int64_t most_tokens(const Domain& domain, const Count& count);

}  // namespace obclip

#endif
