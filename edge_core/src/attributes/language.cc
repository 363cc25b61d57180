// Prompts that are not English (edge_sdk/attributes/language.py).
#include "attributes/language.h"

#include <algorithm>
#include <set>

#include "attributes/matching.h"

namespace obclip {
namespace {

constexpr std::size_t LONG = 4;
constexpr int ENOUGH = 3;
constexpr std::size_t MOST_SHOWN = 20;

bool latin(char32_t c) { return is_latin(c) || is_wide_latin(c); }

struct Guess {
  int score = 0;
  View name;
  std::vector<View> hits;
};

}  // namespace

std::optional<std::pair<Text, std::vector<Text>>> other_language(View prompt, const Lexicon& lex) {
  Text foreign;
  for (char32_t c : prompt) {
    if (is_alpha(c) && !latin(c)) foreign += c;
  }
  if (foreign.size() > 1) return std::pair(Text(U"another script"), std::vector<Text>{foreign.substr(0, MOST_SHOWN)});
  const Tokens found = tokens(plain(prompt));
  std::vector<View> texts;
  for (const Text& t : found.texts) {
    if (is_alpha(t[0])) texts.push_back(t);
  }
  Guess best;
  for (const auto& [name, words] : lex.languages) {
    Guess guess;
    guess.name = name;
    for (View t : texts) {
      if (words.count(t) == 0) continue;
      guess.hits.push_back(t);
      guess.score += t.size() >= LONG ? 2 : 1;
    }
    if (std::pair(guess.score, guess.name) > std::pair(best.score, best.name)) best = std::move(guess);
  }
  const auto is_hit = [&best](View t) { return std::find(best.hits.begin(), best.hits.end(), t) != best.hits.end(); };
  const auto english = std::count_if(texts.begin(), texts.end(), [&](View t) {
    return lex.phrases.find(t) != nullptr && !is_hit(t);
  });
  const bool has_long = std::any_of(best.hits.begin(), best.hits.end(), [](View t) { return t.size() >= LONG; });
  // One word is no language: English has borrowed "portrait" and "kind" from two of them.
  const bool several = std::set<View>(best.hits.begin(), best.hits.end()).size() > 1;
  const bool enough = several && best.score >= ENOUGH && best.score > english;
  if (!has_long || !enough) return std::nullopt;
  return std::pair(Text(best.name), std::vector<Text>(best.hits.begin(), best.hits.end()));
}

}  // namespace obclip
