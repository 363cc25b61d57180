// New spellings: drawn out ("giiirl"), with digits ("w0man"), small capitals, spaced (edge_sdk/second_look/spellings.py).
#include "second_look/spellings.h"

#include <algorithm>
#include <unordered_map>

namespace obclip::second_look {
namespace {

constexpr std::size_t LEAST = 4;
constexpr int LEAST_SPACED = 3;

char32_t letter_for(char32_t digit) {
  switch (digit) {
    case U'0': return U'o';
    case U'1': return U'i';
    case U'3': return U'e';
    case U'4': return U'a';
    case U'5': return U's';
    case U'7': return U't';
    case U'8': return U'b';
    default: return digit;
  }
}

Text thin(View word) {
  Text out;
  for (std::size_t k = 0; k < word.size(); ++k) {
    if (k == 0 || word[k] != word[k - 1]) out += word[k];
  }
  return out;
}

struct Plain {
  std::unordered_map<Text, View> words, thin_words;
};

// Plain words with their axes, and the same with double letters made single; of equal ones the last counts.
const Plain& plain() {
  static const Plain PLAIN = [] {
    Plain made;
    std::vector<Text> order;
    for (View axis : {U"gender"sv, U"age"sv, U"ethnicity"sv, U"religion"sv}) {
      std::vector<View> words = context(Text(U"plain_") + Text(axis));
      std::sort(words.begin(), words.end());
      for (View word : words) {
        if (made.words.count(Text(word)) == 0) order.emplace_back(word);
        made.words[Text(word)] = axis;
      }
    }
    for (const Text& word : order) made.thin_words[thin(word)] = made.words[word];
    return made;
  }();
  return PLAIN;
}

View find(const std::unordered_map<Text, View>& map, const Text& word) {
  const auto found = map.find(word);
  return found == map.end() ? View() : found->second;
}

}  // namespace

View plain_spelling(View word) {
  std::size_t digits = 0;
  for (char32_t c : word) digits += is_digit(c);
  if (word.size() < LEAST || plain().words.count(Text(word)) != 0 || 2 * digits > word.size()) return {};
  Text letters;
  for (char32_t c : word) letters += letter_for(c);
  if (digits > 0 && plain().words.count(letters) != 0) return find(plain().words, letters);
  for (std::size_t k = 2; k < letters.size(); ++k) {
    if (letters[k] == letters[k - 1] && letters[k] == letters[k - 2]) return find(plain().thin_words, thin(letters));
  }
  return {};
}

View disguised(const Token& token) {
  if (is_ascii(View(token.text)) || token.folded == lower(token.text)) return {};
  return find(plain().words, token.folded);
}

void mark_spaced(const Tokens& tokens, Axes& axes, Flags& sure) {
  const int count = static_cast<int>(tokens.size());
  for (int i = 0; i < count;) {
    int k = i;
    while (k < count && tokens[k].folded.size() == 1) {
      const View gap = tokens[k].gap;
      if (k != i && !(gap.empty() || gap == U"-" || gap == U"." || gap == U"*" || gap == U"_")) break;
      ++k;
    }
    // An article before the word is a letter too: "a W O M A N".
    for (int first = i; first <= k - LEAST_SPACED; ++first) {
      Text word;
      for (int n = first; n < k; ++n) word += tokens[n].folded;
      const View axis = find(plain().words, word);
      if (axis.empty()) continue;
      for (int n = first; n < k; ++n) {
        axes[n] = Text(axis);
        sure[n] = 1;
      }
      break;
    }
    i = std::max(k, i + 1);
  }
}

}  // namespace obclip::second_look
