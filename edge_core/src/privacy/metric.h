// How near two values of the lexicon are, and how common: what the mechanisms measure by (edge_sdk/privacy/metric.py).
#ifndef OBCLIP_PRIVACY_METRIC_H
#define OBCLIP_PRIVACY_METRIC_H

#include <memory>
#include <utility>
#include <vector>

#include "attributes/slots.h"
#include "lexicon/loading.h"
#include "mechanisms/domain.h"
#include "mechanisms/ruler.h"

namespace obclip {

// The public part of a prompt's slots, measured by the lexicon that it was read with.
Domain domain_of(const CandidateSlots& slots);
// The ruler of an axis, by the name of the axis and its values.
std::shared_ptr<const Ruler> measure(const Axis& axis, const Lexicons& lexicons);

// What metric.json says (metric_data.cc, which a test holds equal to it).
struct MetricData {
  int weight;  // of an axis that is not listed
  std::vector<std::pair<View, int>> weights;
  std::vector<View> ordered;
  // By axis, how common its values are, by value in lower case; 1 where a value or an axis is not listed.
  std::vector<std::pair<View, std::vector<std::pair<View, int>>>> priors;
};
const MetricData& metric_data();

}  // namespace obclip

#endif
