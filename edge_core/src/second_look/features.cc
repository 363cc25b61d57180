// What the weights look at: shape, spelling, lists, and the words around (edge_sdk/second_look/features.py).
#include "second_look/features.h"

#include <algorithm>
#include <utility>

namespace obclip::second_look {
namespace {

// What the lists say of a word, in few letters.
Text signature(Bits known) {
  if (known == 0) return U"?";
  constexpr std::pair<char32_t, Bits> LETTERS[] = {{U'w', WORD}, {U'r', RARE},   {U'g', GIVEN},   {U'c', SCARCE},
                                                   {U's', SURNAME}, {U't', TOP}, {U'p', PLACE},   {U'n', PERSON},
                                                   {U'q', QUALITY}, {U'f', FICTION}, {U'a', STYLE}};
  Text out;
  for (const auto& [letter, bits] : LETTERS) {
    if ((known & bits) != 0) out += letter;
  }
  const View axis = axis_of(known);
  if (!axis.empty()) out += axis[0] - 0x20;  // the axes' names begin with small ASCII letters
  return out;
}

// The word `step` away and its signature; where a stop lies between, the stop stands before it.
std::pair<Text, Text> beside(const Tokens& tokens, const Known& known, int i, int step) {
  const int k = i + step;
  if (k < 0 || k >= static_cast<int>(tokens.size())) return {k < 0 ? U"^" : U"$", U"^"};
  const Text stop = tokens[k].segment != tokens[i].segment ? U"," : U"";
  const bool plain = (known[k] & DICTIONARY) != 0 || tokens[k].folded.size() < 4;
  return {stop + (plain ? tokens[k].folded : Text(U"?")), stop + signature(known[k])};
}

// Pieces of two to four letters, ends marked.
void add_spelled(View word, std::vector<Text>& out) {
  const Text framed = U"<" + Text(word) + U">";
  for (std::size_t n = 2; n <= 4; ++n) {
    for (std::size_t i = 0; i + n <= framed.size(); ++i) out.push_back(text_of(static_cast<int>(n)) + framed.substr(i, n));
  }
}

}  // namespace

char32_t shape(const Token& token) {
  const View text = token.text;
  if (has_digit(text)) return U'd';
  if (is_lower(text)) return U'l';
  if (is_upper(text)) return text.size() > 1 ? U'U' : U'C';
  return !text.empty() && is_upper(text[0]) && is_lower(text.substr(1)) ? U'C' : U'M';
}

char32_t casing(const Tokens& tokens, const Known& known) {
  if (std::none_of(tokens.begin(), tokens.end(), [](const Token& t) { return t.capital(); })) return U'l';
  int common = 0, raised = 0;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if ((known[i] & WORD) == 0 || tokens[i].text.size() <= 3) continue;
    ++common;
    raised += tokens[i].capital();
  }
  return common > 0 && 2 * raised > common ? U'T' : U'n';
}

std::vector<Text> features(const Tokens& tokens, const Known& known, int i, char32_t written) {
  const Token& token = tokens[i];
  const Bits bits = known[i];
  const Text sig = signature(bits), form = Text(1, shape(token)) + written;
  const auto [left, left_sig] = beside(tokens, known, i, -1);
  const auto [right, right_sig] = beside(tokens, known, i, 1);
  const Text far_left = beside(tokens, known, i, -2).first;
  const auto [far_right, far_right_sig] = beside(tokens, known, i, 2);
  const Text opens = i == 0 ? U"0" : tokens[i - 1].segment != token.segment ? U"1" : U"2";
  const Text named = (bits & (GIVEN | TOP)) != 0 ? U"N" : (bits & NAME) != 0 ? U"n" : U"-";
  const Text tail(right.size() > 3 ? right.substr(right.size() - 3) : right);
  std::vector<Text> out = {
      U"f" + form, U"s" + sig, U"sf" + sig + form, U"l" + left, U"r" + right, U"ll" + far_left + U"_" + left,
      U"rr" + right + U"_" + far_right, U"ls" + left_sig + form, U"rs" + right_sig + form, U"lr" + left + U"|" + right,
      U"o" + opens + form, U"on" + opens + named + form, U"nl" + named + left, U"nr" + named + right,
      U"lrs" + left_sig + U"|" + right_sig, U"nf" + named + form + right_sig, U"fr" + far_right_sig + form,
      U"g" + token.gap.substr(0, 2), U"ing" + named + opens + tail,
      U"len" + text_of(static_cast<int>(std::min<std::size_t>(token.text.size(), 12))), U"li" + left + form,
      U"ri" + right + form,
  };
  if ((bits & (DICTIONARY | TOP)) == 0) add_spelled(token.folded, out);
  return out;
}

}  // namespace obclip::second_look
