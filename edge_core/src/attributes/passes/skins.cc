// Tones said of skin: "dark skin", "dark-skinned", "skin tone: dark" (edge_sdk/attributes/passes/skins.py).
#include "attributes/looking_up.h"
#include "attributes/passes/passes.h"

namespace obclip::passes {
namespace {

constexpr int LONGEST = 5;       // words of a tone ("medium-dark") at most
constexpr int MOST_BETWEEN = 4;  // adjectives of skin that may stand between

bool is_joint(View token) { return token == U"-" || token == U"_"; }

Text key_of(const Tokens& tokens, int begin, int end) {
  Text key;
  bool first = true;
  for (int i = begin; i < end; ++i) {
    if (is_joint(at(tokens, i))) continue;
    if (!first) key += U'-';
    key += at(tokens, i);
    first = false;
  }
  return key;
}

// Where the longest tone that ends before token `end` begins.
std::optional<int> tone_ending(const Document& document, int end) {
  std::optional<int> found;
  for (int begin = end - 1; begin > std::max(-1, end - 1 - LONGEST); --begin) {
    if (document.lex.tone_keys.count(key_of(document.tokens, begin, end)) != 0) found = begin;
  }
  return document.lex.tones.empty() ? std::nullopt : found;
}

// Mark the tone of tokens begin to end; the tokens from `first` to `behind` are read with it.
void add(Document& document, int begin, int end, bool prefix, int first, int behind) {
  const Tokens& tokens = document.tokens;
  const View tone = *find_in(document.lex.tone_keys, key_of(tokens, begin, end));
  const int* value = find_in(document.lex.tones, tone);
  const Words* values = find_in(document.lex.values, U"skin_tone");
  Mark mark;
  mark.start = tokens.starts[begin];
  mark.end = tokens.ends[end - 1];
  mark.kind = Kind::SKIN;
  mark.word = Text(tone);
  mark.value = value == nullptr ? -1 : *value;
  mark.prefix = prefix;
  const auto place = static_cast<std::size_t>(mark.value);
  mark.near = values == nullptr || mark.value < 0 || place >= values->size() || tone != (*values)[place];
  const int start = tokens.starts[first], stop = tokens.ends[behind - 1];
  for (const Special& other : document.special) {
    if (other.start < stop && start < other.end) return;
  }
  document.special.push_back({start, stop, mark});
}

// "dark skin", "dark-toned skin", "dark glowing skin", "dark-skinned".
void stated_before(Document& document, int i) {
  const Tokens& tokens = document.tokens;
  const bool prefix = document.in_class(U"skinned", at(tokens, i));
  if (at(tokens, i + 1) == U"-" && !prefix && at(tokens, i + 2) != U"toned" && at(tokens, i + 2) != U"tone") {
    return;  // "dark skin-tight suit"
  }
  int j = i;
  const auto step_back = [&] {
    while (j > 0 && is_joint(at(tokens, j - 1))) --j;
  };
  step_back();
  if (!prefix && j > 0 && document.in_class(U"toned", at(tokens, j - 1))) {
    --j;
    step_back();
  }
  for (int n = 0; n < MOST_BETWEEN; ++n) {
    if (const auto begin = tone_ending(document, j)) {
      add(document, *begin, j, prefix, *begin, i + 1);
      return;
    }
    if (j == 0) return;
    const View before = at(tokens, j - 1);
    if (!document.in_class(U"of_skin", before) && !is_one_of(before, {U",", U"and", U"-"})) return;
    --j;
  }
}

// "skin: dark", "skin tone dark", "skin is dark", "whose skin colour is very dark".
bool stated_behind(Document& document, int i) {
  const Tokens& tokens = document.tokens;
  if (document.in_class(U"skinned", at(tokens, i))) return false;
  int j = i + 1;
  const bool tone = is_one_of(at(tokens, j), {U"tone", U"color", U"colour"});
  if (tone) ++j;
  bool says = false;
  while (is_one_of(at(tokens, j), {U":", U"=", U"is", U"was", U"so"})) {
    says = true;
    ++j;
  }
  if (!says && !tone) return false;
  for (int end = std::min(tokens.size(), j + LONGEST); end > j; --end) {
    if (document.lex.tone_keys.count(key_of(tokens, j, end)) == 0) continue;
    if (is_joint(at(tokens, end - 1)) || at(tokens, end) == U"-") continue;
    add(document, j, end, false, i, end);
    return true;
  }
  return false;
}

}  // namespace

void skins(Document& document) {
  for (int i = 0; i < document.tokens.size(); ++i) {
    if (document.in_class(U"skin_words", at(document.tokens, i)) && !stated_behind(document, i)) stated_before(document, i);
  }
}

}  // namespace obclip::passes
