// Where two readings part: the words to name when a prompt has no closed set (edge_sdk/attributes/telling.py).
#include "attributes/telling.h"

#include <algorithm>

namespace obclip {
namespace {

// Words that are shown on both sides of where two texts part.
constexpr std::size_t AROUND = 3;

// The same text, other slots: where the last one stands.
std::size_t last_slot(const std::vector<View>& words) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (contains(words[i], U"{s")) last = i;
  }
  return last;
}

}  // namespace

Text parting(const CandidateSlots& found, View member, const CandidateSlots& again) {
  const std::vector<View> first = split(found.template_), second = split(again.template_);
  const std::size_t both = std::min(first.size(), second.size());
  std::size_t same = 0;
  while (same < both && first[same] == second[same]) ++same;
  if (same == both && first.size() == second.size()) same = last_slot(first);
  const std::vector<View> words = split(member);
  const std::size_t shift = words.empty() ? 0 : std::min(same, words.size() - 1);
  const std::size_t from = shift < AROUND ? 0 : shift - AROUND, to = std::min(shift + AROUND, words.size());
  return join(U" ", std::vector<View>(words.begin() + from, words.begin() + std::max(from, to)));
}

}  // namespace obclip
