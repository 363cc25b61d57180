// Text to be drawn: 'a sign that reads "OH GOD"' speaks of nobody (edge_sdk/attributes/passes/quotes.py).
#include "attributes/looking_up.h"
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

constexpr int REACH_BACK = 4;  // how far before the quote the word for writing may stand, in tokens
using Stretches = std::vector<std::pair<int, int>>;

Stretches quoted(const Document& document) {
  const Tokens& tokens = document.tokens;
  Stretches found;
  for (int i = 0; i < tokens.size(); ++i) {
    if (at(tokens, i) != U"\"") continue;
    bool written = false;
    for (int k = std::max(0, i - REACH_BACK); k < i; ++k) written = written || document.in_class(U"writing", at(tokens, k));
    if (!written) continue;
    int close = i + 1;
    while (close < tokens.size() && at(tokens, close) != U"\"") ++close;
    if (close == tokens.size()) continue;
    found.emplace_back(tokens.ends[i], tokens.starts[close]);
    i = close;
  }
  return found;
}

bool is_inside(const Stretches& spans, const Mark& m) {
  return std::any_of(spans.begin(), spans.end(), [&m](const auto& s) { return s.first <= m.start && m.start < s.second; });
}

}  // namespace

void quotes(Document& document) {
  const Stretches spans = quoted(document);
  if (spans.empty()) return;
  for (const Mark& m : document.marks) {
    const bool person = m.kind == Kind::NOUN || m.kind == Kind::NAME || m.kind == Kind::TITLE || m.kind == Kind::PRONOUN;
    if (person && !is_inside(spans, m)) return;
  }
  document.public_.insert(document.public_.end(), spans.begin(), spans.end());
  for (int i = 0; i < document.size(); ++i) {
    const Mark& m = document.marks[i];
    if (m.kind != Kind::STOP && is_inside(spans, m)) document.dismiss(i, Reason::QUOTED);
  }
}

}  // namespace obclip::passes
