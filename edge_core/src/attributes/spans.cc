// What is reported: every stretch of the prompt that gives an attribute away (edge_sdk/attributes/spans.py).
#include "attributes/spans.h"

#include <algorithm>

#include "attributes/looking_up.h"

namespace obclip {
namespace {

using Said = std::vector<std::pair<View, std::optional<int>>>;

// The axes that a mark speaks of, and its values.
Said said_by(const Document& document, const Mark& m, const Person& person) {
  if (m.kind == Kind::NOUN && m.noun) {
    Said found;
    if (m.place == Place::PROFESSION) found.emplace_back(U"profession", m.value);
    if (m.noun->gender) found.emplace_back(U"gender", m.noun->gender);
    if (m.noun->kind == NounKind::CHILD || m.noun->kind == NounKind::NEUTRAL) {
      found.emplace_back(U"age", person.value(U"age"));
    }
    return found;
  }
  if (m.kind == Kind::DECADE && m.noun) return {{U"gender", m.noun->gender}, {U"age", m.value}};
  if (m.kind == Kind::PRONOUN || m.kind == Kind::TITLE) return {{U"gender", m.value}};
  if (m.kind == Kind::NAME) return {{U"first_names", m.value}};
  if (m.kind == Kind::AGE) {
    const bool youth = person.value(U"age") == 0 && document.in_class(U"child_adjectives", m.word);
    if (m.place == Place::LITTLE && !youth) return {};
    return {{U"age", youth ? 0 : m.value}};
  }
  if (m.kind == Kind::SKIN) return {{U"skin_tone", m.value}};
  return {};
}

Text name_of(const Document& document, View axis, int value) {
  const Words* values = find_in(document.lex.values, axis);
  const int count = values == nullptr ? 0 : static_cast<int>(values->size());
  if (value >= count) return Text(UNSPECIFIED);
  // The reference's values[-1] is the last one.
  const int place = value < 0 ? value + count : value;
  return place < 0 ? Text() : Text((*values)[static_cast<std::size_t>(place)]);
}

}  // namespace

std::vector<Span> spans(const Document& document) {
  std::vector<Span> out;
  const auto add = [&](View axis, const Mark& shown, Text value) {
    out.push_back({Text(axis), Text(shown.text(document.prompt)), shown.start, shown.end, std::move(value)});
  };
  for (int i = 0; i < document.size(); ++i) {
    const Mark& m = document.marks[i];
    if (m.kind == Kind::TRAIT && m.trait) {
      add(m.trait->axis, m, m.trait->value ? name_of(document, m.trait->axis, *m.trait->value) : Text(UNLISTED));
      continue;
    }
    const auto owner = document.owner.find(i);
    if (owner == document.owner.end()) continue;
    // A noun of no letters stands for the word before it: "a Latina" says the gender too.
    int shown = i;
    if (m.end <= m.start) shown = starts_with(m.literal, U" ") ? i - 1 : i + 1;
    if (shown < 0 || shown >= document.size()) continue;
    for (const auto& [axis, value] : said_by(document, m, document.persons[owner->second])) {
      if (value && document.hides(axis)) add(axis, document.marks[shown], name_of(document, axis, *value));
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  return out;
}

}  // namespace obclip
