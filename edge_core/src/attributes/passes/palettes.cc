// Colours beside colours: "a red, white and blue suit" (edge_sdk/attributes/passes/palettes.py).
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

// A word for a colour that is no person, and no part of one: "blue", not "blue-eyed".
bool is_colour(const Document& document, int i) {
  if (!document.is_in(i, U"colours")) return false;
  return slice(document.prompt, document.marks[i].end, document.marks[i].end + 1) != U"-";
}

bool in_list(const Document& document, int i) {
  const bool before = is_colour(document, i - 2), behind = is_colour(document, i + 2);
  if ((before && document.is_in(i - 1, U"pairing")) || (behind && document.is_in(i + 1, U"pairing"))) return true;
  return before && document.word(i - 1) == U"," && behind && document.word(i + 1) == U",";
}

}  // namespace

void palettes(Document& document) {
  for (int i : document.of_kind({Kind::TRAIT, Kind::TONE})) {
    const Mark& m = document.marks[i];
    const bool colour = m.kind == Kind::TONE || (m.trait && m.trait->direct);
    if (colour && in_list(document, i)) document.dismiss(i, Reason::THING);
  }
}

}  // namespace obclip::passes
