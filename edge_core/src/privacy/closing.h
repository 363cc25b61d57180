// The closed candidate set of a prompt, and the check that it is closed (edge_sdk/privacy/closing.py, which has the
// theorem).
#ifndef OBCLIP_PRIVACY_CLOSING_H
#define OBCLIP_PRIVACY_CLOSING_H

#include <string>
#include <utility>
#include <vector>

#include "attributes/findings.h"
#include "attributes/slots.h"
#include "lexicon/loading.h"
#include "privacy/choices.h"
#include "result.h"

namespace obclip {

inline constexpr char NOTHING_HIDDEN[] =
    "no attribute was found: the prompt would go to the cloud as it is and nothing is hidden";

// The slots of a prompt, and the members over the whole domains that were read to see that the set is closed.
struct WholeReading {
  CandidateSlots slots;
  std::vector<Text> members;
};

// The product of a prompt's axes, of any size, before a mechanism has chosen what is sent.
//
// Of `privacy` it takes what says how a prompt is read: domains, axes, opt_in, strict, on_implied, unspecified and
// detector (null is the reference's NoDetector: the caller hands the second look in). Refused: INPUT, PRIVACY, and
// IMPLIED where words imply an axis and are not dealt with; those findings then stand in `*implied_words`, if it is not
// null.
Result<WholeReading> read_whole(View prompt, const Privacy& privacy, const Lexicons& lexicons,
                                std::vector<Finding>* implied_words = nullptr);
// The slots alone.
Result<CandidateSlots> slots(View prompt, const Privacy& privacy, const Lexicons& lexicons,
                             std::vector<Finding>* implied_words = nullptr);
// Refuses (PRIVACY, IMPLIED) where one of the members that are about to be sent has another set.
Status check_closed(const CandidateSlots& found, const std::vector<Text>& members,
                    std::vector<Finding>* implied_words = nullptr);
// Axis and value of each attribute that is read from `member`, with what `found` was read with.
std::vector<std::pair<Text, Text>> says(const CandidateSlots& found, View member);
// (axis, words) that stay readable in `member` and hint at an axis, each once.
std::vector<std::pair<Text, Text>> hints(const CandidateSlots& found, View member);

}  // namespace obclip

#endif
