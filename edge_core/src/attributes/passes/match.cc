// The words that matter, marked in order, without deciding yet who they belong to (edge_sdk/attributes/passes/match.py).
#include "attributes/looking_up.h"
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

constexpr std::size_t SHORTEST_STEM = 3;  // "ditch" of "ditchwoman"; shorter ones are words of their own ("omen")
constexpr int MOST_JOINED = 3;  // words of a compound that may be written as one: "police-woman"

bool ends_phrase(View sign) { return sign.size() == 1 && contains(U",.;:!?()\"|/[]{}<>", sign[0]); }
bool is_clitic(View word) { return is_one_of(word, {U"s", U"re", U"m", U"ll", U"d", U"ve"}); }
bool is_joint(View token) { return token == U"-" || token == U"_"; }

const Meaning& plain_word() {
  static const Meaning WORD;
  return WORD;
}

class Marker {
 public:
  explicit Marker(Document& document)
      : document_(document), prompt_(document.prompt), lex_(document.lex), text_(document.text), tokens_(document.tokens) {}
  std::vector<Mark> run();

 private:
  struct Joined {
    int behind;
    const Meaning* meaning;
  };

  View at(int i) const { return obclip::at(tokens_, i); }
  bool in(View name, View word) const { return lex_.in_class(name, word); }
  int count() const { return tokens_.size(); }
  bool is_raised(int i) const { return is_upper(prompt_[tokens_.starts[i]]); }

  bool glued(int i) const;
  std::optional<Joined> joined(int i, int until) const;
  int known(int i, int until);
  int sign(int i);
  bool clitic(int i) const;
  bool stands(int i, int j, const Meaning& meaning) const;
  bool is_attribute(int i, int j) const;
  bool is_worn(int i) const;
  bool is_described(int i, int j, const Trait& trait) const;
  bool is_shown(int i, int j) const;
  bool before_person(int j) const { return j < count() && noun_of(lex_, at(j)) != nullptr; }
  bool stands_in_compound(int j, const Meaning& meaning, bool right) const;
  void add(int i, int j, const Meaning& meaning);
  int with_intensifiers(int i);
  void word(int i, bool unknown = true);
  bool ends_like_one(int i) const;
  bool is_led(int i) const;
  bool is_numbered(int i) const;
  bool is_title(int i) const;
  void stop(int i, Text said) {
    Mark mark;
    mark.start = tokens_.starts[i];
    mark.end = tokens_.ends[i];
    mark.kind = Kind::STOP;
    mark.word = std::move(said);
    marks_.push_back(std::move(mark));
  }

  Document& document_;
  const Text& prompt_;
  const Lexicon& lex_;
  const Text& text_;
  const Tokens& tokens_;
  std::vector<Mark> marks_;
};

std::vector<Mark> Marker::run() {
  std::vector<Special> special = document_.special;
  std::stable_sort(special.begin(), special.end(), [](const Special& a, const Special& b) {
    return std::pair(a.start, a.end) < std::pair(b.start, b.end);
  });
  std::size_t n = 0;
  const int whole = static_cast<int>(text_.size());
  int until = special.empty() ? whole : special[0].start;
  for (int i = 0; i < count();) {
    if (tokens_.starts[i] >= until && n < special.size()) {
      marks_.push_back(special[n].mark);
      const int covered = special[n].end;
      ++n;
      until = n < special.size() ? special[n].start : whole;
      while (i < count() && tokens_.starts[i] < covered) ++i;
      continue;
    }
    const View text = at(i);
    const Meaning* const* alone = find_in(lex_.alone, text);
    if (alone != nullptr && text != U"-" && at(i - 1) != U"-" && at(i + 1) != U"-") {
      const Meaning& m = **alone;
      Mark mark;
      mark.start = tokens_.starts[i];
      mark.end = tokens_.ends[i];
      mark.kind = m.kind;
      mark.word = Text(text);
      if (m.noun != nullptr) mark.noun = *m.noun;
      mark.value = m.value;
      mark.form = m.form;
      marks_.push_back(std::move(mark));
      ++i;
    } else if (begins_phrase(lex_, text) || glued(i + 1)) {
      i = known(i, until);
    } else if (is_alpha(text[0])) {
      word(i);
      ++i;
    } else {
      i = sign(i);
    }
  }
  return std::move(marks_);
}

// Whether token i is a hyphen between two words without spaces.
bool Marker::glued(int i) const {
  return i > 0 && i < count() - 1 && is_joint(at(i)) && tokens_.ends[i - 1] == tokens_.starts[i] &&
         tokens_.ends[i] == tokens_.starts[i + 1];
}

// "police-woman", "middle-aged": a compound that the lexicon knows as one word.
std::optional<Marker::Joined> Marker::joined(int i, int until) const {
  Text word(at(i));
  int j = i;
  for (int n = 0; n < MOST_JOINED - 1; ++n) {
    if (!glued(j + 1) || tokens_.ends[j + 2] > until) return std::nullopt;
    j += 2;
    word += at(j);
    const Meaning* meaning = meaning_of(lex_, word);
    if (meaning != nullptr && meaning->kind != Kind::STOP && !meaning->decoy) return Joined{j + 1, meaning};
  }
  return std::nullopt;
}

// Mark the longest phrase that begins at token i and return the token behind it.
int Marker::known(int i, int until) {
  std::optional<Found<Meaning>> match;
  if (begins_phrase(lex_, at(i))) match = longest(lex_.phrases, tokens_, i);
  const auto compound = joined(i, until);
  if (compound && (!match || match->behind <= compound->behind)) {
    add(i, compound->behind, *compound->meaning);
    return compound->behind;
  }
  if (match && tokens_.ends[match->behind - 1] <= until) {
    const int j = match->behind;
    if (stands(i, j, *match->meaning)) {
      add(i, j, *match->meaning);
      return j;
    }
    const Meaning* alone = meaning_of(lex_, at(i));
    if (j > i + 1 && alone != nullptr && stands(i, i + 1, *alone)) {
      add(i, i + 1, *alone);
      return i + 1;
    }
  }
  if (!is_alpha(at(i)[0])) return sign(i);
  if (match) {  // a place or people without its capital, or a part of a compound
    document_.dismissed.insert_or_assign(tokens_.starts[i], Dismissed{Reason::COMMON});
  }
  word(i, !match);
  return i + 1;
}

int Marker::sign(int i) {
  if (ends_phrase(at(i))) {
    stop(i, Text(at(i)));
  } else if (at(i) == U"&") {
    stop(i, U"and");
  } else if (at(i) == U"'" && clitic(i)) {
    stop(i, U"'" + Text(at(i + 1)));
    marks_.back().end = tokens_.ends[i + 1];
    return i + 2;
  }
  return i + 1;
}

// Whether the apostrophe at i joins a short ending to a word: "woman's", "she's".
bool Marker::clitic(int i) const {
  const bool joins = i > 0 && tokens_.ends[i - 1] == tokens_.starts[i] && i + 1 < count() &&
                     tokens_.starts[i + 1] == tokens_.ends[i];
  return joins && is_clitic(at(i + 1));
}

// Whether the phrase of tokens i to j says of somebody what it says alone.
bool Marker::stands(int i, int j, const Meaning& meaning) const {
  if (meaning.decoy && is_attribute(i, j)) return false;
  const bool left = i > 0 && glued(i - 1), right = glued(j);
  if ((left || right) && !meaning.decoy && !stands_in_compound(j, meaning, right)) return false;
  if (j < count() && at(j - 1) == U"looking" && in(U"looking_where", at(j))) return false;  // "a German looking at a clock"
  if (meaning.behind && j < count() && is_alpha(at(j)) && !in(U"clause_starts", at(j))) {
    const Meaning* following = meaning_of(lex_, at(j));
    return following != nullptr && following->kind == Kind::STOP;  // not "with a tan hat"
  }
  const Trait* trait = meaning.trait;
  const bool colour = meaning.kind == Kind::TONE || (trait != nullptr && trait->direct);
  if (colour && j < count() && in(U"coloured_parts", at(j))) return false;  // "a white haired elf"
  if (trait == nullptr) return meaning.kind != Kind::TITLE;
  if (in(U"hairstyles", at(j - 1)) && is_worn(i) && !before_person(j)) return false;  // "in a short mohawk"
  const bool lower_case = !is_raised(i);
  if (trait->capital && lower_case && (trait->place || !(before_person(j) || is_described(i, j, *trait)))) return false;
  if (j == i + 1 && at(i) == U"christian" && is_raised(i) && j < count()) {
    // A given name before a surname: "Christian Bale".
    const bool named = is_raised(j) && !is_upper(View(prompt_)) && is_alpha(at(j));
    return !named || longest(lex_.phrases, tokens_, j).has_value();
  }
  return true;
}

// "an italian renaissance lady": who follows is described, and in other members no such phrase stands here.
bool Marker::is_attribute(int i, int j) const {
  const Meaning* first = meaning_of(lex_, at(i));
  if (first == nullptr || first->trait == nullptr) return false;
  if (first->trait->direct && j == i + 2 && noun_of(lex_, at(j - 1)) != nullptr && i > 0 && is_raised(i) &&
      is_lower(prompt_[tokens_.starts[j - 1]])) {
    return true;  // "a Black bishop": the piece of chess has no capital
  }
  if (j >= count()) return false;
  const Noun* noun = noun_of(lex_, at(j));
  return noun != nullptr && noun->gender.has_value();
}

// Whether "with", "in" or "has" opens the phrase that token i stands in.
bool Marker::is_worn(int i) const {
  while (i > 0 && (in(U"determiners", at(i - 1)) || in(U"cue_adjectives", at(i - 1)))) --i;
  return i > 0 && in(U"openers", at(i - 1));
}

// "a young pole", "handsome turk", "the danes": a noun phrase of persons ends with the word.
bool Marker::is_described(int i, int j, const Trait& trait) const {
  if (i == 0) {  // "swedes in a sauna"
    const bool doing = in(U"clause_starts", at(j)) || ends_with(at(j), U"ing");
    return trait.plural && doing && !in(U"peoples_or_things", at(i));
  }
  if (!(trait.singular || trait.plural)) return false;
  for (int k = tokens_.ends[i - 1]; k < tokens_.starts[i]; ++k) {
    if (prompt_[k] != U' ') return false;
  }
  const View before = at(i - 1), after = at(j);
  const bool thing = in(U"peoples_or_things", at(i));
  if (!after.empty() && is_alpha(after[0]) && !in(U"clause_starts", after) && !(ends_with(after, U"ing") && (trait.plural || !thing))) {
    const Meaning* following = meaning_of(lex_, after);
    if (following == nullptr || following->kind != Kind::STOP) return false;
  }
  if (in(U"describing_persons", before) || in(U"ages_of_persons", before)) return true;
  const bool led = in(U"before_nouns", before) || in(U"counters", before) || is_decimal(before);
  if (thing) return (led || before == U"old" || before == U"older") && is_shown(i, j);
  return led || in(U"between", before);
}

// "portrait of a pole", "an old pole, smiling", "a pole who waves": said of no thing.
bool Marker::is_shown(int i, int j) const {
  const View behind = at(at(j) == U"," ? j + 1 : j);
  if (in(U"describing_persons", behind) || behind == U"who" || behind == U"wearing") return true;
  for (int k = std::max(0, i - 4); k < i; ++k) {
    if (at(k) == U"portrait") return k + 1 < i && at(k + 1) == U"of";
  }
  return false;
}

// "father-son duo", "African-born", but not "man-sized", "white-haired", "state-of-the-art".
bool Marker::stands_in_compound(int j, const Meaning& meaning, bool right) const {
  if (meaning.kind == Kind::STOP) return at(j - 1) == U"and" || at(j - 1) == U"or";
  const Trait* trait = meaning.trait;
  const View tail = right ? at(j + 1) : View();
  if (in(U"compound_tails", tail) || (right && trait != nullptr && trait->behind)) {
    return false;  // "with his wheelchair-using sister"
  }
  if (!right) return meaning.kind != Kind::TONE;
  const bool colour = meaning.kind == Kind::TONE || meaning.kind == Kind::LITTLE || meaning.kind == Kind::ANIMAL ||
                      (trait != nullptr && trait->direct);
  const bool age = meaning.kind == Kind::AGE && lex_.vocabulary.count(tail) == 0;
  return !colour && !age && !(trait != nullptr && trait->place);
}

void Marker::add(int i, int j, const Meaning& given) {
  int start = tokens_.starts[i];
  const int end = tokens_.ends[j - 1];
  Text said = lower(slice(text_, start, end));
  if (!is_alpha(View(said))) {
    const Text spaced = replace(replace(said, U"-", U" "), U"_", U" ");
    said = join(U" ", split(View(spaced)));
  }
  if (j == i + 1) said = Text(at(i));
  const Meaning& meaning = given.kind == Kind::NAME && !is_raised(i) ? plain_word() : given;
  int value = meaning.value;
  bool near = meaning.near;
  if (meaning.kind == Kind::AGE) near = !in(U"exact_ages", said);
  if (meaning.trait != nullptr) {
    value = meaning.trait->value.value_or(-1);
    near = meaning.trait->near;
  }
  if (meaning.kind == Kind::AGE || meaning.kind == Kind::TRAIT || meaning.kind == Kind::TONE) start = with_intensifiers(i);
  Mark mark;
  mark.start = start;
  mark.end = end;
  mark.kind = meaning.kind;
  mark.word = std::move(said);
  if (meaning.noun != nullptr) mark.noun = *meaning.noun;
  mark.value = value;
  mark.form = meaning.form;
  if (meaning.trait != nullptr) mark.trait = *meaning.trait;
  mark.near = near;
  if (meaning.decoy) mark.was = Kind::NOUN;
  if (meaning.behind) {
    const bool skin = meaning.kind == Kind::SKIN;
    mark.near = true;
    mark.place = skin ? Place::NONE : Place::YEARS;
    mark.literal = skin ? U"with {} skin" : U"";
  }
  marks_.push_back(std::move(mark));
  if (meaning.decoy) document_.dismissed.insert_or_assign(start, Dismissed{Reason::SENSE});
}

// Where the words that only say how much begin: "very very old". Their marks go.
int Marker::with_intensifiers(int i) {
  int start = tokens_.starts[i];
  while (!marks_.empty() && in(U"intensifiers", marks_.back().word)) {
    const Mark& m = marks_.back();
    if (!strip(slice(prompt_, m.end, start)).empty()) break;
    start = m.start;
    marks_.pop_back();
  }
  return start;
}

void Marker::word(int i, bool unknown) {
  const View said = at(i);
  if (!is_alpha(said[0])) return;
  Mark mark;
  mark.start = tokens_.starts[i];
  mark.end = tokens_.ends[i];
  mark.word = Text(said);
  const View written = slice(prompt_, mark.start, mark.end);
  const int* title = find_in(lex_.titles, said);
  bool suffixed = false;
  for (View suffix : lex_.suffixes) suffixed = suffixed || ends_with(said, suffix);
  if (written == U"BREAK" || written == U"AND") {  // separators of prompts in capitals
    mark.kind = Kind::STOP;
    mark.word = U"|";
  } else if (title != nullptr && is_title(i)) {
    mark.kind = Kind::TITLE;
    mark.value = *title;
  } else if (in(U"counted_others", said) && is_numbered(i)) {
    const bool several = ends_with(said, U"s");  // "1other": somebody of no listed gender
    mark.kind = Kind::NOUN;
    mark.word = Text(lex_.neutral[several][1]);
    mark.noun = Noun{NounKind::ROLE, several};
    mark.literal = U" " + mark.word;
  } else if (unknown && ends_like_one(i)) {
    mark.was = Kind::NOUN;
  } else if (unknown && suffixed && !(glued(i - 1) || glued(i + 1))) {
    mark.kind = Kind::NOUN;
    mark.noun = Noun{NounKind::ROLE, ends_with(said, U"s")};
  } else {
    const bool hair = i + 1 < count() && in(U"hair_words", at(i + 1));
    const View* respelled = hair ? nullptr : find_in(lex_.respelled, said);
    if (respelled != nullptr) mark.literal = is_raised(i) ? capitalize(*respelled) : Text(*respelled);
  }
  marks_.push_back(std::move(mark));
}

// "ditchwoman", "two old ditchmen": a word that the lexicon lacks and that says a gender; it is asked about.
bool Marker::ends_like_one(int i) const {
  const View word = at(i);
  if (in(U"not_men", word)) return false;
  for (const std::size_t gender : {0u, 1u}) {
    for (const Words& forms : lex_.plain) {
      if (ends_with(word, forms[gender]) && word.size() >= forms[gender].size() + SHORTEST_STEM) {
        return gender == 0 || is_led(i);
      }
    }
  }
  return false;
}

// Behind an article or an adjective of persons: many names end like men.
bool Marker::is_led(int i) const {
  if (marks_.empty() || !is_lower(prompt_[tokens_.starts[i]])) return false;
  const Mark& before = marks_.back();
  const bool led = in(U"before_nouns", before.word) || in(U"counters", before.word) || before.kind == Kind::AGE ||
                   before.kind == Kind::TRAIT || before.kind == Kind::TONE || before.kind == Kind::LITTLE;
  return led && strip(slice(prompt_, before.end, tokens_.starts[i])).empty();
}

// Whether token i stands right behind a number without a space: "1girl".
bool Marker::is_numbered(int i) const {
  return i > 0 && is_decimal(at(i - 1)) && tokens_.starts[i] == tokens_.ends[i - 1];
}

// A title stands with a capital before a name with one: "Mrs. Kowalski".
bool Marker::is_title(int i) const {
  const int j = at(i + 1) == U"." ? i + 2 : i + 1;
  if (!is_raised(i) || j >= count() || tokens_.starts[j] == tokens_.ends[i]) return false;
  return is_raised(j);
}

}  // namespace

void match(Document& document) { document.insert(Marker(document).run()); }

}  // namespace obclip::passes
