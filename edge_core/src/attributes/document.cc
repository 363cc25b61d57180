// One prompt as it is read, and what several passes ask of it (edge_sdk/attributes/document.py).
#include "attributes/document.h"

#include <algorithm>
#include <cstdlib>

namespace obclip {
namespace {

// Marks that rewriting adds, removes or moves: they do not count, or the reach would depend on what a member says.
bool is_uncounted(Kind kind) {
  return kind == Kind::AGE || kind == Kind::LITTLE || kind == Kind::SKIN || kind == Kind::TONE ||
         kind == Kind::TRAIT || kind == Kind::DECADE;
}

// What no adjective reaches across.
bool ends_phrase(Kind kind) {
  return kind == Kind::STOP || kind == Kind::PRONOUN || kind == Kind::TITLE || kind == Kind::ANIMAL;
}

bool ends_with_any(View word, std::initializer_list<View> tails) {
  return std::any_of(tails.begin(), tails.end(), [word](View tail) { return ends_with(word, tail); });
}

}  // namespace

bool ends_like_verb(View word) { return ends_with_any(word, {U"ing", U"s", U"ed", U"ly"}); }

std::optional<int> Person::value(View axis) const {
  for (const auto& [name, value] : values) {
    if (name == axis) return value;
  }
  return std::nullopt;
}

void Person::set(View axis, int value) {
  for (auto& [name, old] : values) {
    if (name == axis) {
      old = value;
      return;
    }
  }
  values.emplace_back(axis, value);
}

void Person::set_default(View axis, int value) {
  if (!says(axis)) values.emplace_back(axis, value);
}

Document::Document(Text typed_, Text prompt_, Text text_, Tokens tokens_, const Lexicon& lex_, Scope scope_)
    : typed(std::move(typed_)),
      prompt(std::move(prompt_)),
      text(std::move(text_)),
      tokens(std::move(tokens_)),
      lex(lex_),
      scope(std::move(scope_)) {}

// -- deciding

void Document::dismiss(int i, std::optional<Reason> reason) {
  Mark& m = marks[i];
  if (!m.was) m.was = m.kind;
  m.kind = Kind::WORD;
  m.noun.reset();
  if (reason) dismissed.insert_or_assign(m.start, Dismissed{*reason});
}

bool Document::is_dismissed(int i) const { return dismissed.count(marks[i].start) != 0; }

bool Document::is_public(int start, int end) const {
  for (const auto& [a, b] : public_) {
    if (a < end && start < b) return true;
  }
  return std::any_of(marks.begin(), marks.end(), [&](const Mark& m) {
    return m.start < end && start < m.end && dismissed.count(m.start) != 0;
  });
}

Person& Document::person(int i) {
  const auto known = owner.find(i);
  if (known != owner.end()) return persons[known->second];
  owner[i] = static_cast<int>(persons.size());
  Person made;
  made.plural = marks[i].noun && marks[i].noun->plural;
  persons.push_back(std::move(made));
  return persons.back();
}

Person& Document::give(int i, int head) {
  Person& found = person(head);
  owner[i] = owner[head];
  return found;
}

void Document::says(Person& who, View axis, std::optional<int> value) {
  if (value && hides(axis)) who.set_default(axis, *value);
}

void Document::says_age(Person& who, const std::optional<Noun>& noun, int value) {
  if (!hides(U"age")) return;
  std::optional<int> own;
  if (noun) {
    if (noun->kind == NounKind::CHILD) {
      own = 0;
    } else if (noun->kind == NounKind::NEUTRAL) {
      own = noun->age;
    }
  }
  if (own) {
    who.set(U"age", *own);
  } else {
    says(who, U"age", value);
  }
}

void Document::insert(std::vector<Mark> made) {
  if (!owner.empty()) std::abort();
  marks = std::move(made);
}

// -- looking around

std::vector<int> Document::of_kind(std::initializer_list<Kind> kinds) const {
  std::vector<int> out;
  for (int i = 0; i < size(); ++i) {
    if (std::find(kinds.begin(), kinds.end(), marks[i].kind) != kinds.end()) out.push_back(i);
  }
  return out;
}

View Document::word(int i) const { return i >= 0 && i < size() ? View(marks[i].word) : View(); }

bool Document::is_in(int i, const WordSet& words) const { return i >= 0 && i < size() && words.count(marks[i].word) != 0; }

bool Document::adjacent(int i) const {
  if (i == -1) return size() > 0;  // the reference's marks[-1] is the last one, and nothing stands between it and the first
  if (i < 0 || i + 1 >= size()) return false;
  const View between = slice(prompt, marks[i].end, std::max(marks[i].end, marks[i + 1].start));
  return std::all_of(between.begin(), between.end(), [](char32_t c) { return c == U'_' || is_space(c); });
}

std::optional<int> Document::before(int i) const {
  for (int j = i - 1; j >= 0; --j) {
    if (marks[j].kind == Kind::NOUN || marks[j].kind == Kind::NAME) return j;
  }
  return std::nullopt;
}

std::optional<int> Document::subject(int i) const {
  for (int j = i - 1; j >= 0; --j) {
    if (marks[j].kind == Kind::NOUN || marks[j].kind == Kind::NAME || is_owned(j)) return j;
  }
  return std::nullopt;
}

bool Document::is_single(int i) const {
  const Mark& m = marks[i];
  return m.kind == Kind::NOUN && m.noun && !m.noun->plural && m.noun->kind != NounKind::ADJECTIVE;
}

std::optional<int> Document::last_single(int i) const {
  for (int j = i - 1; j >= 0; --j) {
    if (is_single(j)) return j;
  }
  return std::nullopt;
}

std::optional<int> Document::attributed(int i) const {
  for (int j = i + 1; j < std::min(i + 3, size()); ++j) {
    if (!adjacent(j - 1)) return std::nullopt;
    const Mark& m = marks[j];
    if (m.kind == Kind::NOUN) return j;
    // One plain word may stand between; a verb ("a woman teaching ...") makes two persons of it.
    if ((m.kind != Kind::WORD && m.kind != Kind::ANIMAL) || ends_like_verb(m.word)) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<int> Document::head(int i) const {
  int left = REACH, last = i;
  for (int j = i + 1; j < size(); ++j) {
    const Kind kind = marks[j].kind;
    if (kind == Kind::NOUN) {
      if (bare_role(j) && is_in(j + 1, U"objects") && adjacent(j)) return std::nullopt;  // "an old police van"
      return j;
    }
    if (ends_phrase(kind)) {
      if (!joins_adjectives(i, last, j)) return std::nullopt;
      last = j;
    } else if (!is_uncounted(kind)) {
      if (--left < 0) return std::nullopt;
    }
  }
  return std::nullopt;
}

// Whether the sign or word at `j` joins adjectives of one noun: "an old, wise, African man".
bool Document::joins_adjectives(int i, int last, int j) const {
  if (!in_class(U"between_adjectives", marks[j].word) || j - last > 2) return false;
  if (last == i && (j != i + 1 || !is_opened(i))) return false;  // "white shirt, man"
  int said = 0;
  for (int k = j + 1; k < std::min(j + 10, size()); ++k) {
    const Mark& m = marks[k];
    const bool joins = in_class(U"between_adjectives", m.word);
    if (joins && said > 1) return false;  // "dark and cloudy day, 1girl"
    said = joins ? 0 : said + 1;
    if (m.kind == Kind::NOUN) return m.end > m.start;
    if (in_class(U"counters", m.word) || in_class(U"before_nouns", m.word)) return false;
    const bool both = marks[j].word == U"," && (m.word == U"and" || m.word == U"but");  // "bearded, and tattooed"
    if (ends_phrase(m.kind) && !(joins && (k > j + 1 || both))) return false;
  }
  return false;
}

// Whether an article stands before the adjective at `i`, with adjectives between.
bool Document::is_opened(int i) const {
  for (int j = i - 1; j > std::max(-1, i - 8); --j) {
    const Mark& m = marks[j];
    if (in_class(U"before_nouns", m.word) || in_class(U"counters", m.word)) return true;
    if (m.kind != Kind::WORD && !is_uncounted(m.kind) && !in_class(U"between_adjectives", m.word)) return false;
  }
  return false;
}

std::optional<int> Document::directly(int i) const {
  const auto found = head(i);
  if (!found) return std::nullopt;
  bool listed = false;
  for (int j = i + 1; j < *found; ++j) listed = listed || in_class(U"between_adjectives", marks[j].word);
  for (int j = i + 1; j < *found; ++j) {
    const Mark& m = marks[j];
    const bool allowed = m.kind == Kind::AGE || m.kind == Kind::NOUN || m.kind == Kind::TRAIT || m.kind == Kind::TONE ||
                         m.kind == Kind::LITTLE || m.kind == Kind::SKIN;
    if (!allowed && !in_class(U"between", m.word) && !listed) return std::nullopt;
  }
  if (is_in(*found, U"costume") && is_in(i, U"costume_colours")) return std::nullopt;  // white wizard
  return found;
}

std::optional<int> Document::unknown_head(int i, bool any_word, bool doubted) {
  std::optional<int> last;
  for (int j = i + 1; j < std::min(i + 4, size()); ++j) {
    const Mark& m = marks[j];
    if (m.kind != Kind::WORD || is_dismissed(j) || !adjacent(j - 1)) break;
    if (ends_with_any(m.word, {U"ing", U"ly"}) && !in_class(U"events", m.word)) break;
    if (in_class(U"bodies", m.word)) break;
    const bool known = looks_like_a_person(m.word) || (doubted && in_class(U"persons_in_doubt", m.word));
    if (is_thing(m.word, doubted) && !known) {
      if (doubted && last && !looks_like_a_person(marks[*last].word)) last.reset();
      break;
    }
    if (known || ((any_word || doubted) && (!last || !ends_with_any(m.word, {U"s", U"ed"})))) last = j;
  }
  if (last) make_role(*last);
  return last;
}

void Document::make_role(int i) {
  Mark& m = marks[i];
  Noun noun;
  noun.kind = NounKind::ROLE;
  noun.plural = ends_with(m.word, U"s");
  noun.collective = in_class(U"events", m.word);
  m.kind = Kind::NOUN;
  m.noun = noun;
}

// "a black general at dawn", "two Korean locals": a word for persons that also has another sense, with no noun behind it.
// What is also a thing ("star") is somebody behind a people, a faith, a disability alone: a white star is none.
std::optional<int> Document::somebody_alone(int i, bool people) {
  if (i + 1 >= size() || !adjacent(i)) return std::nullopt;
  const auto is_among = [&](View name) {
    return in_class(name, marks[i + 1].word) || in_class(name, remove_suffix(marks[i + 1].word, U"s"));
  };
  if (!is_among(U"persons_too") && !is_among(U"persons_alone")) return std::nullopt;
  if (is_among(U"not_persons")) return std::nullopt;  // "a black pitcher"
  const bool ends = i + 2 >= size() || marks[i + 2].kind != Kind::WORD || ends_with(marks[i + 2].word, U"ing") ||
                    !adjacent(i + 1);
  if (!ends || (!people && is_thing(marks[i + 1].word, true))) return std::nullopt;
  make_role(i + 1);
  return i + 1;
}

bool Document::is_thing(View word, bool doubted) const {
  if (in_class(U"objects", word)) return true;
  if (!doubted) return false;
  if (in_class(U"things", word) || in_class(U"not_persons", word)) return true;
  for (const auto& end : lex.word_class(U"thing_ends")) {
    if (word.size() > end.size() + 2 && ends_with(word, end)) return true;
  }
  return false;
}

bool Document::looks_like_a_person(View word) const {
  if (in_class(U"events", word)) return true;
  if (in_class(U"persons_too", word) || in_class(U"persons_too", remove_suffix(word, U"s"))) return true;
  const bool ends = ends_with_any(remove_suffix(word, U"s"), {U"er", U"or", U"ist", U"ian", U"eur"});
  return ends && word.size() > 4 && !in_class(U"not_persons", word);
}

bool Document::bare_role(int head) const {
  const Mark& m = marks[head];
  return m.noun && m.noun->kind == NounKind::ROLE && !in_class(U"people", m.word);
}

bool Document::is_sign(int i) const {
  if (i < 0 || i >= size()) return true;
  const Mark& m = marks[i];
  return m.kind == Kind::STOP && !(m.word.size() > 0 && is_alpha(m.word[0])) && !starts_with(m.word, U"'");
}

bool Document::has_person() const {
  const bool named = std::any_of(marks.begin(), marks.end(), [](const Mark& m) {
    return m.kind == Kind::NOUN || m.kind == Kind::NAME || m.kind == Kind::TITLE || m.kind == Kind::PRONOUN;
  });
  return named || shows_person();
}

bool Document::shows_person() const {
  return std::any_of(marks.begin(), marks.end(), [this](const Mark& m) { return in_class(U"portraits", m.word); });
}

View Document::axis_of(int i) const {
  const Mark& m = marks[i];
  const Kind kind = m.was.value_or(m.kind);
  if (kind == Kind::TRAIT && m.trait) return m.trait->axis;
  if (kind == Kind::AGE || kind == Kind::DECADE) return U"age";
  return kind == Kind::TONE || kind == Kind::SKIN ? View(U"skin_tone") : View(U"gender");
}

bool Document::is_counted_token(int i) const {
  if (i < 0 || i >= tokens.size()) return false;
  return in_class(U"before_nouns", tokens.texts[i]) || is_decimal(View(tokens.texts[i]));
}

bool Document::capital(int i) const {
  return i > 0 && is_upper(prompt[marks[i].start]) && !contains(U".!?:", View(marks[i - 1].word));
}

bool Document::predicate(int i) const {
  int j = i - 1;
  while (j >= 0 && in_class(U"adverbs", marks[j].word)) --j;
  if (j < 0 || !in_class(U"copulas", marks[j].word)) return false;
  if (i + 1 >= size()) return true;
  const Kind after = marks[i + 1].kind;
  return after == Kind::STOP || after == Kind::PRONOUN || !adjacent(i);
}

std::optional<int> Document::pronoun_apart(int i) const {
  int c = i - 1;
  while (c > 0 && in_class(U"adverbs", marks[c].word)) --c;
  --c;
  if (c < 0) return std::nullopt;
  int nouns = 0;
  bool others = false;
  for (int j = 0; j < c; ++j) {
    nouns += marks[j].kind == Kind::NOUN || marks[j].kind == Kind::NAME;
    others = others || marks[j].form == PronounForm::SUBJECT;
  }
  if (marks[c].form != PronounForm::SUBJECT) {
    if (nouns == 0 && in_class(U"somebody", marks[c].word)) return c;
    return std::nullopt;
  }
  if (others || nouns != 1) return c;
  return std::nullopt;
}

bool Document::is_elliptic(int i) const {
  if (!is_in(i - 1, U"articles") || !adjacent(i - 1) || !is_in(i + 1, U"joining")) return false;
  const auto& trait = marks[i].trait;
  return is_in(i + 2, U"articles") && (!trait || trait->adjective || trait->singular);
}

bool Document::coordinated(int i) const {
  const int j = i + 2;
  if (j >= size()) return false;
  const View between = marks[i + 1].word;
  if (between != U"and" && between != U"or" && between != U",") return false;
  return marks[j].kind == Kind::TRAIT && head(j).has_value();
}

}  // namespace obclip
