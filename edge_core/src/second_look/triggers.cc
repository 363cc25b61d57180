// An unknown token that stands where a person's name would: "a photo of tabiswat, a woman" (edge_sdk/second_look/triggers.py).
#include "second_look/triggers.h"

#include <algorithm>

#include "second_look/company.h"
#include "second_look/glued.h"

namespace obclip::second_look {
namespace {

constexpr std::size_t LEAST = 4;
constexpr int REACH = 8;  // how many words after the token the person may be named
constexpr Bits OTHER = WORD | RARE | PLACE | FICTION | STYLE | PERSON;
constexpr int FEWEST_VOWELS = 2;

bool any(Bits bits) { return bits != 0; }
int size_of(const Tokens& tokens) { return static_cast<int>(tokens.size()); }
std::size_t letters_in(View text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char32_t c) { return is_alpha(c); }));
}

// Whether the token's item of the list ends behind it.
bool ends_item(const Tokens& tokens, int i) { return i + 1 == size_of(tokens) || tokens[i + 1].segment != tokens[i].segment; }

// Whether digits stand between its letters: "jenn1f1850".
bool is_coded(View text) {
  const View core = strip_digits(text);
  return has_digit(core) && letters_in(core) >= LEAST;
}

// Whether "photo of" stands right before token i.
bool is_pictured(const Tokens& tokens, int i) {
  return i > 1 && tokens[i - 1].folded == U"of" && in_context(U"pictures", tokens[i - 2].folded);
}

// Whether the token's item ends behind it or goes on with a person, and a person is named soon.
bool is_person_near(const Tokens& tokens, const Known& known, int behind, int segment) {
  for (int k = behind; k < std::min(behind + REACH, size_of(tokens)); ++k) {
    if (in_context(U"person_nouns", tokens[k].folded)) return true;
    const bool plain = any(known[k] & QUALITY) || in_context(U"determiners", tokens[k].folded);
    if (tokens[k].segment == segment && !plain) return false;
  }
  return false;
}

// Whether token i stands where the name of who is pictured would.
bool is_placed(const Tokens& tokens, const Known& known, int i) {
  const Token& token = tokens[i];
  const int count = size_of(tokens);
  int behind = i + 1;
  const bool coded = is_coded(token.text);
  if (coded && behind < count && tokens[behind].gap == U"-" && is_digit(View(tokens[behind].folded))) {
    return true;  // "v1tell-2500": the steps that it was trained for
  }
  while (behind < count && (tokens[behind].gap.empty() || tokens[behind].gap == U"-") &&
         is_digit(remove_prefix(tokens[behind].folded, U"v"))) {
    ++behind;  // "madpetsch-5400", "anneli-v2"
  }
  if (behind < count && tokens[behind].segment == token.segment && strip(tokens[behind].gap, U"-").empty()) {
    const View after = tokens[behind].folded, text = token.text;
    const bool mixed = has_digit(text) || !(is_lower(text) || is_title(text));
    if (after == U"person" || (mixed && in_context(U"person_nouns", after))) return true;
  }
  return is_pictured(tokens, i) && (coded || is_person_near(tokens, known, behind, token.segment));
}

// Whether a token is a name, or a word on no list, with a number or a version behind: "steph1", "AiriV4".
bool is_versioned(const Token& token, Bits bits, const Table& look) {
  View core = rstrip_digits(token.text);
  if (core.size() == token.text.size() || any(bits & ~(SCARCE | SURNAME | GIVEN))) return false;
  if ((ends_with(core, U"v") || ends_with(core, U"V")) && core.size() > LEAST) core = core.substr(0, core.size() - 1);
  const Text word = lower(core);
  if (core.size() < LEAST || !is_alpha(core) || is_upper(core) || is_style_trigger(token.text)) return false;
  if (in_context(U"triggers", word) || in_context(U"model_words", word) || vowels(word) == 0) return false;
  const Bits found = look.known(word);
  if (found != 0) return any(found & (NAME | TOP)) && !any(found & OTHER);
  return !made_of_words(word, look) && !mistyped(word, look);
}

// Whether hyphens join a given name to a code: "nbdy-isabella-sd15", "olga-v2".
bool is_coded_name(const Tokens& tokens, const Known& known, int i) {
  if (!any(known[i] & (TOP | GIVEN)) || any(known[i] & OTHER) || tokens[i].text.size() < LEAST) return false;
  for (int k : {i - 1, i + 1}) {
    if (k < 0 || k >= size_of(tokens) || tokens[std::max(i, k)].gap != U"-") continue;
    if (has_digit(tokens[k].text) || known[k] == 0) return true;
  }
  return false;
}

// Whether an item is a word on no list, as characters' names are in lists of tags: "koharu".
bool is_strange(const Token& token, Bits bits, const Table& look) {
  const View word = token.folded;
  if (bits != 0 || word.size() <= LEAST || !is_ascii(word) || !is_alpha(word) || !is_lower(View(token.text).substr(1))) {
    return false;
  }
  if (in_context(U"triggers", word) || is_style_trigger(word) || vowels(word) < FEWEST_VOWELS) return false;
  return !made_of_words(word, look) && !mistyped(word, look);
}

// Whether the token takes a person's place while the picture is made: "[a bald man:ElectroBoom:0.3]".
bool is_swapped(const Tokens& tokens, const Known& known, const Marked& persons, int i) {
  const Token& token = tokens[i];
  if (i == 0 || token.gap != U":" || token.start != tokens[i - 1].end + 1 || !token.capital()) return false;
  if (any(known[i] & OTHER) || token.text.size() < LEAST || is_upper(View(token.text))) return false;
  return std::any_of(persons.begin(), persons.end(), [&](int k) { return tokens[k].segment == tokens[i - 1].segment; });
}

// Whether no list has the token, and it is no slip or compound of words (two short words are none at an end).
bool is_unknown(const Token& token, Bits bits, const Table& look, bool ends) {
  if (any(bits & ~(SCARCE | SURNAME | BEGINS)) || token.text.size() < LEAST) return false;
  const View word = token.folded;
  if (in_context(U"triggers", word) || letters_in(word) < LEAST) return false;
  return !(is_alpha(word) && ((!ends && made_of_words(word, look)) || mistyped(word, look)));
}

}  // namespace

Marked trigger_words(const Tokens& tokens, const Known& known, const Flags& is_public, const Table& look) {
  const Marked persons = somebody(tokens, known);
  const bool listing = std::any_of(tokens.begin(), tokens.end(), [](const Token& t) { return is_counted(t); });
  std::set<Text> things;
  if (listing) things = things_named(tokens, known);
  Marked out;
  for (int i = 0; i < size_of(tokens); ++i) {
    if (is_public[i]) continue;
    const Token& token = tokens[i];
    const bool placed = is_placed(tokens, known, i) && is_unknown(token, known[i], look, ends_item(tokens, i));
    const bool coded = !placed && others(persons, i) && (is_versioned(token, known[i], look) || is_coded_name(tokens, known, i));
    const bool item = (i == 0 || tokens[i - 1].segment != token.segment) && ends_item(tokens, i);
    const bool strange = !placed && !coded && listing && item && things.count(token.folded) == 0 && is_strange(token, known[i], look);
    if (placed || coded || strange || is_swapped(tokens, known, persons, i)) out.insert(i);
  }
  return out;
}

}  // namespace obclip::second_look
