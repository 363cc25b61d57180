// Words outside the slots that give an axis away, which the person decides on (edge_sdk/attributes/findings.py).
#ifndef OBCLIP_ATTRIBUTES_FINDINGS_H
#define OBCLIP_ATTRIBUTES_FINDINGS_H

#include <functional>
#include <optional>
#include <vector>

#include "attributes/document.h"
#include "attributes/spans.h"

namespace obclip {

// CHOICES, and ASK, which only a caller's setting may hold.
enum class Decision { SLOT, GENERALISE, ALLOW, REFUSE, ASK };
View value_of(Decision decision);
std::optional<Decision> decision_of(View word);

struct Finding {
  Text axis, surface;
  int start = 0, end = 0;
  bool strong = false;
  Text value, instead, slot;
  bool covered = false;
  std::string why() const;  // one line for the person
  bool operator==(const Finding& o) const {
    return axis == o.axis && surface == o.surface && start == o.start && end == o.end && strong == o.strong &&
           value == o.value && instead == o.instead && slot == o.slot && covered == o.covered;
  }
};

using Decide = std::function<Decision(const Finding&)>;

std::vector<Finding> implied(const Document& document, const std::vector<Span>& found);
std::vector<Finding> residue(const Document& document);
// Words that say or imply a value of a person anywhere, with or without somebody to say it of (`explicit`).
std::vector<Text> explicit_words(const Document& document);
std::vector<Finding> strong(const std::vector<Finding>& findings);
// The noun a finding is about: the one it stands before ("a bearded pilot"), else the nearest before it.
std::optional<int> owner_of(const Document& document, const Finding& finding);
bool is_somebody(const Document& document, const Finding& finding);
Finding as_covered(const Document& document, const Finding& finding);

// The prompt's words with the findings dealt with (edge_sdk/attributes/settling.py).
Text settle(const Document& document, const std::vector<Finding>& findings, const Decide& decide);

}  // namespace obclip

#endif
