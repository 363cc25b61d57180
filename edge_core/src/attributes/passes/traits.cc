// Traits (ethnicity, religion, ...) and the persons they belong to (edge_sdk/attributes/passes/traits.py).
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

bool is_sentence_end(const Document& document, int i) { return document.is_in(i, U"sentence_ends"); }

Place place_of(const Document& document, int i) {
  const auto& trait = document.marks[i].trait;
  if (!trait || !trait->behind) return Place::BEFORE;
  if (trait->axis == U"nationality" && i > 1 && document.is_sign(i - 1) && document.is_sign(i + 1)) {
    return Place::BEFORE;  // "a man by the sea, japanese features": "from Japan" would be the sea's
  }
  return document.is_in(i - 1, U"copulas") ? Place::PREDICATE : Place::BEHIND;
}

bool is_several(const Document& document, std::optional<int> head) {
  if (!head) return false;
  const auto& noun = document.marks[*head].noun;
  return noun && (noun->plural || noun->collective);
}

// The person a phrase behind belongs to; "from China" only right behind one ("noodles from China" is none).
std::optional<int> person_before(const Document& document, int i, bool near_only) {
  if (!near_only) return document.before(i);
  int j = i - 1;
  bool toned = false;
  while (j >= 0) {
    const Kind kind = document.marks[j].kind;
    toned = toned || kind == Kind::SKIN;
    const bool between = toned && document.is_in(j, U"tone_frames");  // "a man with dark skin from Norway"
    const bool across = kind == Kind::TRAIT || kind == Kind::SKIN || kind == Kind::DECADE;
    if (!between && !document.is_in(j, U"motion") && !across) break;
    --j;
  }
  if (j < 0) return std::nullopt;
  if (document.is_in(j, U"relatives")) return document.before(j);
  const Kind kind = document.marks[j].kind;
  if (kind != Kind::NOUN && kind != Kind::NAME) return std::nullopt;
  return j;
}

// Whether the adjective is seldom said of things: a faith, a people, a disability, "a Black" with its capital.
bool is_doubted(const Document& document, int i) {
  const auto& trait = document.marks[i].trait;
  if (!trait || trait->place) return false;
  if (trait->axis != U"religion" && trait->axis != U"ethnicity" && trait->axis != U"disability") return false;
  if (i + 1 < document.size()) {
    const View after = document.marks[i + 1].text(document.prompt);
    if (!after.empty() && is_upper(after[0])) return false;  // "Black Friday", "Asian Games"
  }
  return !trait->direct || document.is_in(i - 1, U"indefinites");
}

std::optional<int> head_of(Document& document, int i) {
  const Mark& m = document.marks[i];
  if (!m.trait) return std::nullopt;
  const Trait& trait = *m.trait;
  if (trait.behind) return person_before(document, i, trait.axis == U"nationality" && starts_with(m.word, U"from"));
  if (!trait.adjective && !(i + 1 < document.size() && !document.marks[i + 1].literal.empty())) return std::nullopt;
  // Of several persons these say who they are ("a black and white couple"); else they say how a picture is taken.
  if (document.in_class(U"of_several", m.word) && !is_several(document, document.directly(i))) return std::nullopt;
  if (trait.direct && !document.capital(i)) {
    const auto found = document.directly(i);
    return found ? found : document.somebody_alone(i);
  }
  const auto head = document.head(i);
  if (head) return head;
  // "a young Nigerian cyborg": an age of living beings and a people before a word make a person of it.
  bool aged = false;
  for (int j : {i - 1, i + 1}) {
    aged = aged || document.is_in(j, U"ages_of_persons") || document.word(j) == U"young" || document.word(j) == U"younger";
  }
  const auto unknown = document.unknown_head(i, aged, is_doubted(document, i));
  return unknown ? unknown : document.somebody_alone(i, !trait.place);
}

// Whether the word is somebody's thing: "his old hat", "the man's car", not "her skin".
bool is_owned_thing(const Document& document, int i) {
  if (document.is_in(i, U"of_skin") || document.is_in(i, U"skin_words") || document.is_in(i, U"bodies")) return false;
  int j = i - 1;
  while (j > 0 && document.marks[j].kind == Kind::WORD && document.adjacent(j) && j > i - 3) --j;
  return document.is_in(j, U"owners") || document.word(j) == U"'s" || document.word(j) == U"s'";
}

// Whether a thing or an animal stands right before "is", and no person in its clause: "The dog is white".
bool is_said_of_thing(const Document& document, int i) {
  int c = i - 1;
  while (c > 0 && document.is_in(c, U"adverbs")) --c;
  if (c == 0) return false;
  const bool wraps = c < 0;  // the reference's marks[-2], where the trait is the first mark
  const int at = wraps ? document.size() + c - 1 : c - 1;
  if (at < 0) return false;
  const Mark& m = document.marks[at];
  if (m.kind == Kind::WORD && !document.capital(i) && is_owned_thing(document, c - 1)) {
    return true;  // "his hat is black", "the man's car is white", "her hair is black"
  }
  if (document.capital(i) || !(m.kind == Kind::ANIMAL || document.in_class(U"objects", m.word))) return false;
  for (int j = c - 1; j >= 0; --j) {
    if (is_sentence_end(document, j)) break;
    const Kind kind = document.marks[j].kind;
    const bool person = kind == Kind::NOUN || kind == Kind::NAME || kind == Kind::TITLE || kind == Kind::PRONOUN;
    if (person || document.looks_like_a_person(document.word(j))) return false;
  }
  return true;
}

void read_trait(Document& document, int i) {
  if (!document.marks[i].trait) return;
  const Trait trait = *document.marks[i].trait;
  if (trait.direct && document.predicate(i) && is_said_of_thing(document, i)) {
    document.dismiss(i, Reason::THING);  // "the dog is white and fluffy"
    return;
  }
  if (document.is_in(i, U"said_of_nouns") && document.is_in(i - 1, U"bits")) {
    document.dismiss(i, Reason::THING);  // "a touch of color"
    return;
  }
  const auto head = head_of(document, i);
  if (trait.place && (!head || *head != i + 1 || !document.adjacent(i))) {
    document.dismiss(i, Reason::PLACE);  // "tokyo street at night"
    return;
  }
  Place place = Place::BEFORE;
  Person* person = nullptr;
  if (!head && trait.adjective && !trait.direct && document.coordinated(i)) {
    person = &document.person(i);  // "Asian and Hispanic women": slots of their own
  } else if (!head && !(document.predicate(i) && trait.adjective)) {
    document.dismiss(i);
    return;
  } else if (!head && !trait.value) {
    document.marks[i].place = Place::PREDICATE;
    document.dismiss(i);  // "who is agnostic": nothing else can stand here
    return;
  } else if (!head) {
    const auto pronoun = document.pronoun_apart(i);
    const auto subject = pronoun ? std::nullopt : document.subject(i);
    person = subject ? &document.give(i, *subject) : &document.person(i);
    if (pronoun) document.owner[*pronoun] = document.owner[i];
    place = Place::PREDICATE;
  } else {
    person = &document.give(i, *head);
    place = place_of(document, i);
  }
  document.marks[i].place = place;
  document.says(*person, trait.axis, trait.value);
}

}  // namespace

void traits(Document& document) {
  for (int i : document.of_kind({Kind::TRAIT})) read_trait(document, i);
}

}  // namespace obclip::passes
