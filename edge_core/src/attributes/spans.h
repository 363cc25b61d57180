// What is reported: every stretch of the prompt that gives an attribute away (edge_sdk/attributes/spans.py).
#ifndef OBCLIP_ATTRIBUTES_SPANS_H
#define OBCLIP_ATTRIBUTES_SPANS_H

#include <vector>

#include "attributes/document.h"

namespace obclip {

// prompt[start:end] == surface says `value` on `axis`; a second look's value is "listed" or "".
struct Span {
  Text axis, surface;
  int start = 0, end = 0;
  Text value;
  bool operator==(const Span& o) const {
    return axis == o.axis && surface == o.surface && start == o.start && end == o.end && value == o.value;
  }
};

std::vector<Span> spans(const Document& document);

}  // namespace obclip

#endif
