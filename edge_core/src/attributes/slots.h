// The product of a prompt's axes before any mechanism has chosen what is sent (edge_sdk/attributes/slots.py).
#ifndef OBCLIP_ATTRIBUTES_SLOTS_H
#define OBCLIP_ATTRIBUTES_SLOTS_H

#include <memory>
#include <set>
#include <vector>

#include "attributes/detector.h"
#include "attributes/scope.h"
#include "attributes/spans.h"
#include "contract/grid.h"
#include "lexicon/loading.h"

namespace obclip {

// What a set is over the lexicon's whole domains: equal exactly for the members of one set. Phrases in their order.
struct WholeSet {
  Text template_;
  std::vector<Axis> axes;
  std::vector<std::pair<Text, Phrase>> phrases;
  bool operator==(const WholeSet& o) const {
    return template_ == o.template_ && axes == o.axes && phrases == o.phrases;
  }
};

struct CandidateSlots {
  Text template_;
  std::vector<Axis> axes;
  Phrases phrases;
  Choice choice;
  std::vector<Span> attributes;
  std::vector<std::string> notes;  // UTF-8, for the person
  WholeSet whole;
  const Detector* looks = nullptr;
  std::set<Text, std::less<>> allowed;
  Scope scope;
  const Lexicons* lexicons = nullptr;  // what the prompt was read with

  std::int64_t count() const { return product_size(axes); }
  std::int64_t whole_count() const { return product_size(whole.axes); }
  std::vector<bool> large() const;
  Text member(const Choice& of) const { return expand_member(template_, axes, phrases, of); }
  bool same_set(const CandidateSlots& other) const { return whole == other.whole; }
  Result<PromptGrid> grid() const { return PromptGrid::make(template_, axes, phrases); }
  int distance(int axis, int first, int second) const;
  int nearest(int axis, const std::vector<int>& kept, int value) const;
  std::vector<Choice> covering(std::int64_t most) const;
  CandidateSlots narrowed(const std::vector<std::vector<int>>& keep) const;
};

// The slots of a document as read (edge_sdk/attributes/template.py).
CandidateSlots build(const Document& document);

}  // namespace obclip

#endif
