// Rules beside the weights: which words are left to them, what a listed word says here, and where a name ends
// (edge_sdk/second_look/rules.py).
#include "second_look/rules.h"

#include <algorithm>

#include "second_look/features.h"

namespace obclip::second_look {
namespace {

constexpr std::size_t SHORT = 4;
constexpr std::size_t LEAST_TYPO = 5;
constexpr View LETTERS = U"abcdefghijklmnopqrstuvwxyz";

int size_of(const Tokens& tokens) { return static_cast<int>(tokens.size()); }
bool any(Bits bits) { return bits != 0; }

bool ends_with_any(View word, std::initializer_list<View> tails) {
  return std::any_of(tails.begin(), tails.end(), [word](View tail) { return ends_with(word, tail); });
}

// Whether a capitalised thing follows: "Bondi Beach".
bool names_thing(const Tokens& tokens, const Known& known, int i) {
  if (i + 1 == size_of(tokens) || !tokens[i + 1].gap.empty() || !tokens[i + 1].capital() || any(known[i] & (GIVEN | TOP))) {
    return false;
  }
  const Bits right = known[i + 1];
  return any(right & WORD) && !any(right & (NAME | PERSON)) && tokens[i + 1].text.size() > SHORT;
}

// Whether a common word beside it is capitalised too ("Wide Angle"), so that capitals say nothing.
bool titled(const Tokens& tokens, const Known& known, int i) {
  for (int k : {i - 1, i + 1}) {
    const bool beside = 0 < k && k < size_of(tokens) && tokens[k].segment == tokens[i].segment;
    const bool raised = beside && tokens[k].capital() && !in_context(U"titles", tokens[k].folded);
    if (raised && any(known[k] & WORD) && !any(known[k] & NAME)) return true;
  }
  return false;
}

// Whether a word that is a place as well stands as one: "the canals of Venice".
bool is_place(const Tokens& tokens, Bits bits, int i) {
  const bool low = !tokens[i].capital() && !any(bits & TOP);
  return any(bits & PLACE) && (low || (i > 0 && in_context(U"place_before", tokens[i - 1].folded)));
}

// The items of a list of tags are counted persons: "1girl".
bool is_tag_list(const Tokens& tokens) {
  return std::any_of(tokens.begin(), tokens.end(), [](const Token& t) {
    if (t.folded.empty() || !is_digit(t.folded[0])) return false;
    const View word = lstrip_digits(t.folded);
    return word == U"girl" || word == U"girls" || word == U"boy" || word == U"boys";
  });
}

// Whether a token is one letter and no initial of a name: an article ("A bro"), or lower case.
bool is_letter(const Token& token) {
  return token.text.size() == 1 && token.text[0] < 0x80 && (token.folded == U"a" || !token.capital());
}

}  // namespace

bool is_open(const Tokens& tokens, const Known& known, int i, char32_t written) {
  const Token& token = tokens[i];
  const Bits bits = known[i];
  const std::size_t size = token.text.size();
  if (token.folded.size() < 2 || !is_alpha(View(token.folded))) return false;
  const bool is_short = (size <= SHORT && is_upper(View(token.text))) || (size < SHORT && any(bits & WORD));
  if (is_short && !any(bits & TOP)) return false;
  if (!token.capital() && size < SHORT && (bits == 0 || size < SHORT - 1)) return false;
  if (written == U'n' && names_thing(tokens, known, i)) return false;
  if (!any(bits & (NAME | TOP)) && vowels(token.folded) == 0 && is_ascii(View(token.text))) return false;  // "xx"
  const bool article = i > 0 && (tokens[i - 1].folded == U"a" || tokens[i - 1].folded == U"an") &&
                       tokens[i - 1].segment == token.segment;
  if (article && any(bits & TOP) && !token.capital()) return false;  // "a jack and a king"
  if (!any(bits & (GIVEN | SCARCE | TOP)) && !token.capital() && describes(tokens, known, i)) return false;
  if (!is_title(View(token.text)) && is_style_trigger(token.text)) return false;  // "AzulejoAI"
  if (any(bits & WORD) && i + 1 < size_of(tokens) && in_context(U"gear", tokens[i + 1].folded) && tokens[i + 1].gap.empty()) {
    return false;  // "wide Angle lens"
  }
  if (any(bits & DICTIONARY) && !any(bits & TOP)) {
    const bool raised = token.capital() && any(bits & NAME) && !titled(tokens, known, i);
    return raised && (written == U'n' || !any(bits & WORD)) && !is_place(tokens, bits, i);
  }
  return !is_place(tokens, bits, i);
}

bool is_style_trigger(View text) {
  View core = rstrip_digits(text);
  if (core != text && (ends_with(core, U"v") || ends_with(core, U"V"))) core = core.substr(0, core.size() - 1);
  return ends_with_any(core, {U"AI", U"XL", U"SD", U"Style", U"style", U"Mix", U"LoRA", U"Lora"}) ||
         ends_with_any(lower(core), {U"punkai", U"punk", U"core", U"wave", U"style", U"diffusion", U"mix", U"lora", U"sdxl"});
}

bool describes(const Tokens& tokens, const Known& known, int i) {
  if (i + 1 == size_of(tokens) || tokens[i + 1].segment != tokens[i].segment || !tokens[i + 1].gap.empty()) return false;
  const View word = tokens[i + 1].folded;
  const Bits bits = known[i + 1];
  const bool plural = ends_with(word, U"s") && !ends_with(word, U"ss");  // "dress"
  const bool acts = plural || ends_with(word, U"ing") || ends_with(word, U"ed") || in_context(U"behind_noun", word) ||
                    in_context(U"acts", word);
  return any(bits & WORD) && !any(bits & (PERSON | QUALITY | SURNAME)) && !acts && !in_context(U"pictures", word);
}

bool mistyped(View word, const Table& look) {
  if (word.size() < LEAST_TYPO) return false;
  const auto common = [&look](const Text& near) {
    const Bits bits = look.known(near);
    return any(bits & WORD) && !any(bits & NAME);
  };
  const std::size_t n = word.size();
  for (std::size_t k = 0; k < n; ++k) {
    Text near(word);
    near.erase(k, 1);
    if (common(near)) return true;
  }
  for (std::size_t k = 0; k + 1 < n; ++k) {
    Text near(word);
    std::swap(near[k], near[k + 1]);
    if (common(near)) return true;
  }
  for (std::size_t k = 1; k <= n; ++k) {
    for (char32_t c : LETTERS) {
      Text near(word);
      if (k < n) {
        near[k] = c;
        if (common(near)) return true;
        near[k] = word[k];
      }
      near.insert(k, 1, c);
      if (common(near)) return true;
    }
  }
  return false;
}

bool says_axis(const Tokens& tokens, const Known& known, int first, int behind, Bits bits, View axis) {
  if (axis == U"identity") return true;
  const bool people = axis == U"ethnicity", doubtful = any(bits & DOUBTFUL);
  if (!doubtful && !people) return true;
  if (doubtful && people && !tokens[first].capital()) return false;
  const int segment = tokens[first].segment, count = size_of(tokens);
  const View left = first > 0 && tokens[first - 1].segment == segment ? View(tokens[first - 1].folded) : View();
  const bool determined = in_context(U"determiners", left);
  bool thing = false;
  for (int k = behind; k < std::min(behind + 4, count); ++k) {
    const View word = tokens[k].folded;
    if (tokens[k].segment != segment || in_context(U"behind_noun", word)) break;
    const bool person = ends_with_any(word, {U"man", U"men", U"woman", U"women", U"ist", U"ists", U"driver", U"seller",
                                             U"maker", U"keeper", U"carver", U"lady"});
    if (any(known[k] & PERSON) || person) return true;
    thing = thing || (any(known[k] & WORD) && !any(known[k] & QUALITY));
  }
  if (thing) return false;
  if (behind == count || tokens[behind].segment != segment || left.empty()) return determined || (left.empty() && !doubtful);
  const View right = tokens[behind].folded;
  return determined && (in_context(U"behind_noun", right) || ends_with(right, U"ing"));
}

bool names_work(const Tokens& tokens, int first, int behind) {
  const bool beside = behind < size_of(tokens) && tokens[behind].segment == tokens[first].segment && tokens[behind].gap.empty();
  return beside && in_context(U"works", tokens[behind].folded);
}

Marked full_names(const Tokens& tokens, const Known& known, const Flags& is_public, const Phrases& phrases) {
  Marked listed, found;
  for (const Phrase& p : phrases) {
    for (int i = p.first; p.behind > p.first + 1 && i < p.behind; ++i) listed.insert(i);
  }
  const bool counted = is_tag_list(tokens);
  constexpr Bits OTHER = WORD | FICTION | STYLE;
  const int count = size_of(tokens);
  for (int i = 0; i < count; ++i) {
    const bool begins = i == 0 || tokens[i - 1].segment != tokens[i].segment;
    const bool ends = i + 1 == count || tokens[i + 1].segment != tokens[i].segment;
    const bool named = any(known[i] & (TOP | GIVEN)) || (any(known[i] & SCARCE) && counted);
    const bool single = named && !any(known[i] & (OTHER | RARE | PLACE | AXIS));
    if (begins && ends && single && !is_public[i] && tokens[i].text.size() > SHORT - 1) found.insert(i);
    if (ends || !tokens[i + 1].gap.empty() || is_public[i] || is_public[i + 1] || listed.count(i) != 0 || listed.count(i + 1) != 0) {
      continue;
    }
    const Bits a = known[i], b = known[i + 1];
    if (any((a | b) & OTHER) || any(a & b & PLACE) || is_letter(tokens[i]) || is_letter(tokens[i + 1])) continue;
    const bool alone = begins && (i + 2 == count || tokens[i + 2].segment != tokens[i].segment);
    const bool unlisted = !any((a | b) & (RARE | PLACE | AXIS)) && any((a | b) & NAME);
    const bool pair = counted && alone && unlisted && tokens[i].text.size() > 1 && is_alpha(View(tokens[i].text));
    const bool first = any(a & (GIVEN | TOP)) && any(b & SURNAME) && !any(b & RARE);
    const bool turned = alone && any(a & SURNAME) && any(b & NAME) && !any((a | b) & RARE);
    if (first || turned || (pair && is_alpha(View(tokens[i + 1].text)))) found.insert({i, i + 1});
  }
  return found;
}

void extend_names(const Tokens& tokens, const Known& known, const Flags& is_public, Axes& axes, char32_t written) {
  const int count = size_of(tokens);
  for (int i = 1; i < count; ++i) {
    const Token &token = tokens[i], &left = tokens[i - 1];
    const bool dot = token.gap == U".";
    const bool joined = (token.gap.empty() || token.gap == U"-" || dot) && token.segment - left.segment <= (dot ? 1 : 0);
    if (!axes[i].empty() || is_public[i] || !joined) continue;
    const bool stone = written == U'n' && any(known[i - 1] & TOP);
    if (any(known[i] & WORD) && !any(known[i] & SURNAME) && !(stone && token.capital())) continue;
    const bool raised = token.capital() && is_alpha(View(token.folded));
    const bool surname = any(known[i] & SURNAME) && !any(known[i] & WORD) && token.text.size() > 1;
    const bool particle = in_context(U"particles", token.folded) && i + 1 < count && tokens[i + 1].capital();
    const bool after_name = axes[i - 1] == U"identity" && (raised || surname || particle);
    if (after_name || (in_context(U"titles", left.folded) && raised && shape(token) == U'C')) axes[i] = U"identity";
  }
  for (int i = count - 2; i >= 0; --i) {
    const Token &token = tokens[i], &right = tokens[i + 1];
    const bool near = axes[i + 1] == U"identity" && (right.gap.empty() || right.gap == U"-") && right.capital();
    if (near && axes[i].empty() && !is_public[i] && shape(token) == U'C' && !any(known[i] & (DICTIONARY | PLACE))) {
      axes[i] = U"identity";
    }
  }
}

void mark_called(const Tokens& tokens, const Known& known, Axes& axes) {
  for (int i = 2; i < size_of(tokens); ++i) {
    const View word = tokens[i - 1].folded;
    const bool told = (word == U"named" || word == U"called") && any(known[i - 2] & PERSON);
    if (told && tokens[i].capital() && tokens[i].segment == tokens[i - 2].segment && axes[i].empty()) axes[i] = U"identity";
  }
}

void mark_origins(const Tokens& tokens, const Known& known, Axes& axes) {
  const int count = size_of(tokens);
  for (int i = 1; i < count - 1; ++i) {
    const Token& place = tokens[i + 1];
    const View word = tokens[i].folded, left = tokens[i - 1].folded;
    if (place.segment != tokens[i].segment || !(axes[i + 1].empty() || axes[i + 1] == U"identity")) continue;
    if (any(known[i + 1] & FICTION)) continue;
    const bool comes = word == U"from" && (any(known[i - 1] & PERSON) || in_context(U"origin_verbs", left));
    const bool born = word == U"in" && (left == U"born" || left == U"raised");
    if (!(comes || born) || !(place.capital() || any(known[i + 1] & PLACE))) continue;
    for (int k = i + 1; k < count && tokens[k].segment == place.segment && (k == i + 1 || tokens[k].capital()); ++k) {
      axes[k] = U"nationality";
    }
  }
}

}  // namespace obclip::second_look
