// What looks at a prompt beside the reader (edge_sdk/attributes/detector.py, KnowsArtists of privacy/looking.py).
#ifndef OBCLIP_ATTRIBUTES_DETECTOR_H
#define OBCLIP_ATTRIBUTES_DETECTOR_H

#include <utility>
#include <vector>

#include "attributes/spans.h"

namespace obclip {

class Detector {
 public:
  virtual ~Detector() = default;
  virtual std::vector<Span> find(View prompt) const = 0;
  // Where names of artists stand, whose style is asked for.
  virtual std::vector<std::pair<int, int>> artists(View prompt) const = 0;
};

}  // namespace obclip

#endif
