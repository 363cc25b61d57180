// The person's choices, and which mechanism serves a domain (edge_sdk/privacy/choices.py).
#ifndef OBCLIP_PRIVACY_CHOICES_H
#define OBCLIP_PRIVACY_CHOICES_H

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "attributes/detector.h"
#include "attributes/findings.h"
#include "mechanisms/protocol.h"
#include "result.h"
#include "text/text.h"

namespace obclip {

// What is done about words that imply an axis: one choice for all findings, as the person wrote it (a word that is no
// choice is refused when the prompt is read), or a function that decides each.
struct OnImplied {
  Text word = U"refuse";
  Decide decide;  // goes before `word` where it is set
};

// How a prompt is read, and how it is hidden. The fields are the reference's.
struct Privacy {
  Text mechanism = U"auto";
  std::optional<double> epsilon;
  std::int64_t cell_size = DEFAULT_CELL;
  std::optional<std::int64_t> max_candidates;
  Text on_miss = U"nearest";
  std::optional<std::vector<Text>> axes;
  std::vector<Text> opt_in;
  std::vector<std::pair<Text, std::vector<Text>>> domains;  // in the order given; an axis once
  bool strict = false;
  bool unspecified = false;
  OnImplied on_implied;
  const Detector* detector = nullptr;  // null: none looks (the reference's NoDetector); the caller hands the second look in

  // What the reference checks when one is made. Everything else here expects checked choices.
  Status check() const;
  // The mechanism for a domain.
  Result<std::unique_ptr<Mechanism>> choose(const Domain& domain) const;
};

// NAMES and ON_MISS of edge_sdk/privacy_names.py.
const std::vector<Text>& mechanism_names();
const std::vector<Text>& on_miss_names();

}  // namespace obclip

#endif
