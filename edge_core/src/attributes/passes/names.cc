// First names, where they are hidden as an axis of their own (edge_sdk/attributes/passes/names.py).
#include "attributes/passes/passes.h"

namespace obclip::passes {

void names(Document& document) {
  for (int i : document.of_kind({Kind::NAME})) {
    document.says(document.person(i), U"first_names", document.marks[i].value);
  }
}

}  // namespace obclip::passes
