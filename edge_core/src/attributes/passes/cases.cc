// Which form of a pronoun stands in the prompt: "her" and "his" have two each (edge_sdk/attributes/passes/cases.py).
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

struct Behind {
  Text word;
  std::size_t end;
};

// The word that a space sets off from `end`, in small letters, and where it ends; none behind a sign.
Behind word_at(View text, std::size_t end) {
  std::size_t at = end;
  while (at < text.size() && is_space(text[at])) ++at;
  if (at == end) return {Text(), at};
  if (at < text.size() && contains(U"\"'\u2018\u201c(", text[at])) ++at;
  std::size_t stop = at;
  while (stop < text.size() && (is_alnum(text[stop]) || (stop > at && contains(U"'-_", text[stop])))) ++stop;
  return {lower(slice(text, at, stop)), stop};
}

// Whether the word behind can be what "her" owns: not "with her in a boat", not "kisses her gently".
bool owns_what_follows(const Document& document, int end) {
  const Behind first = word_at(document.prompt, static_cast<std::size_t>(end));
  if (first.word.empty() || document.in_class(U"not_possessed", first.word)) return false;
  if (!ends_with(first.word, U"ly") || document.in_class(U"ly_adjectives", first.word)) return true;
  // "her vaguely humanoid body", but "kisses her gently on", "hugs her tightly, smiling".
  const Behind second = word_at(document.prompt, first.end);
  return !second.word.empty() && !document.in_class(U"not_possessed", second.word);
}

}  // namespace

void cases(Document& document) {
  for (int i : document.of_kind({Kind::PRONOUN})) {
    Mark& m = document.marks[i];
    if (m.word != U"her" && m.word != U"his") continue;
    const PronounForm alone = m.word == U"her" ? PronounForm::OBJECT : PronounForm::OWN;
    // "a photo of her dancing" shows somebody, as "of him dancing" does.
    const bool shown = document.is_in(i - 1, U"of") && document.adjacent(i) && ends_with(document.marks[i + 1].word, U"ing");
    const View text = m.text(document.prompt);
    const bool opens = m.word == U"her" && !text.empty() && is_upper(text[0]) && document.is_sign(i - 1);
    const bool owns = !shown && (opens || owns_what_follows(document, m.end));
    m.form = owns ? PronounForm::POSSESSIVE : shown ? PronounForm::OBJECT : alone;
  }
}

}  // namespace obclip::passes
