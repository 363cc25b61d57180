// What is left of model tags ("<lora:film_SD1.5:0.6>") speaks of nobody (edge_sdk/attributes/passes/models.py).
#include "attributes/passes/passes.h"

namespace obclip::passes {

void models(Document& document) {
  const Text& typed = document.typed;
  for (std::size_t start = typed.find(U'<'); start != Text::npos;) {
    const std::size_t end = typed.find(U'>', start);
    if (end == Text::npos) return;
    for (int i = 0; i < document.size(); ++i) {
      const Mark& m = document.marks[i];
      const bool inside = static_cast<int>(start) < m.start && m.end <= static_cast<int>(end);
      if (inside && m.kind != Kind::STOP && m.kind != Kind::WORD) document.dismiss(i, Reason::STYLE);
    }
    start = typed.find(U'<', end);
  }
}

}  // namespace obclip::passes
