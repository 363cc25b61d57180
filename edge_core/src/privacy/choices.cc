// The person's choices, and which mechanism serves a domain (edge_sdk/privacy/choices.py).
#include "privacy/choices.h"

#include <algorithm>

namespace obclip {

namespace {

bool holds(const std::vector<Text>& names, const Text& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

const std::vector<Text>& mechanism_names() {
  static const std::vector<Text> names{U"auto", U"closed", U"cover", U"cells", U"k-subset", U"local", U"neutral"};
  return names;
}

const std::vector<Text>& on_miss_names() {
  static const std::vector<Text> names{U"nearest", U"local"};
  return names;
}

Status Privacy::check() const {
  if (!holds(mechanism_names(), mechanism))
    return input_error("there is no mechanism " + repr(mechanism) + "; there are: " +
                       utf8(join(U", ", mechanism_names())));
  if (!holds(on_miss_names(), on_miss))
    return input_error("on a miss the device can go on from: " + utf8(join(U", ", on_miss_names())) + "; not " +
                       repr(on_miss));
  if (max_candidates && (*max_candidates < 1 || *max_candidates > limits::MAX_CANDIDATES))
    return input_error("the number of candidates is between 1 and " + std::to_string(limits::MAX_CANDIDATES) +
                       ", not " + std::to_string(*max_candidates));
  if (mechanism == U"k-subset" && !epsilon)
    return input_error("k-subset needs --epsilon, for instance 1; what it spends is kept in the ledger");
  if (mechanism != U"k-subset" && epsilon)
    return input_error("--epsilon belongs to --mechanism k-subset; the others spend nothing");
  const auto cells = make_cells(cell_size);
  return cells ? done() : cells.error();
}

Result<std::unique_ptr<Mechanism>> Privacy::choose(const Domain& domain) const {
  const std::int64_t most = max_candidates.value_or(limits::MAX_CANDIDATES);
  if (mechanism == U"auto" && domain.fits(most)) return make_closed(most);
  if (mechanism == U"auto" || mechanism == U"cover") return make_cover(max_candidates.value_or(DEFAULT_COVER));
  if (mechanism == U"closed") return make_closed(most);
  if (mechanism == U"cells") return make_cells(std::min(cell_size, max_candidates.value_or(cell_size)));
  if (mechanism == U"k-subset") return make_k_subset(epsilon.value_or(0.0), max_candidates.value_or(DEFAULT_K));
  return mechanism == U"neutral" ? make_neutral() : make_local();
}

}  // namespace obclip
