// From a document to the template, axes and phrases, all in canonical words (edge_sdk/attributes/template.py).
#include "attributes/builder.h"
#include "attributes/slots.h"
#include "attributes/wording.h"

namespace obclip {
namespace {

// What build() puts together: the template's parts, and the slots in the order in which they stand.
struct Parts {
  Text out;
  Phrases phrases;
  std::vector<Text> raised;
  bool lifted = false;
  int at = 0;

  Text add(Phrase phrase) {
    Text name = U"s" + text_of(static_cast<std::int64_t>(phrases.size()));
    phrases.set(name, std::move(phrase));
    return name;
  }
};

Text braced(View name) { return U"{" + Text(name) + U"}"; }

bool begins_upper(View text) { return is_upper(text.substr(0, 1)); }

bool has_space(const Phrase& phrase) {
  for (const Text& text : phrase.text) {
    if (contains(text, U' ')) return true;
  }
  return false;
}

// The slot of a mark that is replaced, with what was put before it (`led`) and the text since the last one.
void put(const Document& document, const Mark& m, Phrase phrase, const Text& led, Parts& parts) {
  const View typed = document.typed;
  Text before(slice(typed, parts.at, m.start));
  parts.at = m.end;
  const bool spaced_out = has_space(phrase);
  const Text name = parts.add(std::move(phrase));
  // Or the word did that was taken out before it.
  if (begins_upper(m.text(typed)) || parts.lifted) parts.raised.push_back(name);
  parts.lifted = false;
  // "1girl", but not "1old woman".
  if (!before.empty() && is_digit(before.back()) && spaced_out) before += U' ';
  Text slot = braced(name);
  if (!m.literal.empty()) {
    if (contains(m.literal, U"{}")) {
      slot = replace(m.literal, U"{}", led + slot);
    } else {
      slot = (starts_with(m.literal, U" ") ? U" " : U"") + slot;
    }
  }
  const auto [opened, closed] = weights_within(document, m);
  parts.out += escape(before + opened) + slot + (m.place == Place::SKINNED ? U"-skinned" : U"") + escape(closed);
}

void take_out(const Document& document, const Mark& m, Parts& parts) {
  parts.lifted = parts.lifted || begins_upper(m.text(document.typed));
  auto [before, at] = cut_before(document, parts.at, m);
  parts.at = at;
  parts.out += escape(before);
  parts.out += GONE;
}

void one(const Document& document, const Builder& builder, int i, Parts& parts) {
  const Mark& m = document.marks[i];
  const View typed = document.typed;
  Text led;
  for (Phrase& extra : builder.ahead(i)) led += braced(parts.add(std::move(extra))) + U" ";
  if (!led.empty() && !contains(m.literal, U"{}")) {
    parts.out += escape(slice(typed, parts.at, m.start)) + (m.literal.empty() ? U"" : U" ") + led;
    parts.at = m.start;
    led.clear();
  }
  if (!builder.replaced(i, m)) {
    if (!m.literal.empty() && !contains(m.literal, U'{')) {
      parts.out += escape(slice(typed, parts.at, m.start)) + m.literal;
      parts.at = std::max(parts.at, m.end);
    }
    return;
  }
  std::optional<Phrase> phrase = builder.phrase(i, m);
  parts.lifted = parts.lifted && strip(slice(document.prompt, parts.at, m.start)).empty();
  if (phrase) {
    put(document, m, std::move(*phrase), led, parts);
  } else {
    take_out(document, m, parts);
  }
}

}  // namespace

CandidateSlots build(const Document& document) {
  const Builder builder(document);
  Parts parts;
  for (int i = 0; i < document.size(); ++i) one(document, builder, i, parts);
  parts.out += escape(slice(document.typed, parts.at));
  CandidateSlots found;
  found.template_ = fit_articles(parts.out);
  found.phrases = std::move(parts.phrases);
  keep_capitals(found.template_, found.phrases, document.typed, parts.raised);
  found.axes = builder.axes();
  found.choice = builder.choice();
  found.whole.template_ = found.template_;
  found.whole.axes = found.axes;
  found.whole.phrases.assign(found.phrases.begin(), found.phrases.end());
  found.scope = document.scope;
  found.lexicons = document.lexicons;
  return found;
}

}  // namespace obclip
