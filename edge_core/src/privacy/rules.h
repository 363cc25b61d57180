// Public rules that narrow what the axes of a template may say, or refuse the template (edge_sdk/privacy/rules.py).
#ifndef OBCLIP_PRIVACY_RULES_H
#define OBCLIP_PRIVACY_RULES_H

#include <string>
#include <utility>
#include <vector>

#include "attributes/slots.h"
#include "result.h"
#include "text/text.h"

namespace obclip {

// Hits a template that holds one of `words` outside its slots (edge_sdk/privacy/data/rules.json, in rules_data.cc).
struct Rule {
  View name;
  std::vector<View> words;
  View says;
  std::vector<std::pair<View, std::vector<View>>> drop;  // by axis, values that may not stand there
  std::vector<View> refuse_words;  // with one of these as well, the template is refused
  std::vector<View> refuse_axes;   // with a slot on one of these, the template is refused
};

// The rules in their order.
const std::vector<Rule>& rules();

struct Ruled {
  CandidateSlots slots;
  std::vector<std::string> notes;  // what the person should know
};

// The slots with what the rules drop left out. Refused: a rule refuses the template; the same for every truth.
Result<Ruled> apply_rules(CandidateSlots slots);
// What is refused even where nothing is sent: by the words alone.
Status refuse_alone(View prompt);
// A template without its placeholders.
Text public_words(View template_);

}  // namespace obclip

#endif
