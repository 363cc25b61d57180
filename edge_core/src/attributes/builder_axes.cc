// The axes of a template, and which of a person's words move or stay (_Builder of edge_sdk/attributes/template.py).
#include <algorithm>

#include "attributes/axes.h"
#include "attributes/builder.h"

namespace obclip {
namespace {

// Kinds of marks that say one axis (_AXIS_OF); "" for the others.
View axis_of(Kind kind) {
  switch (kind) {
    case Kind::AGE:
    case Kind::DECADE:
      return U"age";
    case Kind::SKIN:
      return U"skin_tone";
    case Kind::PRONOUN:
    case Kind::TITLE:
    case Kind::VERB:
      return U"gender";
    case Kind::NAME:
      return U"first_names";
    default:
      return U"";
  }
}

}  // namespace

Builder::Builder(const Document& document)
    : document_(document), lex_(document.lex), hidden_(document.scope.unspecified) {
  if (!hidden_.empty()) heads_ = find_heads();
  for (int number = 0; number < static_cast<int>(document.persons.size()); ++number) {
    for (View axis : lex_.axes) {
      const Index value = document.persons[number].value(axis);
      const auto known = lex_.values.find(axis);
      if (!value || known == lex_.values.end()) continue;
      where_[{number, axis}] = static_cast<int>(axes_.size());
      Axis made;
      made.name = number == 0 ? Text(axis) : Text(axis) + U"." + text_of(number + 1);
      made.values.assign(known->second.begin(), known->second.end());
      if (may_be_unsaid(number, axis)) made.values.emplace_back(UNSPECIFIED);
      const int size = made.size();
      axes_.push_back(std::move(made));
      choice_.push_back(*value < size ? *value : said_elsewhere(number, size));
    }
  }
  aged_ = find_aged();
  leads_ = find_leads();
}

Builder::Index Builder::owner(int i) const {
  const auto at = document_.owner.find(i);
  return at == document_.owner.end() ? Index() : Index(at->second);
}

Builder::Index Builder::where(int person, View axis) const {
  const auto at = where_.find({person, axis});
  return at == where_.end() ? Index() : Index(at->second);
}

// The gender that another word of the person says, where one word says none and the axis cannot be unsaid.
int Builder::said_elsewhere(int person, int count) const {
  for (int i = 0; i < document_.size(); ++i) {
    const Mark& m = document_.marks[i];
    if (m.noun && owner(i) == person && m.noun->gender && *m.noun->gender < count) return *m.noun->gender;
  }
  return 0;
}

// By person, the last noun of their first noun phrase.
std::map<int, int> Builder::find_heads() const {
  std::map<int, int> found;
  for (int i = 0; i < document_.size(); ++i) {
    const Mark& m = document_.marks[i];
    const Index person = owner(i);
    const bool named = m.kind == Kind::NOUN && m.noun && m.noun->kind != NounKind::ADJECTIVE &&
                       m.noun->kind != NounKind::DECADE;
    if (!person || !named) continue;
    const auto here = found.find(*person);
    if (here == found.end() || adjacent_head(here->second, i)) found[*person] = i;
  }
  return found;
}

// Whether the person can be spoken of without the axis, in all places where it is said.
bool Builder::may_be_unsaid(int person, View axis) const {
  const AxisSpec* spec = axis_spec(axis);
  if (!hides(axis) || spec == nullptr || !spec->may_be_unsaid) return false;
  if (axis == U"gender") return gender_may_be_unsaid(person);
  if (heads_.count(person) == 0) return false;
  for (int i = 0; i < document_.size(); ++i) {
    const Mark& m = document_.marks[i];
    if (owner(i) != person || m.place != Place::PREDICATE) continue;
    if (axis == U"age" ? m.kind == Kind::AGE : m.kind == Kind::TRAIT && m.trait && m.trait->axis == axis) return false;
  }
  return true;
}

bool Builder::gender_may_be_unsaid(int person) const {
  if (heads_.count(person) == 0) return false;
  for (int i = 0; i < document_.size(); ++i) {
    const Mark& m = document_.marks[i];
    if (owner(i) != person || m.kind != Kind::NOUN || !m.noun) continue;
    // A pair without a neutral word, and an adjective that stays where it stands ("1girl, female focus").
    const bool stays = m.noun->kind == NounKind::PAIR || (m.noun->kind == NounKind::ADJECTIVE && !moves(i, m));
    const std::size_t forms = m.noun->forms ? m.noun->forms->size() : 0;
    if (stays && forms <= NEUTRAL_GENDER) return false;
  }
  return true;
}

// Whether a mark is taken out where it stands, because its axis is said before the noun for every member.
bool Builder::movable(const Mark& m) const {
  if (m.kind == Kind::TRAIT && m.trait) {
    return hides(m.trait->axis) && (m.place == Place::BEFORE || m.place == Place::BEHIND);
  }
  return m.kind == Kind::AGE && hides(U"age");
}

// Whether mark `i` is taken out because its axis is said before the noun for every member.
bool Builder::moves(int i, const Mark& m) const {
  const Index person = owner(i);
  if (!person) return false;
  const auto found = heads_.find(*person);
  if (m.kind == Kind::DECADE) return hides(U"age") && found != heads_.end();
  if (movable(m)) return found != heads_.end();
  if (m.kind != Kind::NOUN || !m.noun || !hides(U"gender")) return false;
  const int head = found == heads_.end() ? i : found->second;
  return i < head && (m.noun->kind == NounKind::ADJECTIVE || m.noun->kind == NounKind::PLAIN) &&
         adjacent_head(i, head);
}

bool Builder::adjacent_head(int i, int head) const {
  for (int k = i; k < head; ++k) {
    const Kind kind = document_.marks[k].kind;
    if (kind == Kind::STOP || kind == Kind::PRONOUN) return false;
  }
  return true;
}

// By person whose age is hidden, the first of their nouns that says the age itself (girl, old woman).
std::map<int, int> Builder::find_aged() const {
  std::map<int, int> found;
  for (int i = 0; i < document_.size(); ++i) {
    const Index person = owner(i);
    if (person && where(*person, U"age") && is_aged_noun(document_.marks[i])) found.emplace(*person, i);
  }
  for (auto at = found.begin(); at != found.end();) at = takes_age(at->first) ? std::next(at) : found.erase(at);
  return found;
}

// Whether a noun of the person says their age, or a word does that can be moved to one.
bool Builder::takes_age(int person) const {
  if (hides(U"age")) return true;
  for (int i = 0; i < document_.size(); ++i) {
    const Mark& m = document_.marks[i];
    if (owner(i) != person) continue;
    if (m.kind == Kind::DECADE || (m.kind == Kind::AGE && m.place != Place::PREDICATE)) return true;
    if (m.kind == Kind::NOUN && m.noun && (m.noun->kind == NounKind::CHILD || m.noun->kind == NounKind::NEUTRAL)) {
      return true;
    }
  }
  return false;
}

// Marks that the age stands before: the first adjective slot in the noun phrase of an aged noun.
std::set<int> Builder::find_leads() const {
  std::set<int> found;
  for (const auto& [person, noun] : aged_) {
    Index first;
    for (int i = noun - 1; i >= 0; --i) {
      const Mark& m = document_.marks[i];
      if (m.kind == Kind::STOP || m.kind == Kind::PRONOUN || m.kind == Kind::TITLE || m.kind == Kind::ANIMAL) break;
      const bool slot = (m.kind == Kind::SKIN && m.prefix) || is_listed(m) || is_role(m);
      if (owner(i) == person && slot && !movable(m)) first = i;
    }
    if (first) found.insert(*first);
  }
  return found;
}

bool Builder::is_head(int i) const {
  const Index person = owner(i);
  if (!person) return false;
  const auto head = heads_.find(*person);
  return head != heads_.end() && head->second == i;
}

bool Builder::is_led(int person) const {
  return std::any_of(leads_.begin(), leads_.end(), [&](int j) { return owner(j) == person; });
}

bool Builder::is_role(const Mark& m) const {
  return m.kind == Kind::NOUN && m.noun && m.noun->kind == NounKind::ROLE && !is_aged_noun(m);
}

bool Builder::is_listed(const Mark& m) const {
  return m.kind == Kind::TRAIT && m.place == Place::BEFORE && m.trait && m.trait->value;
}

bool Builder::is_aged_noun(const Mark& m) const {
  if (m.kind != Kind::NOUN || !m.noun) return false;
  if (m.noun->kind == NounKind::ROLE) {
    return (m.word == U"person" || m.word == U"people") && m.place != Place::PROFESSION;
  }
  return m.noun->kind == NounKind::PLAIN || m.noun->kind == NounKind::CHILD || m.noun->kind == NounKind::NEUTRAL;
}

bool Builder::replaced(int i, const Mark& m) const {
  if (m.kind == Kind::WORD || m.kind == Kind::STOP) return false;
  if (m.kind == Kind::TRAIT) return m.place != Place::NONE;
  const Index person = owner(i);
  if (!person) return false;
  const View axis = axis_of(m.kind);
  if (!axis.empty()) return where(*person, axis).has_value();
  if (m.kind != Kind::NOUN || !m.noun) return true;
  if (m.place == Place::PROFESSION) return where(*person, U"profession").has_value();  // opted in, and not hidden
  if (m.noun->kind == NounKind::ROLE && hides(U"gender") && !is_aged_noun(m)) {
    return where(*person, U"gender") && is_head(i);
  }
  if (m.noun->kind == NounKind::ROLE || m.noun->kind == NounKind::NEUTRAL) {
    return aged_.count(*person) != 0 && is_aged_noun(m);
  }
  return where(*person, U"gender").has_value();
}

}  // namespace obclip
