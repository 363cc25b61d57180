// Names and words for persons written as one token: "selenagomez", "StacyKeibler2" (edge_sdk/second_look/glued.py).
#include "second_look/glued.h"

#include <algorithm>

namespace obclip::second_look {
namespace {

constexpr int MOST_LEET = 5;    // more digits for letters in one token are a number
constexpr std::size_t HIDDEN = 2;  // so many digits for letters are no slip: who writes them hides a word
constexpr std::size_t LEAST_GIVEN = 4, LEAST_SURNAME = 4, LEAST_PART = 3, LEAST_TOKEN = 7;
constexpr View NUMBERING = U"0123456789_-";

bool any(Bits bits) { return bits != 0; }
bool is_given(Bits bits) { return any(bits & (GIVEN | TOP)) && !any(bits & (WORD | FICTION)); }
bool is_surname(Bits bits) { return any(bits & SURNAME) || (bits & AXIS) == ALSO_SURNAME; }

View leet(char32_t c) {
  switch (c) {
    case U'0': return U"o";
    case U'1': return U"il";
    case U'3': return U"e";
    case U'4': return U"a";
    case U'5': return U"s";
    case U'7': return U"t";
    case U'8': return U"b";
    default: return {};
  }
}

// A token with digits between its letters, as the words that it may be read as: "l1vvydunne" two ways.
std::vector<Text> readings(View text) {
  const Text low = lower(text);
  const View core = rstrip(View(low), NUMBERING);
  std::vector<View> words = {lstrip(core, NUMBERING)};
  if (core != words[0]) words.push_back(core);
  std::vector<Text> found;
  for (View word : words) {
    int inner = 0;
    bool readable = true;
    for (char32_t c : word) {
      inner += is_digit(c);
      readable = readable && (is_alpha(c) || !leet(c).empty());
    }
    if (inner < 1 || inner > MOST_LEET || !readable) continue;
    std::vector<Text> out = {U""};
    for (char32_t c : word) {
      const View letters = leet(c).empty() ? View(&c, 1) : leet(c);
      std::vector<Text> longer;
      for (const Text& r : out) {
        for (char32_t letter : letters) longer.push_back(r + letter);
      }
      out = std::move(longer);
    }
    found.insert(found.end(), out.begin(), out.end());
  }
  return found;
}

// Whether a given name stands before a surname, or behind one, among the parts of a token.
bool follow(const std::vector<Text>& parts, const Table& look) {
  for (std::size_t k = 0; k + 1 < parts.size(); ++k) {
    const Text &a = parts[k], &b = parts[k + 1];
    const Bits x = look.known(a), y = look.known(b);
    const bool is_long = a.size() > 2 && b.size() > 2;
    const bool unknown = !any(y & (DICTIONARY | PLACE | FICTION)) && b.size() >= LEAST_SURNAME;
    const bool scarce = any(x & SCARCE) && !any(x & (DICTIONARY | FICTION)) && a.size() > LEAST_GIVEN;
    const bool named = is_surname(y) || unknown || (any(y & NAME) && !any(y & WORD));
    if (is_long && (is_given(x) || scarce) && named) return true;
    const bool wordy = any(x & GIVEN) && any(x & WORD) && !any(y & DICTIONARY);
    if (is_long && wordy && a.size() >= LEAST_GIVEN && (any(y & SURNAME) || unknown)) return true;
    const bool turned = any(x & SURNAME) && !any(x & (DICTIONARY | FICTION));
    if (is_long && turned && is_given(y) && !any(x & PLACE)) return true;
  }
  return false;
}

// "PJensen": a capital before a surname.
bool is_initialed(View text, const Table& look) {
  const View name = rstrip_digits(text);
  if (name.size() < LEAST_SURNAME + 1 || !is_alpha(name) || !is_upper(name.substr(0, 2)) || !is_lower(name.substr(2))) {
    return false;
  }
  const Bits bits = look.known(fold(name.substr(1)));
  return any(bits & SURNAME) && !any(bits & (DICTIONARY | PLACE | FICTION));
}

// Whether one part of several is a name by itself: a character's, or a given name beside codes ("re4ashley").
bool is_called(const std::vector<Text>& parts, View text, const Table& look) {
  const bool numbered = has_digit(text) && !is_digit(text[0]);  // "1skelton" is a count
  bool worded = false, work = false;
  for (const Text& part : parts) {
    worded = worded || (any(look.known(part) & WORD) && part.size() >= LEAST_GIVEN);
    work = work || in_context(U"series_short", part);
  }
  for (const Text& part : parts) {
    const Bits b = look.known(part);
    const bool is_long = part.size() >= LEAST_GIVEN;
    if (is_long && parts.size() > 1 && (axis_of(b) == U"identity" || (work && any(b & (FICTION | GIVEN))))) return true;
    const bool scarce = any(b & SCARCE) && !any(b & (DICTIONARY | PLACE | FICTION)) && part.size() >= LEAST_TOKEN;
    const bool given = scarce || (is_given(b) && (any(b & TOP) || part.size() > LEAST_GIVEN));
    const bool surname = any(b & SURNAME) && !any(b & (DICTIONARY | PLACE | FICTION | STYLE));
    const bool alone = parts.size() == 1 && part.size() > LEAST_GIVEN;
    if (is_long && !worded && ((given && (parts.size() > 1 || (numbered && alone))) || (surname && numbered && alone))) {
      return true;
    }
  }
  return false;
}

// Whether `a` is a given name and `b` may be the surname behind it, or the other way round.
bool is_full(View a, View b, Bits x, Bits y) {
  const bool given = is_given(x) && (a.size() >= LEAST_GIVEN || any(x & TOP));
  const bool scarce = any(x & SCARCE) && !any(x & DICTIONARY) && a.size() > LEAST_GIVEN;
  const bool plain = !any(y & (DICTIONARY | FICTION));
  if (given && is_surname(y) && (b.size() >= LEAST_SURNAME || a.size() > LEAST_GIVEN)) return true;
  if ((given || scarce) && !any(y & (WORD | FICTION)) && any(y & (NAME | STYLE))) {
    return b.size() >= LEAST_SURNAME || (a.size() > LEAST_TOKEN - 1 && any(y & SURNAME));
  }
  if ((given || scarce) && y == 0 && b.size() > LEAST_SURNAME && vowels(b) > 0) {
    const auto& tails = context(U"suffixes");
    return std::none_of(tails.begin(), tails.end(), [b](View tail) { return ends_with(b, tail); });
  }
  if (given && !any(x & PLACE) && any(y & WORD) && a.size() >= LEAST_GIVEN && b.size() >= LEAST_SURNAME) return true;
  const bool wordy = any(x & GIVEN) && any(x & WORD) && a.size() >= LEAST_GIVEN;
  if (wordy && (plain || any(y & GIVEN)) && any(y & SURNAME) && b.size() > LEAST_SURNAME) return true;  // "daisyridley"
  const bool turned = any(x & SURNAME) && !any(x & (WORD | PLACE | AXIS));
  return turned && any(y & TOP) && is_given(y) && b.size() >= LEAST_GIVEN;
}

// Whether an unknown word of letters is a given name and a surname written together.
bool cut(View word, const Table& look) {
  const Bits bits = look.known(word);
  if (bits != 0) return axis_of(bits) == U"identity";
  for (View end : {U"s"sv, U"d"sv, U"ed"sv, U"es"sv, U"er"sv, U"ers"sv, U"ing"sv, U"ly"sv}) {
    if (ends_with(word, end) && any(look.known(word.substr(0, word.size() - end.size())) & DICTIONARY)) {
      return false;  // "jackhammered"
    }
  }
  struct Pair {
    View a, b;
    Bits x, y;
  };
  std::vector<Pair> pairs;
  for (std::size_t k = LEAST_PART; k + LEAST_PART <= word.size(); ++k) {
    const View a = word.substr(0, k), b = word.substr(k);
    pairs.push_back({a, b, look.known(a), look.known(b)});
  }
  for (const Pair& p : pairs) {
    if (is_given(p.x)) continue;
    if (any(p.x & DICTIONARY) && any(p.y & DICTIONARY) && any((p.x | p.y) & WORD)) return false;  // "headwrap"
  }
  return std::any_of(pairs.begin(), pairs.end(), [](const Pair& p) { return is_full(p.a, p.b, p.x, p.y); });
}

// Whether a token with digits for letters is a name: who writes "k4t3m1d" hides one.
bool disguises(View word, std::size_t digits, const Table& look) {
  if (word.size() < LEAST_TOKEN - 1) return false;
  if (cut(word, look)) return true;
  if (digits < HIDDEN) return false;
  const Bits whole = look.known(word);
  if (any(whole & NAME) && !any(whole & (WORD | FICTION | PLACE))) return true;
  for (std::size_t k = LEAST_GIVEN; k + 1 < word.size(); ++k) {
    if (is_given(look.known(word.substr(0, k)))) return true;
  }
  return false;
}

// Whether one letter is changed, swapped, left out or put in.
bool is_slip(View word, View meant) {
  const std::size_t n = word.size(), m = meant.size();
  if (word == meant || std::max(n, m) - std::min(n, m) > 1 || word.substr(0, 1) != meant.substr(0, 1)) return false;
  if (n == m) {
    std::vector<std::size_t> off;
    for (std::size_t k = 0; k < n; ++k) {
      if (word[k] != meant[k]) off.push_back(k);
    }
    const std::size_t first = off.front(), last = off.back();
    const bool swapped = last == first + 1 && word[first] == meant[last] && word[last] == meant[first];
    return off.size() == 1 || swapped;
  }
  const View small = n < m ? word : meant, large = n < m ? meant : word;
  for (std::size_t k = 0; k < large.size(); ++k) {
    if (Text(large.substr(0, k)) + Text(large.substr(k + 1)) == small) return true;
  }
  return false;
}

}  // namespace

std::vector<Text> pieces(View text) {
  std::vector<Text> out;
  Text run;
  const auto close = [&] {
    if (!run.empty()) out.push_back(fold(run));
    run.clear();
  };
  for (std::size_t k = 0; k < text.size(); ++k) {
    const char32_t c = text[k];
    const bool inner = !run.empty() && is_upper(c) && (!is_upper(run.back()) || (k + 1 < text.size() && is_lower(text[k + 1])));
    if (!is_alpha(c) || inner) close();
    if (is_alpha(c)) run += c;
  }
  close();
  return out;
}

bool made_of_words(View word, const Table& look) {
  for (View suffix : context(U"suffixes")) {
    if (ends_with(word, suffix) && any(look.known(word.substr(0, word.size() - suffix.size())) & WORD)) return true;
  }
  for (std::size_t k = LEAST_PART; k + LEAST_PART <= word.size(); ++k) {
    const Bits a = look.known(word.substr(0, k)), b = look.known(word.substr(k));
    if (any(a & DICTIONARY) && any(b & DICTIONARY) && any((a | b) & WORD)) return true;
  }
  return false;
}

bool holds_name(View text, const Table& look) {
  if (std::none_of(text.begin(), text.end(), [](char32_t c) { return is_alpha(c); })) return false;
  std::vector<Text> parts, named;
  for (Text& part : pieces(text)) {
    if (in_context(U"model_words", part)) continue;
    if (!in_context(U"inner_particles", part)) named.push_back(part);
    parts.push_back(std::move(part));
  }
  if (follow(named, look) || is_initialed(text, look)) return true;
  if (is_called(parts, text, look)) return true;
  Text letters;
  for (char32_t c : text) {
    if (is_alpha(c)) letters += c;
  }
  for (View title : {U"miss"sv, U"mister"sv, U"queen"sv, U"princess"sv, U"lady"sv}) {
    const View rest = parts.size() == 1 ? remove_prefix(parts[0], title) : View();
    if (!rest.empty() && rest != parts[0] && rest.size() >= LEAST_SURNAME && look.known(parts[0]) == 0) return true;
  }
  if (parts.size() == 1 && parts[0].size() >= LEAST_TOKEN && parts[0] == fold(letters)) return cut(parts[0], look);
  for (const Text& reading : readings(text)) {
    if (disguises(reading, text.size() - letters.size(), look)) return true;
  }
  return false;
}

namespace {

// Whether one of these words begins the word, and a known word, or two, follow: "womenintech", "wheelchairlife".
bool is_first(View word, const std::vector<View>& firsts, const Table& look) {
  for (View first : firsts) {
    const View rest = remove_prefix(word, first);
    if (rest.size() == word.size()) continue;
    std::vector<View> ends{rest};
    for (View joint : context(U"glued_joints")) {
      if (starts_with(rest, joint)) ends.push_back(rest.substr(joint.size()));
    }
    for (View end : ends) {
      if (end.size() >= LEAST_PART && (any(look.known(end)) || made_of_words(end, look))) return true;
    }
  }
  return false;
}

// Whether an attribute and a noun for a person stand before another word: "blackgirlsurf", not "oldmansion".
bool is_described(View word, const Table& look) {
  for (View first : context(U"glued_attributes")) {
    const View noun = remove_prefix(word, first);
    if (noun.size() == word.size() || any(look.known(noun) & DICTIONARY)) continue;
    if (is_first(noun, context(U"glued_nouns"), look)) return true;
  }
  return false;
}

}  // namespace

View glued_axis(View word, const Table& look) {
  if (word.size() < LEAST_TOKEN - 1 || !is_alpha(word)) return {};
  for (View axis : {U"gender"sv, U"age"sv}) {
    for (View end : context(axis == U"gender" ? U"glued_gender" : U"glued_age")) {
      if (ends_with(word, end) && word.size() > end.size()) return axis;
    }
  }
  for (std::size_t k = LEAST_GIVEN; k + LEAST_GIVEN <= word.size(); ++k) {
    if (axis_of(look.known(word.substr(0, k))) != U"ethnicity") continue;
    for (View head : context(U"glued_behind_people")) {
      if (starts_with(word.substr(k), head)) return U"ethnicity";
    }
  }
  for (View axis : {U"gender"sv, U"religion"sv, U"ethnicity"sv, U"disability"sv}) {
    if (is_first(word, context(Text(U"glued_first_") + Text(axis)), look)) return axis;
  }
  return is_described(word, look) ? U"gender"sv : View();
}

View numbered_axis(View text, const Table& look) {
  const Text folded = fold(text);
  const View word = lstrip_digits(folded);
  if (word.size() == text.size() || !is_alpha(word) || any(look.known(word) & DICTIONARY)) return {};
  for (View meant : context(U"counted")) {
    if (is_slip(word, meant)) return U"gender";
  }
  return {};
}

}  // namespace obclip::second_look
