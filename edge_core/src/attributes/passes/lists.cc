// Words set off from their person: "a woman, Asian, 30 years old" (edge_sdk/attributes/passes/lists.py).
#include <algorithm>

#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

constexpr int FAR = 7;  // how far a person may stand behind an adjective with words between that no list knows

bool was(const Mark& m, Kind kind) { return m.was && *m.was == kind; }
bool was_trait_or_age(const Mark& m) { return was(m, Kind::TRAIT) || was(m, Kind::AGE); }
bool is_colour(const Mark& m) { return was(m, Kind::TONE) || (m.trait && m.trait->direct); }

// The person before, else the one behind.
std::optional<int> nearest(const Document& document, int i) {
  if (const auto before = document.before(i)) return before;
  for (int j = i - 1; j >= 0; --j) {
    if (document.is_owned(j)) return j;
  }
  for (int j : document.of_kind({Kind::NOUN})) {
    if (j > i && document.marks[j].end > document.marks[j].start) return j;
  }
  return std::nullopt;
}

// Whether only words for persons stand up to the next sign.
bool is_behind_adjectives(const Document& document, int i) {
  int j = i + 1;
  while (j < document.size() && was_trait_or_age(document.marks[j]) && document.adjacent(j - 1)) ++j;
  return document.is_sign(j);
}

// "light blue, brown and white": a colour beside colours.
bool in_palette(const Document& document, int i) {
  if (document.is_in(i, U"no_hair") && document.is_in(i - 2, U"hair_words")) return false;  // "red hair, pale"
  if (!was(document.marks[i], Kind::TONE)) return false;
  for (int step : {-3, -2, -1, 1, 2, 3}) {
    if (document.is_in(i + step, U"colours")) return true;
  }
  return false;
}

// "textured hair, brown": the colour of what stands before; "night, dark": how a picture is lit.
bool is_of_picture(const Document& document, int i) {
  const Mark& m = document.marks[i];
  if (!was(m, Kind::TONE)) return false;
  if (document.word(i - 1) == U"," && document.is_in(i - 2, U"hair_words")) {
    const bool coloured = document.is_in(i - 3, U"colours") || document.is_in(i - 3, U"colours_of_hair");
    return !document.in_class(U"no_hair", m.word) && !coloured;  // "red hair, pale": the skin is
  }
  return document.in_class(U"moods", m.word) &&
         std::any_of(document.marks.begin(), document.marks.end(),
                     [&document](const Mark& k) { return document.in_class(U"lighting", k.word); });
}

// "one blind, one deaf", "two Indian, two Thai": each is somebody.
bool is_counted(const Document& document, int i) { return document.is_in(i - 1, U"counters") && !document.is_sign(i - 1); }

// "young and old", "Black or White": two of one axis, joined, are two.
bool joins_same_axis(const Document& document, int i) {
  if (i < 2 || !document.is_in(i - 1, U"joints") || !document.is_owned(i - 2)) return false;
  return document.axis_of(i - 2) == document.axis_of(i);
}

// Give mark i to the person of mark `head`, or to one of its own.
void attach(Document& document, int i, std::optional<int> head, Place place) {
  Mark& m = document.marks[i];
  if (was(m, Kind::TONE)) {
    m.kind = Kind::SKIN;
    m.prefix = true;
    m.place = Place::SKINNED;
    m.near = true;
  } else if (was(m, Kind::TRAIT)) {
    m.kind = Kind::TRAIT;
    m.place = Place::BEFORE;
  } else {
    m.kind = Kind::AGE;
    m.place = place == Place::BEFORE ? Place::NONE : place;
  }
  Person& person = head ? document.give(i, *head) : document.person(i);
  if (m.kind == Kind::AGE) {
    const std::optional<Noun> noun = head ? document.marks[*head].noun : std::nullopt;
    document.says_age(person, noun, m.value);
  } else if (m.trait) {
    document.says(person, m.trait->axis, m.trait->value);
  } else {
    document.says(person, U"skin_tone", m.value);
  }
}

void list(Document& document, int i) {
  if (in_palette(document, i) || is_of_picture(document, i)) {
    document.dismiss(i, Reason::THING);
    return;
  }
  const auto person = nearest(document, i);
  const bool own = is_counted(document, i) || joins_same_axis(document, i);
  if (!person && !own && !document.shows_person()) {
    document.dismiss(i, Reason::NOBODY);
    return;
  }
  const bool removable = document.is_sign(i - 1) && document.is_sign(i + 1) && !own;
  Place place = removable ? Place::LISTED : Place::PREDICATE;
  if (document.marks[i].place == Place::YEARS && removable) place = Place::YEARS;  // "30, baker"
  attach(document, i, own ? std::nullopt : person, place);
}

// The person behind, with unknown adjectives between: "a black elegant lady"; no thing may stand between.
std::optional<int> far_head(const Document& document, int i) {
  for (int j = i + 1; j < std::min(i + 1 + FAR, document.size()); ++j) {
    const Mark& m = document.marks[j];
    if (m.kind == Kind::NOUN && m.end > m.start) {
      const bool thing = document.is_in(j + 1, U"objects") && document.adjacent(j) && document.bare_role(j);
      if (document.is_in(j, U"costume") || thing) return std::nullopt;
      return j;
    }
    if (m.kind == Kind::STOP || m.kind == Kind::ANIMAL || m.kind == Kind::PRONOUN || m.kind == Kind::TITLE ||
        document.in_class(U"objects", m.word)) {
      return std::nullopt;
    }
    if (!document.adjacent(j - 1) || (ends_with(m.word, U"ly") && j + 1 == document.size())) return std::nullopt;
  }
  return std::nullopt;
}

// "16 year old black suit, man": an age in years that opens a part of a list is a person's.
bool opens_with_years(const Document& document, int i) {
  const Mark& m = document.marks[i];
  return was(m, Kind::AGE) && m.place == Place::YEARS && document.is_sign(i - 1) && !document.is_sign(i + 1);
}

// Whether a word that is no person follows at once: "old car", "Chinese dinner".
bool describes_thing(const Document& document, int i) {
  if (!document.adjacent(i)) return false;
  const Mark& after = document.marks[i + 1];
  if (was_trait_or_age(after) && is_behind_adjectives(document, i)) return false;  // "korean mixed, idol"
  return (after.kind == Kind::WORD || after.kind == Kind::ANIMAL || after.kind == Kind::NOUN) &&
         !document.is_in(i + 1, U"intensifiers");
}

// "asian features", "an old face": what somebody's face or hands are like is what they are like.
bool is_of_body(const Document& document, int i) {
  int j = i + 1;
  while (document.adjacent(j) && (document.is_in(j, U"between") || document.is_in(j, U"of_skin"))) ++j;
  return document.is_in(j, is_colour(document.marks[i]) ? View(U"coloured_bodies") : View(U"bodies"));
}

// "who is young and Black": the person of the predicate that this one is joined to.
std::optional<int> shared_subject(const Document& document, int i) {
  int j = i - 1;
  while (document.is_in(j, U"intensifiers") || document.is_in(j, U"adverbs")) --j;
  if (!document.is_in(j, U"joints") && document.word(j) != U",") return std::nullopt;
  if (j == 0 || !document.is_owned(j - 1) || document.marks[j - 1].place != Place::PREDICATE) return std::nullopt;
  return j - 1;
}

// Whether signs, joining words or the prompt's ends stand on both sides, or a person directly before.
bool stands_alone(const Document& document, int i) {
  int j = i - 1;
  while (document.is_in(j, U"intensifiers")) --j;
  bool behind = i + 1 >= document.size() || document.marks[i + 1].kind == Kind::STOP || !document.adjacent(i);
  behind = behind || (was_trait_or_age(document.marks[i + 1]) && is_behind_adjectives(document, i));
  if (was(document.marks[i], Kind::TONE) && !document.is_sign(i + 1) && document.adjacent(i)) {
    return false;  // "dark and cloudy day"
  }
  if (j < 0) return behind;
  const Mark& m = document.marks[j];
  const bool person = m.kind == Kind::NOUN || document.is_owned(j);
  return (behind && (document.is_sign(j) || document.in_class(U"joints", m.word) || !document.adjacent(j))) ||
         (person && (behind || document.is_in(i + 1, U"clause_starts"))) || (behind && is_counted(document, i));
}

void decide(Document& document, int i) {
  if (document.is_in(i, U"of_several") || document.is_dismissed(i)) {
    document.dismiss(i, Reason::SENSE);  // how a picture is taken
    return;
  }
  const auto far = far_head(document, i);
  if (far && document.is_in(i, U"not_before_roles") && document.bare_role(*far)) {
    document.dismiss(i, Reason::COMMON);  // "a fair judge"
  } else if (far) {
    attach(document, i, far, Place::BEFORE);
  } else if (opens_with_years(document, i) && nearest(document, i)) {
    return;  // a person's or a thing's: it is asked about
  } else if (describes_thing(document, i)) {
    const bool body = is_of_body(document, i);
    const auto person = body ? nearest(document, i) : std::nullopt;
    if (person || (body && !is_colour(document.marks[i]))) {
      attach(document, i, person, Place::BEFORE);  // "old hands", "asian features": somebody's
    } else {
      document.dismiss(i, body ? Reason::NOBODY : Reason::THING);
    }
  } else if (const auto subject = shared_subject(document, i)) {
    attach(document, i, subject, Place::PREDICATE);
  } else if (stands_alone(document, i)) {
    list(document, i);
  } else if (!document.has_person()) {
    document.dismiss(i, Reason::NOBODY);
  } else if (is_colour(document.marks[i])) {
    document.dismiss(i, Reason::THING);
  }
}

}  // namespace

void lists(Document& document) {
  for (int i = 0; i < document.size(); ++i) {
    const Mark& m = document.marks[i];
    const bool undecided = was(m, Kind::AGE) || was(m, Kind::TRAIT) || was(m, Kind::TONE);
    if (m.kind != Kind::WORD || !undecided || document.is_dismissed(i)) continue;
    if (was(m, Kind::TRAIT) && (!m.trait || !(m.trait->adjective || m.trait->singular || m.trait->plural))) {
      if (!document.has_person()) document.dismiss(i, Reason::NOBODY);
      continue;
    }
    decide(document, i);
  }
}

}  // namespace obclip::passes
